import {
  AlkahestError,
  ArgumentError,
  array,
  caseWhen,
  createEngine,
  cte,
  declarativeBase,
  defineType,
  exists,
  filter,
  foreignKey,
  func,
  index,
  insert,
  integer,
  lateral,
  MetaData,
  over,
  Session,
  select,
  sql,
  subquery,
  Table,
  text,
  union,
  unionAll,
  unique,
  update,
  values,
  varchar,
} from "alkahest";
import { describe, expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";

const items = new Table("item", new MetaData(), { id: integer().primaryKey(), n: integer() });
class Plain {}
const columns = { id: integer().primaryKey() };
const conflict = { target: [items.c.id], set: { n: 1 } };
const query = select(items.c.id);
const engine = createEngine("sqlite::memory:");

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(ArgumentError);
    return error instanceof AlkahestError ? error.message : "";
  }
  throw new Error("nothing was thrown");
}

// Callers without types.
const none = null as never;
const given = (options: object) => options as never;

describe("an option that does not exist is refused with the nearest one", () => {
  it.each([
    ["createEngine()", () => createEngine("sqlite::memory:", given({ ehco: true })), "echo"],
    ["pool", () => createEngine("sqlite::memory:", { pool: given({ timeOut: 5 }) }), "timeout"],
    ["new Session()", () => new Session(engine, given({ autoFlush: false })), "autoflush"],
    ["references()", () => integer().references("item.id", given({ ondelete: "cascade" })), "onDelete"],
    ["foreignKey()", () => foreignKey([items.c.n], ["item.id"], given({ ondelete: "cascade" })), "onDelete"],
    ["declarativeBase()", () => declarativeBase(given({ shema: "app" })), "schema"],
    ["new MetaData()", () => new MetaData(given({ shema: "app" })), "schema"],
    ["new Table()", () => new Table("t", new MetaData(), columns, undefined, given({ shema: "app" })), "schema"],
    ["forUpdate()", () => query.forUpdate(given({ skipLock: true })), "skipLocked"],
    ["onConflictDoNothing()", () => insert(items).onConflictDoNothing(given({ targt: [items.c.id] })), "target"],
    ["onConflictDoUpdate()", () => insert(items).onConflictDoUpdate(given({ ...conflict, wher: items.c.n })), "where"],
    ["over()", () => over(func.count(), given({ partition: [items.c.n] })), "partitionBy"],
    ["over({ frame })", () => over(func.count(), { frame: given({ unti: "rows" }) }), "unit"],
    ["identity()", () => integer().identity(given({ strt: 5 })), "start"],
    ["unique()", () => integer().unique(given({ nullNotDistinct: true })), "nullsNotDistinct"],
    ["index()", () => integer().index(given({ uniqe: true })), "unique"],
    ["computed()", () => integer().computed(sql`1`, given({ store: true })), "stored"],
    ["unique()", () => unique("u", items.c.n, given({ deferable: true })), "deferrable"],
    ["index()", () => index("i", items.c.n, given({ whre: items.c.n.gt(1) })), "where"],
    ["collate()", () => varchar(3).collate({ sqlit: "NOCASE" }), "sqlite", "dialect"],
    ["collate()", () => varchar(3).collate({ postgres: "C" }), "postgresql", "dialect"],
  ])("%s", (place, action, nearest, thing = "option") => {
    expect(messageOf(action)).toContain(`${place} has no ${thing} "`);
    expect(messageOf(action)).toMatch(`Did you mean "${nearest}"?`);
  });

  it("transaction()", async () => {
    const failing = new Session(engine).transaction(async () => {}, given({ retires: 3 }));
    await expect(failing).rejects.toThrow('transaction() has no option "retires". Did you mean "retries"?');
  });

  it("begin(), createAll() and dropAll()", async () => {
    const begun = engine.begin(() => {}, given({ isolatio: "serializable" }));
    await expect(begun).rejects.toThrow('begin() has no option "isolatio". Did you mean "isolation"?');
    await using connection = await engine.connect();
    await expect(connection.begin(given({ readonly: true }))).rejects.toThrow('Did you mean "readOnly"?');
    const options = given({ checkfirst: false });
    for (const target of [engine, connection]) {
      for (const method of ["createAll", "dropAll"] as const) {
        const message = `${method}() has no option "checkfirst". Did you mean "checkFirst"?`;
        await expect(items.metadata[method](target, options)).rejects.toThrow(message);
        await expect(target[method](items.metadata, options)).rejects.toThrow(message);
      }
    }
  });

  it("and so is what is no object", () => {
    expect(messageOf(() => createEngine("sqlite::memory:", none))).toBe(
      "createEngine() takes its options as an object, not null.",
    );
    expect(messageOf(() => new Session(engine, none))).toMatch(/^new Session\(\) takes its options/);
    expect(messageOf(() => declarativeBase(none))).toMatch(/^declarativeBase\(\) takes its options/);
    expect(messageOf(() => integer().unique("u" as never))).toMatch(/^unique\(\) takes its options/);
  });
});

