import { ArgumentError, type Connection, type Engine, SerializationError, sql, text } from "alkahest";
import { nodePostgres } from "alkahest/postgresql";
import { describe, expect, it } from "vitest";
import { PreparedStatements } from "../../../src/dialects/postgresql/prepared-statements.ts";
import { describeOnPostgresqlServer, openPostgresql } from "../../support/postgresql.ts";

describe("the prepared statements of a connection", () => {
  it("are made of texts that come again", () => {
    const prepared = new PreparedStatements(2);
    expect(prepared.nameOf("a")).toBeNull();
    const name = prepared.nameOf("a");
    expect(name).not.toBeNull();
    expect(prepared.nameOf("a")).toBe(name);
  });

  it("are closed when there are too many, the one used longest ago first", () => {
    const prepared = new PreparedStatements(2);
    const prepare = (statement: string) => {
      prepared.nameOf(statement);
      const name = prepared.nameOf(statement) ?? "";
      prepared.confirm(statement, name);
      return name;
    };
    const [a, b] = [prepare("a"), prepare("b")];
    expect(prepared.nameOf("a")).toBe(a);
    prepare("c");
    expect(prepared.takeClosed()).toEqual([b]);
    expect(prepared.takeClosed()).toEqual([]);
  });

  it("are none with a limit of 0, and none of long texts", () => {
    const none = new PreparedStatements(0);
    const some = new PreparedStatements(10);
    const long = "?".repeat(20_000);
    expect([none.nameOf("a"), none.nameOf("a"), some.nameOf(long), some.nameOf(long)]).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect(() => nodePostgres({ preparedStatements: -1 })).toThrow(ArgumentError);
  });
});

describeOnPostgresqlServer("prepared statements on PostgreSQL", () => {
  const open = (preparedStatements?: number): Engine =>
    openPostgresql({ driver: nodePostgres(preparedStatements === undefined ? {} : { preparedStatements }) });

  /** The texts that the server has prepared for the connection. */
  async function preparedOn(connection: Connection): Promise<string[]> {
    const result = await connection.execute(text("SELECT statement FROM pg_prepared_statements ORDER BY prepare_time"));
    return result.scalars() as string[];
  }

  it("are used from the second execution on", async () => {
    await using connection = await open().connect();
    for (const n of [1, 2, 3]) {
      expect((await connection.execute(sql`SELECT ${n} + 1`)).scalar()).toBe(n + 1);
      await connection.commit();
    }
    expect(await preparedOn(connection)).toEqual([expect.stringContaining("+ 1")]);
  });

  it("are no more than was asked for, however many texts there are", async () => {
    const engine = open(3);
    const connection = await engine.connect();
    for (let n = 0; n < 10; n++) {
      for (let time = 0; time < 3; time++) await connection.run(`SELECT $1 + ${n}`, [time]);
    }
    expect((await preparedOn(connection)).length).toBe(3);
    await connection.close();
  });

  it("are none with 0", async () => {
    await using connection = await open(0).connect();
    for (const n of [1, 2, 3]) await connection.execute(sql`SELECT ${n} + 1`);
    expect(await preparedOn(connection)).toEqual([]);
  });

  it("follow the schema when their own connection changes it, and when the change is taken back", async () => {
    await using connection = await open().connect();
    await connection.execute(sql`CREATE TABLE t (v integer); INSERT INTO t VALUES (1)`);
    await connection.commit();
    const read = async () => (await connection.execute(sql`SELECT v FROM t WHERE v::text = ${"1"}`)).scalar();
    for (let time = 0; time < 3; time++) expect(await read()).toBe(1);
    await connection.execute(sql`ALTER TABLE t ALTER v TYPE text`);
    for (let time = 0; time < 3; time++) expect(await read()).toBe("1");
    await connection.rollback();
    for (let time = 0; time < 3; time++) expect(await read()).toBe(1);
    await connection.execute(sql`DROP TABLE t`);
    await connection.execute(sql`CREATE TABLE t (v text); INSERT INTO t VALUES ('1')`);
    await connection.commit();
    for (let time = 0; time < 3; time++) expect(await read()).toBe("1");
  });

  it("fail once when another connection has changed the schema, in a way that retries", async () => {
    const engine = open();
    await using connection = await engine.connect();
    await connection.execute(sql`CREATE TABLE t (v integer); INSERT INTO t VALUES (1)`);
    await connection.commit();
    const read = async () => (await connection.execute(sql`SELECT v FROM t WHERE v::text = ${"1"}`)).scalar();
    for (let time = 0; time < 3; time++) expect(await read()).toBe(1);
    await connection.commit();
    await engine.begin((other) => other.execute(sql`ALTER TABLE t ALTER v TYPE text`));
    const error = await read().catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(SerializationError);
    expect(error).toMatchObject({ retryable: true, message: expect.stringContaining("prepared anew") });
    await connection.rollback();
    for (let time = 0; time < 3; time++) expect(await read()).toBe("1");
  });

  it("are made anew outside of a transaction, where nothing is lost", async () => {
    const engine = open();
    await engine.begin((other) => other.execute(sql`CREATE TABLE t (v integer); INSERT INTO t VALUES (1)`));
    // Nothing but the driver: an engine's connection is always in a transaction.
    let read: (() => Promise<unknown>) | undefined;
    engine.on("connect", ({ connection }) => {
      read ??= async () => (await connection.execute("SELECT v FROM t WHERE v::text = $1", ["1"])).rows[0]?.[0];
    });
    await using _holder = await engine.connect();
    await using other = await engine.connect();
    for (let time = 0; time < 3; time++) expect(await read?.()).toBe("1");
    await other.execute(sql`ALTER TABLE t ALTER v TYPE varchar(10) USING 'x' || v; UPDATE t SET v = '1'`);
    await other.commit();
    for (let time = 0; time < 3; time++) expect(await read?.()).toBe("1");
  });

  it("are forgotten with DISCARD ALL, and made anew", async () => {
    const engine = open();
    let discard: (() => unknown) | undefined;
    engine.on("connect", ({ connection }) => {
      discard ??= () => connection.execute("DISCARD ALL", []);
    });
    await using connection = await engine.connect();
    const read = async () => (await connection.execute(sql`SELECT ${1} + 1`)).scalar();
    for (let time = 0; time < 3; time++) expect(await read()).toBe(2);
    await connection.commit();
    await discard?.();
    for (let time = 0; time < 3; time++) expect(await read()).toBe(2);
  });

  it("do not survive a failed transaction wrongly", async () => {
    await using connection = await open().connect();
    const divide = async (by: number) => (await connection.execute(sql`SELECT 10 / ${by}::integer`)).scalar();
    for (const by of [0, 0, 0]) {
      await expect(divide(by)).rejects.toThrow(/zero/);
      await connection.rollback();
    }
    for (const by of [1, 2, 5]) expect(await divide(by)).toBe(10 / by);
    expect((await preparedOn(connection)).length).toBe(1);
  });
});
