import {
  ArgumentError,
  type ColumnDefinition,
  DataError,
  date,
  declarativeBase,
  insert,
  integer,
  json,
  MetaData,
  Session,
  sql,
  Table,
  text,
  update,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";

// Callers without types.
const given = (value: unknown) => value as never;

const schema = {
  "~standard": {
    version: 1 as const,
    vendor: "test",
    validate: (value: unknown) =>
      typeof value === "object" && value !== null && "a" in value && typeof value.a === "number"
        ? { value: value as { a: number } } // as just seen
        : { issues: [{ message: "a is a number" }] },
  },
};

onEveryDatabase("what a function makes for a column", (database) => {
  // The definitions differ in the types of their values.
  const withColumn = async (v: ColumnDefinition<any>) => {
    const engine = database.open();
    const metadata = new MetaData();
    const t = new Table("t", metadata, { id: integer().primaryKey(), n: integer(), v });
    await metadata.createAll(engine);
    const count = async () =>
      engine.begin(async (connection) => Number((await connection.execute(text("SELECT count(*) FROM t"))).scalar()));
    return { engine, t, count };
  };

  it.each([
    ["too long", varchar(3).default(() => "abcdef"), /t\.v cannot be stored in a column of type varchar\(3\)/],
    ["no date", date().default(() => "not a date"), /t\.v cannot be stored in a column of type date/],
    ["not what the schema accepts", json(schema).default(() => given({ a: "x" })), /t\.v cannot .*: a is a number/],
  ])("is refused before the INSERT: %s", async (_, column, message) => {
    const { engine, t, count } = await withColumn(column);
    const inserted = engine.begin((connection) => connection.execute(insert(t).values([{ id: 1 }, { id: 2, n: 1 }])));
    await expect(inserted).rejects.toThrow(DataError);
    await expect(inserted).rejects.toThrow(message);
    await expect(inserted).rejects.toMatchObject({ table: "t", columns: ["v"] });
    expect(await count()).toBe(0);
  });

  it("is refused before the UPDATE", async () => {
    const { engine, t } = await withColumn(varchar(3).onUpdate(() => "abcdef"));
    await engine.begin((connection) => connection.execute(insert(t).values({ id: 1, v: "a" })));
    const updated = engine.begin((connection) => connection.execute(update(t).set({ n: 1 })));
    await expect(updated).rejects.toThrow(DataError);
    await expect(updated).rejects.toThrow("t.v cannot be stored in a column of type varchar(3)");
    expect(await engine.begin(async (c) => (await c.execute(text("SELECT v FROM t"))).scalar())).toBe("a");
  });

  it("is named by the property of a mapped class", async () => {
    const Base = declarativeBase();
    class Note extends Base("note", { id: integer().primaryKey(), body: varchar(3).default(() => "abcdef") }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const inserted = engine.begin((connection) => connection.execute(insert(Note).values({ id: 1 })));
    await expect(inserted).rejects.toThrow("Note.body cannot be stored");
    await expect(inserted).rejects.toMatchObject({ className: "Note", property: "body" });
  });

  it.each([
    [
      "a promise",
      varchar(9).default(given(async () => "x")),
      /^The function of default\(\) of t\.v made a promise: .* are synchronous/,
    ],
    [
      "a promise that fails",
      varchar(9).default(given(() => Promise.reject(new Error("no")))),
      /^The function of default\(\)/,
    ],
    [
      "a promise for JSON",
      json().default(given(async () => "x")),
      /^The function of default\(\) of t\.v made a promise/,
    ],
    [
      "an expression",
      varchar(9).default(given(() => sql`'x'`)),
      /made an SQL expression; .* serverDefault\(\) and computed\(\)/,
    ],
  ])("is no %s", async (_, column, message) => {
    const { engine, t, count } = await withColumn(column);
    const inserted = engine.begin((connection) => connection.execute(insert(t).values({ id: 1 })));
    await expect(inserted).rejects.toThrow(ArgumentError);
    await expect(inserted).rejects.toThrow(message);
    expect(await count()).toBe(0);
  });

  it("is no promise in a session either", async () => {
    const Base = declarativeBase();
    class Note extends Base("note", {
      id: integer().primaryKey(),
      body: json().default(given(async () => "x")),
      seen: json().onUpdate(given(async () => "x")),
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    session.add(new Note({ id: 1 }));
    await expect(session.commit()).rejects.toThrow("default() of note.body made a promise");
    await session.rollback();
    const note = new Note({ id: 1, body: 1 });
    session.add(note);
    await session.commit();
    note.body = 2;
    await expect(session.commit()).rejects.toThrow("onUpdate() of note.seen made a promise");
  });
});
