import { beforeEach, describe, expect, expectTypeOf, it } from "vitest";
import type { Connection } from "../../src/engine/index.ts";
import {
  DataError,
  MultipleResultsFound,
  NoResultFound,
  NotNullViolation,
  ProgrammingError,
} from "../../src/errors/index.ts";
import { func } from "../../src/expression/func.ts";
import {
  bigint,
  foreignKey,
  integer,
  json,
  MetaData,
  numeric,
  Table,
  timestamp,
  unique,
  varchar,
} from "../../src/schema/index.ts";
import { deleteFrom } from "../../src/statement/delete.ts";
import { insert } from "../../src/statement/insert.ts";
import { select } from "../../src/statement/select.ts";
import { text } from "../../src/statement/text.ts";
import { update } from "../../src/statement/update.ts";
import { memoryEngine } from "./support.ts";

const metadata = new MetaData();
const users = new Table("users", metadata, {
  id: integer().primaryKey(),
  name: varchar(50).notNull(),
  big: bigint(),
  price: numeric(10, 2),
  born: timestamp(),
  extra: json<{ tags: string[] }>(),
});

describe("executing statements", () => {
  let connection: Connection;

  beforeEach(async () => {
    const engine = memoryEngine();
    await metadata.createAll(engine);
    connection = await engine.connect();
    await connection.execute(
      insert(users).values([
        {
          id: 1,
          name: "ed",
          big: 9007199254740993n,
          price: "1.5",
          born: new Date("2000-01-01T00:00:00Z"),
          extra: { tags: ["a"] },
        },
        { id: 2, name: "wendy", big: 2n },
        { id: 3, name: "mary" },
      ]),
    );
  });

  it("gives tuples, decoded", async () => {
    const result = await connection.execute(select(users.c.id, users.c.name, users.c.big).orderBy(users.c.id));
    expectTypeOf(result.all()).toEqualTypeOf<[number, string, bigint | null][]>();
    expect(result.all()).toEqual([
      [1, "ed", 9007199254740993n],
      [2, "wendy", 2n],
      [3, "mary", null],
    ]);
    expect(result.columns).toEqual(["id", "name", "big"]);
    expect(result.rowCount).toBe(3);
    expect([...result]).toEqual(result.all());
  });

  it("gives objects when an object is asked for", async () => {
    const result = await connection.execute(
      select({ who: users.c.name, when: users.c.born, n: func.count() }).where(users.c.id.eq(1)),
    );
    expect(result.one()).toEqual({ who: "ed", when: new Date("2000-01-01T00:00:00Z"), n: 1 });
  });

  it("gives objects for a whole table", async () => {
    const result = await connection.execute(select(users).where(users.c.id.eq(1)));
    expect(result.one()).toEqual({
      id: 1,
      name: "ed",
      big: 9007199254740993n,
      price: "1.50",
      born: new Date("2000-01-01T00:00:00Z"),
      extra: { tags: ["a"] },
    });
  });

  it("has first, one, oneOrNull, scalars and mappings", async () => {
    const all = await connection.execute(select(users.c.name, users.c.id).orderBy(users.c.id));
    const none = await connection.execute(select(users.c.name).where(users.c.id.eq(99)));
    const one = await connection.execute(select(users.c.name).where(users.c.id.eq(2)));
    expect(all.first()).toEqual(["ed", 1]);
    expect(none.first()).toBeNull();
    expect(one.one()).toEqual(["wendy"]);
    expect(none.oneOrNull()).toBeNull();
    expect(() => none.one()).toThrow(NoResultFound);
    expect(() => all.one()).toThrow(MultipleResultsFound);
    expect(() => all.oneOrNull()).toThrow("3 rows");
    expect(all.scalars()).toEqual(["ed", "wendy", "mary"]);
    expect(one.scalar()).toBe("wendy");
    expect(none.scalar()).toBeNull();
    expect(all.mappings()[0]).toEqual({ name: "ed", id: 1 });
  });

  it("counts rows that were changed", async () => {
    expect((await connection.execute(update(users).set({ name: "x" }).where(users.c.id.lt(3)))).rowCount).toBe(2);
    expect((await connection.execute(deleteFrom(users).where(users.c.id.eq(3)))).rowCount).toBe(1);
    const inserted = await connection.execute(insert(users).values({ name: "new" }));
    expect(inserted.rowCount).toBe(1);
    expect(inserted.lastInsertId).toBe(3);
  });

  it("returns rows from an insert", async () => {
    const result = await connection.execute(
      insert(users).values({ name: "new", big: 9007199254740993n }).returning(users.c.id, users.c.big),
    );
    expect(result.all()).toEqual([[4, 9007199254740993n]]);
  });

  it("runs raw SQL with parameters, given early or late", async () => {
    const statement = text("SELECT name, :a || 'x' AS label FROM users WHERE id = :id", { a: 1 });
    const result = await connection.execute(statement, { id: 2 });
    expect(result.all()).toEqual([["wendy", "1x"]]);
    expect(result.mappings()).toEqual([{ name: "wendy", label: "1x" }]);
    expect((await connection.execute(statement, { id: 3 })).scalar()).toBe("mary");
  });

  it("gives integers of raw SQL exactly", async () => {
    const result = await connection.execute(text("SELECT big, id FROM users WHERE id = 1"));
    expect(result.all()).toEqual([[9007199254740993n, 1]]);
  });

  it("never rounds an integer silently", async () => {
    await connection.run("INSERT INTO users (id, name) VALUES (9007199254740993, 'far')", []);
    await expect(connection.execute(select(users.c.id).where(users.c.name.eq("far")))).rejects.toThrow(DataError);
  });

  it("reports errors with statement and parameters", async () => {
    const error = await connection
      .execute(text("INSERT INTO users (id) VALUES (:id)", { id: 7 }))
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(NotNullViolation);
    expect(error).toMatchObject({ table: "users", columns: ["name"], sql: "INSERT INTO users (id) VALUES (?)" });
    await expect(connection.execute(text("SELECT 1; SELECT 2"))).rejects.toThrow(ProgrammingError);
  });

  it("names the constraint, where the metadata knows it", async () => {
    const twins = new Table("twins", new MetaData(), { id: integer().primaryKey(), user_id: integer() }, (c) => [
      unique("twins_uk", c.user_id),
      foreignKey([c.user_id], [users.c.id], { name: "fk_user" }),
    ]);
    await twins.metadata.createAll(connection);
    await connection.execute(insert(twins).values({ id: 1, user_id: 1 }));
    await expect(connection.execute(insert(twins).values({ id: 2, user_id: 1 }))).rejects.toMatchObject({
      code: "ALK_UNIQUE_VIOLATION",
      constraint: "twins_uk",
    });
    await expect(connection.execute(insert(twins).values({ id: 3, user_id: 99 }))).rejects.toMatchObject({
      code: "ALK_FOREIGN_KEY_VIOLATION",
      constraint: "fk_user",
      columns: ["user_id"],
    });
  });

  it("refuses what is no statement, and says how raw SQL is written", async () => {
    for (const value of ["select 1", text("one"), null]) {
      // As callers without types may do it.
      await expect(connection.execute(value as never)).rejects.toThrow('text("select 1")');
    }
  });

  it("says which value cannot be stored", async () => {
    // A value that its type forbids, as JavaScript callers may give it.
    const wrong = insert(users).values({ id: 1.5 as number, name: "x" });
    const error = await connection.execute(wrong).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DataError);
    expect(String(error)).toContain("expected a whole number, got the number 1.5");
  });

  it("streams rows", async () => {
    const names: string[] = [];
    for await (const [name, big] of connection.stream(select(users.c.name, users.c.big).orderBy(users.c.id))) {
      names.push(`${name} ${big}`);
      await connection.execute(update(users).set({ name: "seen" }).where(users.c.name.eq(name)));
      if (names.length === 2) break;
    }
    expect(names).toEqual(["ed 9007199254740993", "wendy 2"]);
    const rest: unknown[] = [];
    for await (const row of connection.stream(select({ who: users.c.name }))) rest.push(row);
    expect(rest).toEqual([{ who: "seen" }, { who: "seen" }, { who: "mary" }]);
  });

  it("translates the errors of a stream", async () => {
    const read = async () => {
      for await (const _ of connection.stream(text("SELECT * FROM missing"))) break;
    };
    await expect(read()).rejects.toMatchObject({ code: "ALK_NO_SUCH_TABLE" });
  });
});