describe("an option of a few words is one of them", () => {
  it.each([
    [() => integer().references("item.id", given({ onDelete: "casade" })), "references({ onDelete })", "cascade"],
    [() => integer().references("item.id", given({ onUpdate: "setnull" })), "references({ onUpdate })", "set null"],
    [() => integer().references("item.id", given({ initially: "defered" })), "references({ initially })", "deferred"],
    [() => foreignKey([items.c.n], ["item.id"], given({ match: "ful" })), "foreignKey({ match })", "full"],
    [() => unique("u", items.c.n, given({ initially: "imediate" })), "unique({ initially })", "immediate"],
    [() => integer().autoincrement("ignorefk" as never), "autoincrement()", "ignoreFk"],
    [() => over(func.count(), { frame: given({ unit: "row", from: 0, to: 0 }) }), "over({ frame: { unit } })", "rows"],
  ])("%s", (action, place, nearest) => {
    expect(messageOf(action)).toContain(`${place} cannot be the string "`);
    expect(messageOf(action)).toContain(`Did you mean "${nearest}"?`);
  });

  it("and so is a number one", () => {
    expect(messageOf(() => integer().references("item.id", given({ onDelete: 5 })))).toMatch(
      "references({ onDelete }) cannot be the number 5. There are: cascade, set null,",
    );
    expect(messageOf(() => integer().identity(given({ start: "1" })))).toBe(
      'identity({ start }) is a whole number, not the string "1".',
    );
  });
});

describe("rows are objects of values by column", () => {
  it.each([
    ["a Set", () => insert(items).values(new Set([{ id: 5 }]) as never)],
    ["a Map", () => insert(items).values(new Map([["id", 5]]) as never)],
    ["a Promise", () => insert(items).values(Promise.resolve({ id: 5 }) as never)],
    ["a Map", () => update(items).set(new Map([["id", 5]]) as never)],
    ["a Map", () => values({ id: integer() }, [new Map([["id", 5]]) as never])],
    ["null", () => values({ id: integer() }, [none])],
    ["null", () => values(none, [])],
  ])("not %s", (what, action) => {
    expect(messageOf(action)).toMatch(
      new RegExp(`^(values|set)\\(\\) takes an object of values by column, not ${what}\\.$`),
    );
  });

  it("of columns that there are, in values() as a table", () => {
    const row = { label: "S", lable: "M" };
    expect(messageOf(() => values({ label: varchar(1) }, [row]))).toBe(
      'values() has no column "lable". Did you mean "label"?',
    );
    expect(messageOf(() => values({ label: varchar as never }, [{ label: "S" } as never]))).toBe(
      "values() takes a type for each column, such as { label: integer() }.",
    );
    expect(messageOf(() => values({ label: varchar(1) }, { label: "S" } as never))).toMatch(
      /takes a list, not a plain/,
    );
  });
});

