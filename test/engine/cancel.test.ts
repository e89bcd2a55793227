import { AbortError, ArgumentError, type Engine, OperationalError, Session, TimeoutError, text } from "alkahest";
import { describe, expect, it } from "vitest";
import { onEveryDatabase, onEveryServer } from "../support/databases.ts";
import { describeOnMariadb, mariadb, openMysql2 } from "../support/mariadb.ts";
import { describeOnPostgresqlServer, openPostgresql } from "../support/postgresql.ts";

async function firstValue(engine: Engine, sql: string): Promise<unknown> {
  return engine.begin(async (connection) => [...(await connection.execute(text(sql)))].flat()[0]);
}

/** Until the server's own list of what it is doing says so. */
async function untilRunning(engine: Engine, query: string, count: number): Promise<void> {
  while (Number(await firstValue(engine, query)) !== count) await new Promise((resolve) => setTimeout(resolve, 10));
}

const errorOf = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

let markCount = 0;
const newMark = (): string => `mark_${process.pid}_${++markCount}_`;

onEveryServer("a statement that takes too long", (database, server) => {
  it("is stopped on the server", async () => {
    const engine = database.open({ engine: { statementTimeout: 100 } });
    const other = database.open();
    const mark = newMark();
    await using connection = await engine.connect();
    const error = await errorOf(connection.execute(text(server.slow(mark))));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ sql: server.slow(mark), retryable: false });
    expect(String(error)).toContain("longer than 100 ms");
    await untilRunning(other, server.running(mark), 0);
    await connection.rollback();
    expect([...(await connection.execute(text("SELECT 1")))].flat()).toEqual([1]);
    expect(engine.poolStatus()).toMatchObject({ inUse: 1, opening: 0 });
  });

  it("can be limited for one transaction of a session, or one query", async () => {
    const engine = database.open();
    const mark = newMark();
    await using session = new Session(engine);
    const once = session.execute(text(server.slow(mark)), { statementTimeout: 50 });
    expect(await errorOf(once)).toBeInstanceOf(TimeoutError);
    await session.rollback();
    const inTransaction = session.transaction(() => session.execute(text(server.slow(mark))), {
      statementTimeout: 50,
      retries: 3,
    });
    expect(await errorOf(inTransaction)).toBeInstanceOf(TimeoutError);
    await session.execute(text("SELECT 1"));
    expect(Number(await firstValue(engine, server.running(mark)))).toBe(0);
  });

  it("costs its connection if the server cannot be told", async () => {
    const engine = database.open({ around: (_, execute) => execute(), engine: { statementTimeout: 50 } });
    engine.on("connect", ({ connection }) => {
      connection.cancel = () => Promise.reject(new Error("too many connections"));
    });
    const mark = newMark();
    const error = await errorOf(engine.begin((connection) => connection.execute(text(server.slow(mark)))));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(await firstValue(engine, "SELECT 2")).toBe(2);
    expect(engine.poolStatus()).toMatchObject({ idle: 1, inUse: 0 });
  });
});

