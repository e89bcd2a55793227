import { describe, expect, it } from "vitest";
import { ArgumentError } from "../../src/errors/index.ts";
import {
  check,
  type DdlTarget,
  foreignKey,
  foreignKeyName,
  index,
  integer,
  MetaData,
  Table,
  text,
  unique,
  varchar,
} from "../../src/schema/index.ts";

/** Tables with an `id` and a foreign key to each of the others that are named: `{ a: ["b"], b: [] }`. */
function tablesOf(references: Readonly<Record<string, readonly string[]>>): MetaData {
  const metadata = new MetaData();
  for (const [name, targets] of Object.entries(references)) {
    const columns = Object.fromEntries(targets.map((target) => [`${target}_id`, integer().references(`${target}.id`)]));
    new Table(name, metadata, { id: integer().primaryKey(), ...columns });
  }
  return metadata;
}

function sorted(references: Readonly<Record<string, readonly string[]>>): { tables: string; cyclic: string[] } {
  const { tables, cyclic } = tablesOf(references).sortedTables();
  return {
    tables: tables.map(({ name }) => name).join(" "),
    cyclic: cyclic.map((key) => `${key.table.name}>${key.referredTable.name}`),
  };
}

describe("sortedTables", () => {
  it("puts tables behind those that they refer to", () => {
    expect(sorted({ a: ["b", "c"], b: ["c"], c: [] })).toEqual({ tables: "c b a", cyclic: [] });
  });

  it("keeps the order of declaration otherwise", () => {
    expect(sorted({ z: [], y: [], a: [] })).toEqual({ tables: "z y a", cyclic: [] });
    expect(sorted({ z: ["a"], y: [], a: [] }).tables).toBe("y a z");
  });

  it("does not take a reference to the table itself for a circle", () => {
    expect(sorted({ a: ["a"] })).toEqual({ tables: "a", cyclic: [] });
  });

  it("names the foreign keys that close a circle, and no others", () => {
    expect(sorted({ widget: ["entry"], entry: ["widget"] })).toEqual({
      tables: "widget entry",
      cyclic: ["widget>entry"],
    });
    expect(sorted({ a: ["b"], b: ["c"], c: ["d"], d: ["a"] }).cyclic).toHaveLength(1);
    expect(sorted({ a: ["b"], b: ["a", "a2"], a2: [], outside: ["a"], before: [] })).toEqual({
      tables: "a2 before a b outside",
      cyclic: ["a>b"],
    });
  });

  it("cuts circles where few foreign keys are in the way", () => {
    expect(sorted({ a: ["b", "c"], b: ["c"], c: ["a"] })).toEqual({ tables: "c b a", cyclic: ["c>a"] });
  });

  it("never cuts at a table that only waits behind a circle", () => {
    expect(
      sorted({ behind: ["a"], a: ["b", "c"], b: ["a", "c"], c: ["a", "b"] }).cyclic.every(
        (key) => !key.startsWith("behind"),
      ),
    ).toBe(true);
  });

  it("always gives an order in which only the named keys point ahead, each table once", () => {
    for (let seed = 1; seed <= 200; seed++) {
      let state = seed * 7919;
      const next = (limit: number): number => {
        state = (Math.imul(state, 48271) + 11) & 0x7fffffff;
        return (state >> 8) % limit;
      };
      const names = Array.from({ length: 2 + next(7) }, (_, position) => `t${position}`);
      const references = Object.fromEntries(names.map((name) => [name, names.filter(() => next(4) === 0)]));
      const metadata = tablesOf(references);
      const { tables, cyclic } = metadata.sortedTables();
      expect(tables.map(({ name }) => name).sort()).toEqual(names);
      for (const [position, table] of tables.entries()) {
        for (const key of table.foreignKeys) {
          const pointsAhead = tables.indexOf(key.referredTable) > position;
          expect(cyclic.includes(key)).toBe(pointsAhead);
        }
      }
    }
  });

  it("leaves tables of another metadata to others", () => {
    const other = new Table("other", new MetaData(), { id: integer().primaryKey() });
    const metadata = new MetaData();
    new Table("t", metadata, { id: integer().references(other.c.id) });
    expect(metadata.sortedTables()).toMatchObject({ tables: [{ name: "t" }], cyclic: [] });
  });
});