describe("an argument that is left out, or of another kind, is named", () => {
  const { label } = new Table("x", new MetaData(), { label: varchar(9) }).c;

  it.each([
    [() => label.startsWith(none), "startsWith() takes a string, not null; for an expression there is like()."],
    [() => label.endsWith(label as never), "endsWith() takes a string, not a Column"],
    [() => label.contains(5 as never), "contains() takes a string, not the number 5"],
    [() => label.as(undefined as never), "as() takes a name, not undefined."],
    [() => label.collate(undefined as never), "collate() takes a name, not undefined."],
    [() => label.cast(undefined as never), "cast() takes a type, such as integer() or varchar(50), not undefined."],
    [() => label.cast("integer" as never), 'varchar(50), not the string "integer".'],
    [() => label.cast(integer as never), "varchar(50), not a function."],
    [() => func.call("f", none), "func.call() takes a type, such as integer()"],
    [() => filter(label as never, items.c.n.gt(1)), "filter() takes an aggregate, such as func.count(), not a Column"],
    [() => varchar(3).collate(none), 'names by dialect such as { sqlite: "NOCASE" }, not null.'],
    [() => varchar(3).collate({ sqlite: none }), "collate({ sqlite }) is the name of a collation, not null."],
    [() => new Table("x", columns as never, none), 'write new Table("x", new MetaData(), { ... }).'],
    [
      () => new Table("x", new MetaData(), columns, (c) => unique("u", c.id) as never).uniques,
      'new Table("x"), for its constraints, takes a list, not a plain object: write (c) => [unique("...", c.name)].',
    ],
  ])("%s", (action, message) => {
    expect(messageOf(action)).toContain(message);
  });

  it("begin() without its function, or with no options", async () => {
    await expect(engine.begin(none)).rejects.toThrow(
      "begin() takes a function, not null: write begin(async (connection) => { ... }).",
    );
    await expect(engine.begin(() => {}, none)).rejects.toThrow("begin() takes its options as an object, not null.");
  });
});

describe("a list is written as one, also of one column", () => {
  const column = items.c.n as never;

  it.each([
    [() => insert(items).onConflictDoNothing({ target: column }), "target: [User.c.email]"],
    [() => insert(items).onConflictDoUpdate({ target: column, set: { n: 1 } }), "target: [User.c.email]"],
    [() => over(func.rowNumber(), { orderBy: column }), "orderBy: [Sale.c.day]"],
    [() => over(func.rowNumber(), { partitionBy: column }), "partitionBy: [Sale.c.year]"],
    [() => foreignKey(column, column), "foreignKey([Line.c.orderId], [Order.c.id])"],
    [() => caseWhen(none), "caseWhen([[condition, value]], otherwise)"],
  ])("%s", (action, written) => {
    expect(messageOf(action)).toMatch(/takes a list, not/);
    expect(messageOf(action)).toContain(`write ${written}.`);
  });
});

describe("a query is one", () => {
  it.each([
    ["union()", () => union(none)],
    ["unionAll()", () => (unionAll as () => unknown)()],
    ["UNION", () => union(query, none)],
    ["EXCEPT", () => query.except(5 as never)],
    ["cte()", () => cte(none)],
    ["subquery()", () => subquery(Plain as never)],
    ["lateral()", () => lateral(none)],
    ["exists()", () => exists(Plain as never)],
  ])("%s", (place, action) => {
    const message = messageOf(action);
    expect(message).toMatch(`${place} takes a query, not `);
    expect(message).toMatch(/(null|undefined|the number 5|the class Plain): write select\(\.\.\.\)\.$/);
  });
});

describe("a type", () => {
  it("is made of others, and of functions", () => {
    expect(messageOf(() => array(none))).toBe("array() takes the type of its elements, such as integer(), not null.");
    expect(messageOf(() => array(integer as never))).toMatch(/such as integer\(\), not a function/);
    expect(messageOf(() => defineType(none))).toMatch(/takes an object with ddl and the functions bind and result/);
    expect(messageOf(() => defineType(given({ ddl: "text" })))).toMatch(/bind and result/);
  });
});

describe("a naming convention", () => {
  it("has tokens that exist, and names kinds of constraints", () => {
    const named = (convention: object) => messageOf(() => new MetaData({ namingConvention: convention }));
    expect(named({ uq: "uq_%(nope)s" })).toMatch(
      /^namingConvention\.uq has the token %\(nope\)s, which does not exist\. There are: table_name, /,
    );
    expect(named({ fk: "fk_%(tabel_name)s" })).toMatch('Did you mean "table_name"?');
    expect(named({ unique: "x" })).toBe('namingConvention has "unique", which is none of ix, uq, ck, fk, pk.');
    expect(() => new MetaData({ namingConvention: { ix: "%(column_1_label)s_%(column_0N_key)s" } })).not.toThrow();
  });
});

onEveryDatabase("statements and tables", (db) => {
  it("createAll() takes an engine", async () => {
    await expect(new MetaData().createAll(none)).rejects.toThrow(
      "createAll() takes an engine or a connection, not null.",
    );
  });

  it("a single word in text() is no statement", async () => {
    const failing = db.open().begin((connection) => connection.execute(text("VACUUM") as never));
    await expect(failing).rejects.toThrow('a statement of one word as text("VACUUM", {}).');
  });
});
