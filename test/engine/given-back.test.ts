import { ArgumentError, type Engine, type EngineEvents, literal, Session, select, text } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";

// Callers without types.
const given = (options: object) => options as never;

const firstValue = async (engine: Engine, sql: string) =>
  engine.begin(async (connection) => (await connection.execute(text(sql))).scalar());

function fail(): never {
  throw new Error("of the listener");
}

onEveryDatabase("a connection", (database) => {
  const open = () => database.open({ engine: { pool: { size: 1, timeout: 300 } } });

  it.each([
    ["statementTimeout", { statementTimeout: -1 }],
    ["statementTimeout", { statementTimeout: Number.NaN }],
    ["statementTimeout", { statementTimeout: "5" }],
    ["signal", { signal: {} }],
    ["statementTimout", { statementTimout: 5 }],
  ])("is not taken for options that are wrong: %s", async (name, options) => {
    await using engine = open();
    const taken: EngineEvents["checkout"][] = [];
    engine.on("checkout", (event) => taken.push(event));
    const begun = engine.begin(() => {}, given(options));
    await expect(begun).rejects.toThrow(ArgumentError);
    await expect(begun).rejects.toThrow(name);
    await expect(engine.connect(given(options))).rejects.toThrow(ArgumentError);
    expect([engine.poolStatus().inUse, taken]).toEqual([0, []]);
  });

  it("is not taken by a session for options that are wrong", async () => {
    await using engine = open();
    const session = new Session(engine);
    await expect(session.all(select(literal(1)), { statementTimeout: -1 })).rejects.toThrow(ArgumentError);
    expect(engine.poolStatus().inUse).toBe(0);
    expect(await session.one(select(literal(1)))).toBe(1);
    await session.close();
    expect(engine.poolStatus().inUse).toBe(0);
  });

  it.each(["checkout", "checkin"] as const)("comes back although a listener of %s fails", async (name) => {
    await using engine = open();
    engine.on(name, fail);
    await expect(engine.begin(() => {})).rejects.toThrow("of the listener");
    const session = new Session(engine);
    await session.one(select(literal(1))).catch(() => {});
    await session.close();
    expect(engine.poolStatus().inUse).toBe(0);
    engine.off(name, fail);
    expect(Number(await firstValue(engine, "SELECT 1"))).toBe(1);
  });

  it("is of use although a listener of rollback fails: the transaction is rolled back", async () => {
    await using engine = open();
    await engine.begin((connection) => connection.execute(text("CREATE TABLE t (id INTEGER PRIMARY KEY)")));
    await engine.begin((connection) => connection.execute(text("INSERT INTO t VALUES (1)")));
    const opened: EngineEvents["connect"][] = [];
    engine.on("connect", (event) => opened.push(event));
    engine.on("rollback", fail);
    const failing = engine.begin(async (connection) => {
      await connection.execute(text("INSERT INTO t VALUES (2)"));
      throw new Error("of the work");
    });
    await expect(failing).rejects.toThrow("of the work");
    const connection = await engine.connect();
    await connection.execute(text("INSERT INTO t VALUES (3)"));
    await expect(connection.rollback()).rejects.toThrow("of the listener");
    await connection.execute(text("INSERT INTO t VALUES (4)"));
    await expect(connection.close()).rejects.toThrow("of the listener");
    engine.off("rollback", fail);
    expect(Number(await firstValue(engine, "SELECT count(*) FROM t"))).toBe(1);
    expect([engine.poolStatus().inUse, opened]).toEqual([0, []]);
  });

  it("is of use although a listener of error fails", async () => {
    await using engine = open();
    engine.on("error", fail);
    await expect(firstValue(engine, "SELECT * FROM nope")).rejects.toThrow("of the listener");
    engine.off("error", fail);
    expect(engine.poolStatus().inUse).toBe(0);
    expect(Number(await firstValue(engine, "SELECT 1"))).toBe(1);
  });
});