describe("MetaData", () => {
  it("finds tables and columns by name, and says what there is when there is none", () => {
    const metadata = tablesOf({ a: [], b: ["a"] });
    expect(metadata.table("b").foreignKeys[0]?.referredTable).toBe(metadata.table("a"));
    expect(metadata.column("b.a_id")).toBe(metadata.table("b").column("a_id"));
    expect(() => metadata.table("x")).toThrow('There is no table "x"; there are "a", "b".');
    expect(() => metadata.column("a.x")).toThrow('Table "a" has no column "x"; it has "id".');
    expect(() => new MetaData().table("x")).toThrow(/there are none/);
  });

  it("looks for a table in the schema of the one that names it", () => {
    const metadata = new MetaData({ schema: "shop" });
    const a = new Table("a", metadata, { id: integer().primaryKey() });
    const b = new Table("b", metadata, { one: integer().references("a.id"), two: integer().references("shop.a.id") });
    expect(b.foreignKeys.map(({ referredTable }) => referredTable)).toEqual([a, a]);
  });

  it("has one table of each name", () => {
    const metadata = tablesOf({ a: [] });
    expect(() => new Table("a", metadata, { id: integer() })).toThrow(ArgumentError);
    expect(() => metadata.declare("a", () => metadata.table("a"))).toThrow('There is a table "a" already');
  });

  it("makes declared tables when somebody asks, in the place where they were declared", () => {
    const metadata = new MetaData();
    const made: string[] = [];
    const declare = (name: string) => {
      let table: Table | undefined;
      metadata.declare(name, () => {
        made.push(name);
        table ??= new Table(name, metadata, { id: integer().primaryKey() });
        return table;
      });
    };
    declare("a");
    new Table("b", metadata, { a: integer().references("a.id") });
    declare("c");
    expect(made).toEqual([]);
    expect(metadata.table("b").foreignKeys[0]?.referredTable.name).toBe("a");
    expect(made).toEqual(["a"]);
    expect([...metadata.tables.keys()]).toEqual(["a", "b", "c"]);
    expect(made).toEqual(["a", "c"]);
  });

  it("creates and drops its tables through an engine", async () => {
    const metadata = tablesOf({ a: [] });
    const calls: unknown[] = [];
    const target: DdlTarget = {
      createAll: async (...args) => void calls.push(["create", ...args]),
      dropAll: async (...args) => void calls.push(["drop", ...args]),
    };
    await metadata.createAll(target);
    await metadata.dropAll(target, { checkFirst: false });
    expect(calls).toEqual([
      ["create", metadata, { checkFirst: true }],
      ["drop", metadata, { checkFirst: false }],
    ]);
  });
});

describe("a naming convention", () => {
  const define = (metadata: MetaData) => {
    new Table("p", metadata, { a: integer().primaryKey(), b: integer().primaryKey() });
    return new Table(
      "t",
      metadata,
      { id: integer().primaryKey(), a: integer().unique(), b: integer().index(), note: text() },
      (c) => [
        foreignKey([c.a, c.b], ["p.a", "p.b"]),
        foreignKey([c.a], ["p.a"], { name: "given_fk" }),
        unique("given_uq", c.a, c.b),
        unique(null, c.b, c.a),
        check("positive", c.a.gt(0)),
        check(null, c.b.gt(0)),
        index(null, c.note.desc(), c.a),
      ],
    );
  };
  const names = (table: Table) => ({
    pk: table.primaryKeyName,
    fk: table.foreignKeys.map(({ name }) => name),
    uq: table.uniques.map(({ name }) => name),
    ck: table.checks.map(({ name }) => name),
    ix: table.indexes.map(({ name }) => name),
  });

  it("names what has no name, and puts given names of checks into its template", () => {
    const metadata = new MetaData({
      namingConvention: {
        ix: "ix_%(column_0_label)s",
        uq: "uq_%(table_name)s_%(column_0_N_name)s",
        ck: "ck_%(table_name)s_%(constraint_name)s",
        fk: "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s_%(referred_column_0N_name)s",
        pk: "pk_%(table_name)s",
      },
    });
    expect(names(define(metadata))).toEqual({
      pk: "pk_t",
      fk: ["fk_t_a_p_ab", "given_fk"],
      uq: ["uq_t_a", "given_uq", "uq_t_b_a"],
      ck: ["ck_t_positive", null],
      ix: ["ix_t_b", "ix_t_note"],
    });
  });

  it("is not there unless it is given; indexes have a name all the same", () => {
    expect(names(define(new MetaData()))).toEqual({
      pk: null,
      fk: [null, "given_fk"],
      uq: [null, "given_uq", null],
      ck: ["positive", null],
      ix: ["ix_t_b", "ix_t_note_a"],
    });
  });

  it("gives foreign keys a name where a database needs one", () => {
    const [unnamed, named] = define(new MetaData()).foreignKeys;
    expect(foreignKeyName(unnamed!)).toBe("fk_t_a_b_p");
    expect(foreignKeyName(named!)).toBe("given_fk");
  });

  it("keeps long names short and different", () => {
    const metadata = new MetaData({ namingConvention: { uq: "uq_%(table_name)s_%(column_0_N_name)s" } });
    const long = "x".repeat(50);
    const table = new Table(long, metadata, { [`${long}a`]: varchar(5).unique(), [`${long}b`]: varchar(5).unique() });
    const [a, b] = table.uniques.map(({ name }) => name);
    expect(a).toHaveLength(63);
    expect(b).toHaveLength(63);
    expect(a).not.toBe(b);
  });
});