onEveryServer("a signal that is aborted", (database, server) => {
  it("stops the statement on the server", async () => {
    const engine = database.open();
    const mark = newMark();
    await using session = new Session(engine);
    const controller = new AbortController();
    const query = errorOf(session.execute(text(server.slow(mark)), { signal: controller.signal }));
    await untilRunning(engine, server.running(mark), 1);
    controller.abort(new Error("the user went away"));
    const error = await query;
    expect(error).toBeInstanceOf(AbortError);
    expect(error).toMatchObject({ name: "AbortError", code: "ALK_ABORT", cause: new Error("the user went away") });
    await untilRunning(engine, server.running(mark), 0);
    await session.rollback();
    await session.execute(text("SELECT 1"));
  });

  it("stops the wait for a lock, and the transaction with it", async () => {
    const engine = database.open();
    await engine.begin((connection) => connection.execute(text("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)")));
    await engine.begin((connection) => connection.execute(text("INSERT INTO t VALUES (1, 1), (2, 1)")));
    await using holder = await engine.connect();
    await holder.execute(text("UPDATE t SET n = 2 WHERE id = 1"));
    const mark = newMark();
    await using session = new Session(engine);
    const controller = new AbortController();
    const waiting = errorOf(
      session.transaction(
        async () => {
          await session.execute(text("UPDATE t SET n = 3 WHERE id = 2"));
          await session.execute(text(`UPDATE t SET n = 3 WHERE id = 1 /* ${mark} */`));
        },
        { signal: controller.signal, retries: 5 },
      ),
    );
    await untilRunning(engine, server.running(mark), 1);
    controller.abort();
    expect(await waiting).toBeInstanceOf(AbortError);
    await holder.commit();
    expect(await firstValue(engine, "SELECT sum(n) FROM t")).toEqual(await firstValue(engine, "SELECT sum(3)"));
  });

  it("never stops the statement after the one that was meant", async () => {
    const engine = database.open();
    await using connection = await engine.connect();
    let stopped = 0;
    for (let round = 0; round < 60; round++) {
      const controller = new AbortController();
      const unlimit = connection.limit({ signal: controller.signal });
      setTimeout(() => controller.abort(), round % 4);
      const error = await errorOf(connection.execute(text(`SELECT count(*) FROM information_schema.tables`)));
      unlimit();
      if (error instanceof AbortError) stopped++;
      if (error instanceof Error) await connection.rollback();
      expect([...(await connection.execute(text("SELECT 5")))].flat()).toEqual([5]);
    }
    expect(stopped).toBeGreaterThan(0);
    expect(engine.poolStatus().inUse).toBe(1);
  });

  it("lets statements that were sent at once run one after the other", async () => {
    const engine = database.open();
    await using connection = await engine.connect();
    await connection.execute(text("SELECT 0"));
    const mark = newMark();
    const before = connection.execute(text("SELECT 1"));
    const unlimit = connection.limit({ statementTimeout: 50 });
    const slow = errorOf(connection.execute(text(server.slow(mark))));
    const after = connection.execute(text("SELECT 3"));
    expect([...(await before)].flat()).toEqual([1]);
    expect(await slow).toBeInstanceOf(TimeoutError);
    const last = await errorOf(after);
    // PostgreSQL takes nothing more in a transaction in which something has failed.
    if (last instanceof Error) expect(last).toBeInstanceOf(OperationalError);
    unlimit();
    await connection.rollback();
    expect([...(await connection.execute(text("SELECT 4")))].flat()).toEqual([4]);
  });

  it("keeps the order of statements that were sent at once", async () => {
    const engine = database.open();
    await using connection = await engine.connect();
    await connection.execute(text("SELECT 0"));
    const seen: string[] = [];
    engine.on("statement", ({ sql }) => seen.push(sql));
    const numbers = Array.from({ length: 8 }, (_, i) => i);
    const sent = numbers.map((number) => {
      // Every other one has a limit.
      const unlimit = number % 2 === 0 ? connection.limit({ statementTimeout: 10_000 }) : () => {};
      return connection.execute(text(`SELECT ${number}`)).finally(unlimit);
    });
    const results = await Promise.all(sent);
    expect(results.map((result) => [...result].flat()[0])).toEqual(numbers);
    expect(seen).toEqual(numbers.map((number) => `SELECT ${number}`));
  });

  it("stops a stream", async () => {
    const engine = database.open();
    const mark = newMark();
    await using connection = await engine.connect();
    connection.limit({ signal: AbortSignal.timeout(50) });
    const read = async () => {
      for await (const _ of connection.stream(text(server.slow(mark))));
    };
    const error = await errorOf(read());
    expect(error).toBeInstanceOf(AbortError);
    expect(error).toHaveProperty("cause.name", "TimeoutError");
  });
});

