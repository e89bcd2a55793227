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
  foreignKey,
  func,
  insert,
  integer,
  lateral,
  MetaData,
  over,
  Session,
  select,
  subquery,
  Table,
  text,
  union,
  unionAll,
} from "alkahest";
import { describe, expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";

const items = new Table("item", new MetaData(), { id: integer().primaryKey(), n: integer() });
class Plain {}
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
  ])("%s", (place, action, nearest) => {
    expect(messageOf(action)).toMatch(`${place} has no option "`);
    expect(messageOf(action)).toMatch(`Did you mean "${nearest}"?`);
  });

  it("transaction()", async () => {
    const failing = new Session(engine).transaction(async () => {}, given({ retires: 3 }));
    await expect(failing).rejects.toThrow('transaction() has no option "retires". Did you mean "retries"?');
  });

  it("and so is what is no object", () => {
    expect(messageOf(() => createEngine("sqlite::memory:", none))).toBe(
      "createEngine() takes its options as an object, not null.",
    );
    expect(messageOf(() => new Session(engine, none))).toMatch(/^new Session\(\) takes its options/);
    expect(messageOf(() => declarativeBase(none))).toMatch(/^declarativeBase\(\) takes its options/);
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
