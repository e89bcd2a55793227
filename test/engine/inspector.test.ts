import {
  check,
  foreignKey,
  func,
  index,
  integer,
  MetaData,
  NoSuchTableError,
  numeric,
  sql,
  Table,
  tableOptions,
  text,
  unique,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { describeOnPostgresql, openPostgresql } from "../support/postgresql.ts";

const metadata = new MetaData();
const owner = new Table("owner", metadata, { a: integer().primaryKey(), b: varchar(5).primaryKey() });
const thing = new Table(
  "thing",
  metadata,
  {
    id: integer().primaryKey(),
    name: varchar(20)
      .notNull()
      .serverDefault("new")
      .comment("what it's called")
      .collate({ sqlite: "NOCASE", postgresql: "C", mysql: "utf8mb4_bin" }),
    price: numeric(10, 2),
    ownerA: integer("owner_a"),
    ownerB: varchar(5, "owner_b"),
    twinId: integer("twin_id").references("thing.id", { name: "thing_twin", deferrable: true, initially: "deferred" }),
  },
  (c) => [
    foreignKey([c.ownerA, c.ownerB], [owner.c.a, owner.c.b], {
      name: "thing_owner",
      onUpdate: "cascade",
      onDelete: "set null",
    }),
    unique("thing_name", c.name),
    check("thing_positive", c.price.gt("0")),
    index("thing_by_price", c.price, c.ownerA),
    index("thing_lower", func.lower(c.name), { skipIfUnsupported: true }),
    index("thing_cheap", c.price, { where: c.price.lt("10"), skipIfUnsupported: true }),
    tableOptions({ comment: "all things" }),
  ],
);
new Table("computed", metadata, {
  id: integer().primaryKey(),
  price: integer(),
  double: integer().computed(sql`price * 2`, { stored: true }),
});

onEveryDatabase("what createAll made, the inspector describes", (database) => {
  const open = async () => {
    const engine = database.open();
    await metadata.createAll(engine);
    return engine;
  };

  it("tables, views and their texts", async () => {
    const engine = await open();
    await engine.begin((connection) =>
      connection.execute(text("CREATE VIEW cheap AS SELECT id FROM thing WHERE price < 5")),
    );
    const inspector = engine.inspect();
    expect(await inspector.tableNames()).toEqual(["computed", "owner", "thing"]);
    expect(await inspector.viewNames()).toEqual(["cheap"]);
    expect(await inspector.viewDefinition("cheap")).toMatch(/^select\b[^;]*\bprice\W* < [^;]*5[^;]*$/is);
    await expect(inspector.viewDefinition("nowhere")).rejects.toThrow(NoSuchTableError);
    expect(await inspector.sequenceNames()).toEqual([]);
    expect(await inspector.enums()).toEqual([]);
    await engine.dispose();
  });

  it("columns: keys that count up, collations, comments, computed ones", async () => {
    const engine = await open();
    const inspector = engine.inspect();
    const columns = await inspector.columns("thing");
    const { comments } = database.capabilities;
    expect(columns.map(({ name, nullable, identity, computed }) => [name, nullable, identity, computed])).toEqual([
      ["id", false, "by default", null],
      ["name", false, null, null],
      ["price", true, null, null],
      ["owner_a", true, null, null],
      ["owner_b", true, null, null],
      ["twin_id", true, null, null],
    ]);
    expect(columns[1]).toMatchObject({
      collation: thing.c.name.collationIn(engine.dialect.name),
      comment: comments ? "what it's called" : null,
      default: expect.stringContaining("new"),
    });
    expect(columns[0]).toMatchObject({ collation: null, comment: null, default: null });
    expect(await inspector.tableComment("thing")).toBe(comments ? "all things" : null);
    expect(await inspector.tableComment("owner")).toBeNull();
    expect((await inspector.columns("owner")).map(({ identity }) => identity)).toEqual([null, null]);
    const [, , double] = await inspector.columns("computed");
    expect(double).toMatchObject({
      name: "double",
      default: null,
      computed: { stored: true, expression: expect.stringMatching(/^\W*price\W* \* 2\W*$/) },
    });
    await engine.dispose();
  });

  it("keys, with what they do and when they are checked", async () => {
    const engine = await open();
    const inspector = engine.inspect();
    const { deferrableForeignKeyDdl } = engine.dialect.capabilities;
    expect(await inspector.primaryKey("owner")).toEqual(["a", "b"]);
    const foreignKeys = await inspector.foreignKeys("thing");
    const byName = [...foreignKeys].sort((a, b) => String(a.name).localeCompare(String(b.name)));
    expect(byName).toEqual([
      {
        name: "thing_owner",
        columns: ["owner_a", "owner_b"],
        referredSchema: null,
        referredTable: "owner",
        referredColumns: ["a", "b"],
        onUpdate: "CASCADE",
        onDelete: "SET NULL",
        deferrable: false,
        initiallyDeferred: false,
      },
      {
        name: "thing_twin",
        columns: ["twin_id"],
        referredSchema: null,
        referredTable: "thing",
        referredColumns: ["id"],
        onUpdate: expect.stringMatching(/^(NO ACTION|RESTRICT)$/),
        onDelete: expect.stringMatching(/^(NO ACTION|RESTRICT)$/),
        deferrable: deferrableForeignKeyDdl,
        initiallyDeferred: deferrableForeignKeyDdl,
      },
    ]);
    expect(await inspector.uniqueConstraints("thing")).toEqual([
      { name: "thing_name", columns: ["name"], deferrable: false, initiallyDeferred: false },
    ]);
    const [positive] = await inspector.checks("thing");
    expect(positive).toMatchObject({ name: "thing_positive", expression: expect.stringMatching(/price\b.* > /) });
    await engine.dispose();
  });

  it("indexes, with expressions and conditions", async () => {
    const engine = await open();
    const { partialIndexes, expressionIndexes } = engine.dialect.capabilities;
    const indexes = await engine.inspect().indexes("thing");
    const byName = [...indexes].sort((a, b) => a.name.localeCompare(b.name));
    expect(byName).toEqual([
      { name: "thing_by_price", unique: false, columns: ["price", "owner_a"], expressions: [], where: null },
      ...(partialIndexes
        ? [
            {
              name: "thing_cheap",
              unique: false,
              columns: ["price"],
              expressions: [],
              where: expect.stringMatching(/price\b.* < .*10/),
            },
          ]
        : []),
      ...(expressionIndexes
        ? [
            {
              name: "thing_lower",
              unique: false,
              columns: [null],
              expressions: [expect.stringMatching(/^lower\(name/)],
              where: null,
            },
          ]
        : []),
    ]);
    await engine.dispose();
  });
});

describeOnPostgresql("what only PostgreSQL has, the inspector describes", () => {
  it("sequences, without those of keys, and enums", async () => {
    const engine = openPostgresql();
    await metadata.createAll(engine);
    await engine.begin((connection) =>
      connection.execute(text("CREATE SEQUENCE numbers; CREATE TYPE mood AS ENUM ('sad', 'it''s ok', 'happy')")),
    );
    const inspector = engine.inspect();
    expect(await inspector.sequenceNames()).toEqual(["numbers"]);
    expect(await inspector.enums()).toEqual([{ name: "mood", values: ["sad", "it's ok", "happy"] }]);
  });

  it("identity columns that take no values, and unique keys that can wait", async () => {
    const engine = openPostgresql();
    await engine.begin((connection) =>
      connection.execute(
        text(`CREATE TABLE t (id integer GENERATED ALWAYS AS IDENTITY, n integer,
          CONSTRAINT t_n UNIQUE (n) DEFERRABLE INITIALLY IMMEDIATE)`),
      ),
    );
    const inspector = engine.inspect();
    expect((await inspector.columns("t"))[0]).toMatchObject({ identity: "always", default: null });
    expect(await inspector.uniqueConstraints("t")).toEqual([
      { name: "t_n", columns: ["n"], deferrable: true, initiallyDeferred: false },
    ]);
  });
});