onEveryDatabase("a signal that was aborted", (database) => {
  it("lets nothing begin any more, and undoes the transaction", async () => {
    const engine = database.openShared();
    await engine.begin((connection) => connection.execute(text("CREATE TABLE t (id INTEGER PRIMARY KEY)")));
    await using session = new Session(engine);
    const controller = new AbortController();
    const work = session.transaction(
      async () => {
        await session.execute(text("INSERT INTO t VALUES (1)"));
        controller.abort();
        await session.execute(text("INSERT INTO t VALUES (2)"));
      },
      { signal: controller.signal },
    );
    await expect(work).rejects.toThrow(AbortError);
    expect([...(await session.execute(text("SELECT * FROM t")))]).toEqual([]);
    await session.rollback();
    const never = session.execute(text("INSERT INTO t VALUES (3)"), { signal: controller.signal });
    await expect(never).rejects.toThrow(AbortError);
    await session.rollback();
    await expect(engine.begin(() => {}, { signal: controller.signal })).rejects.toThrow(AbortError);
    expect(Number(await firstValue(engine, "SELECT count(*) FROM t"))).toBe(0);
  });

  it("keeps a transaction from being committed", async () => {
    const engine = database.openShared();
    await engine.begin((connection) => connection.execute(text("CREATE TABLE t (id INTEGER PRIMARY KEY)")));
    const controller = new AbortController();
    const { signal } = controller;
    const insertAndAbort = async (run: (sql: string) => Promise<unknown>) => {
      await run("INSERT INTO t VALUES (1)");
      controller.abort();
    };
    await using session = new Session(engine);
    const inSession = session.transaction(() => insertAndAbort((sql) => session.execute(text(sql))), { signal });
    await expect(inSession).rejects.toThrow(AbortError);
    expect(Number(await firstValue(engine, "SELECT count(*) FROM t"))).toBe(0);
  });

  it("ends the wait for a connection", async () => {
    const engine = database.openShared({ engine: { pool: { size: 1 } } });
    const holder = await engine.connect();
    const controller = new AbortController();
    const waiting = [
      errorOf(engine.connect({ signal: controller.signal })),
      errorOf(new Session(engine).transaction((s) => s.execute(text("SELECT 1")), { signal: controller.signal })),
    ];
    const patient = engine.connect();
    await new Promise((resolve) => setTimeout(resolve, 1));
    controller.abort();
    for (const error of await Promise.all(waiting)) expect(error).toBeInstanceOf(AbortError);
    expect(engine.poolStatus()).toMatchObject({ inUse: 1, waiting: 1 });
    await holder.close();
    await (await patient).close();
  });
});

describeOnMariadb("mysql2", () => {
  it("stops statements on the server, too", async () => {
    const engine = openMysql2({ statementTimeout: 50 });
    const mark = newMark();
    const slow = mariadb?.server?.slow(mark) ?? "";
    await using connection = await engine.connect();
    expect(await errorOf(connection.execute(text(slow)))).toBeInstanceOf(TimeoutError);
    expect([...(await connection.execute(text("SELECT 1")))].flat()).toEqual([1]);
    expect(Number(await firstValue(openMysql2(), mariadb?.server?.running(mark) ?? ""))).toBe(0);
  });
});

describeOnPostgresqlServer("a stream of PostgreSQL", () => {
  it("is stopped between two parts and within one", async () => {
    const engine = openPostgresql();
    await using connection = await engine.connect();
    connection.limit({ statementTimeout: 200 });
    let rows = 0;
    const read = async () => {
      const query = "SELECT n, CASE WHEN n > 700 THEN pg_sleep(60) END FROM generate_series(1, 2000) AS n";
      for await (const _ of connection.stream(text(query))) rows++;
    };
    await expect(read()).rejects.toThrow(TimeoutError);
    expect(rows).toBe(500);
  });
});

describe("options of statements", () => {
  it("that make no sense are refused", async () => {
    const { createEngine } = await import("alkahest");
    await using engine = createEngine("sqlite::memory:");
    await using connection = await engine.connect();
    expect(() => connection.limit({ statementTimeout: -1 })).toThrow(ArgumentError);
    expect(() => connection.limit({ signal: "stop" as unknown as AbortSignal })).toThrow("an AbortSignal");
  });
});
