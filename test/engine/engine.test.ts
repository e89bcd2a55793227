import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { betterSqlite3 } from "../../src/dialects/sqlite/better-sqlite3.ts";
import {
  type Connection,
  createEngine,
  type Engine,
  type EngineEventName,
  type EngineEvents,
  registerDialect,
} from "../../src/engine/index.ts";
import {
  ArgumentError,
  ForeignKeyViolation,
  InvalidStateError,
  MissingDriverError,
  NoSuchTableError,
  OperationalError,
  TimeoutError,
} from "../../src/errors/index.ts";
import { text } from "../../src/statement/text.ts";
import { fileEngine, loggedEngine, memoryEngine } from "./support.ts";

describe("createEngine", () => {
  it("opens nothing before the first use", async () => {
    const engine = createEngine("sqlite:////no/such/folder/app.db");
    const error = await engine.connect().catch((error: unknown) => error);
    expect(error).toBeInstanceOf(OperationalError);
    expect(String(error)).toContain("/no/such/folder/app.db");
    await engine.dispose();
  });

  it.each([
    ["nonsense", "has no scheme"],
    ["", "has no scheme"],
    ["oracle://host/db", '"oracle" is none of sqlite'],
    ["sqlite:file.db", "three slashes"],
  ])("refuses %j and says what to write", (url, message) => {
    expect(() => createEngine(url)).toThrow(ArgumentError);
    expect(() => createEngine(url)).toThrow(message);
  });

  it("refuses several connections to a database in memory", () => {
    expect(() => createEngine("sqlite::memory:", { pool: { size: 2 } })).toThrow("one connection");
    expect(() => createEngine("sqlite::memory:", { pool: { max: 2 } })).toThrow(ArgumentError);
  });

  it("takes dialects of others", () => {
    let seen = "";
    registerDialect("Custom", ({ rest }) => {
      seen = rest;
      throw new ArgumentError("not today");
    });
    expect(() => createEngine("custom://here")).toThrow("not today");
    expect(seen).toBe("//here");
  });

  it("names the package of a missing driver, at the first use", async () => {
    const driver = betterSqlite3({ load: () => Promise.reject(new Error("Cannot find package")) });
    const engine = createEngine("sqlite::memory:", { driver });
    await expect(engine.connect()).rejects.toThrow(MissingDriverError);
    await expect(engine.begin(() => {})).rejects.toThrow("npm install better-sqlite3");
    await engine.dispose();
  });

  it("makes the file on first use", async () => {
    const engine = fileEngine();
    const path = engine.url.replace("sqlite:///", "");
    expect(existsSync(path)).toBe(false);
    await engine.begin((connection) => connection.run("CREATE TABLE t (id INTEGER)", []));
    expect(existsSync(path)).toBe(true);
  });
});

describe("foreign keys", () => {
  const schema = "CREATE TABLE t (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES t (id))";

  it("are checked by default, on every connection", async () => {
    const engine = fileEngine();
    expect(engine.foreignKeysEnforced).toBe(true);
    await engine.begin((connection) => connection.run(schema, []));
    const connections = await Promise.all([engine.connect(), engine.connect(), engine.connect()]);
    for (const connection of connections) {
      expect(() => connection.run("INSERT INTO t VALUES (1, 99)", [])).toThrow(ForeignKeyViolation);
      await connection.close();
    }
  });

  it("can be left unchecked", async () => {
    const engine = memoryEngine({ foreignKeys: false });
    expect(engine.foreignKeysEnforced).toBe(false);
    await engine.begin(async (connection) => {
      await connection.run(schema, []);
      await connection.run("INSERT INTO t VALUES (1, 99)", []);
    });
  });
});

describe("a database in memory", () => {
  it("has one connection, for which users take turns", async () => {
    const engine = memoryEngine();
    await engine.begin((connection) => connection.run("CREATE TABLE t (id INTEGER PRIMARY KEY)", []));
    const order: number[] = [];
    await Promise.all(
      [1, 2, 3].map((id) =>
        engine.begin(async (connection) => {
          await connection.run("INSERT INTO t VALUES (?)", [id]);
          await new Promise((resolve) => setTimeout(resolve, 2));
          order.push(id);
        }),
      ),
    );
    expect(order).toEqual([1, 2, 3]);
  });

  it("says who holds it to those who wait in vain", async () => {
    const engine = memoryEngine({ pool: { timeout: 20 } });
    const holder = await engine.connect();
    await holder.run("SELECT 'what takes so long'", []);
    const error = await engine.connect().catch((error: unknown) => error);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(String(error)).toMatch(/connection 1 .*in a transaction, last statement: SELECT 'what takes so long'/);
    await holder.close();
    await (await engine.connect()).close();
  });
});

describe("dispose", () => {
  it("rolls back what is open, and makes engine and connections unusable", async () => {
    const engine = fileEngine();
    await engine.begin((connection) => connection.run("CREATE TABLE t (id INTEGER)", []));
    const connection = await engine.connect();
    await connection.run("INSERT INTO t VALUES (1)", []);
    await engine.dispose();
    await expect(engine.connect()).rejects.toThrow(InvalidStateError);
    await expect(engine.begin(() => {})).rejects.toThrow("was disposed. Make a new one with createEngine()");
    expect(() => connection.run("SELECT 1", [])).toThrow("its engine was disposed");
    await expect(connection.commit()).rejects.toThrow(InvalidStateError);
    await connection.close();
    await engine.dispose();

    const again = createEngine(engine.url);
    await again.begin(async (other) => expect((await other.run("SELECT * FROM t", [])).rows).toEqual([]));
    await again.dispose();
  });

  it("can wait for work that is going on", async () => {
    const engine = memoryEngine();
    let isDone = false;
    const work = engine.begin(async (connection) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      await connection.run("SELECT 1", []);
      isDone = true;
    });
    await Promise.resolve();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await engine.dispose({ drain: 5000 });
    expect(isDone).toBe(true);
    await work;
  });

  it("turns away who waits for a connection", async () => {
    const engine = memoryEngine();
    await engine.connect();
    const waiting = engine.connect();
    await engine.dispose();
    await expect(waiting).rejects.toThrow("was disposed");
  });

  it("comes with `await using`", async () => {
    const engine = createEngine("sqlite::memory:");
    {
      await using scoped = engine;
      await scoped.begin((connection) => connection.run("SELECT 1", []));
    }
    await expect(engine.connect()).rejects.toThrow(InvalidStateError);
  });
});

describe("a closed connection", () => {
  it("says so, and can be closed again", async () => {
    const engine = memoryEngine();
    const connection = await engine.connect();
    await Promise.all([connection.close(), connection.close()]);
    expect(connection.isClosed).toBe(true);
    expect(() => connection.run("SELECT 1", [])).toThrow("it was closed. Take another one with engine.connect()");
    await expect(connection.execute(text("select 1"))).rejects.toThrow(InvalidStateError);
    await expect(connection.savepoint()).rejects.toThrow(InvalidStateError);
    await (await engine.connect()).close();
  });
});

describe("events", () => {
  it("tell of connections, transactions, savepoints, statements and errors", async () => {
    const engine = memoryEngine();
    const seen: string[] = [];
    const names: EngineEventName[] = ["connect", "checkout", "checkin", "begin", "commit", "rollback"];
    for (const name of names) engine.on(name, ({ connectionId }) => seen.push(`${name} ${connectionId}`));
    engine.on("savepoint", ({ name, action }) => seen.push(`${action} ${name}`));
    engine.on("statement", ({ sql, parameters, rowCount, durationMs }) => {
      expect(durationMs).toBeGreaterThanOrEqual(0);
      seen.push(`${sql} [${parameters}] ${rowCount}`);
    });
    engine.on("error", ({ error, sql }) => seen.push(`${error.code} ${sql}`));

    await engine.begin(async (connection) => {
      const savepoint = await connection.savepoint();
      await connection.run("SELECT ? AS a UNION SELECT 2", [1]);
      await savepoint.rollback();
      await (await connection.savepoint()).release();
    });
    await engine
      .begin(async (connection) => {
        await connection.run("SELECT * FROM missing", []);
      })
      .catch(() => {});
    expect(seen).toEqual([
      "connect 1",
      "checkout 1",
      "begin 1",
      "create sp_1",
      "SELECT ? AS a UNION SELECT 2 [1] 2",
      "rollback sp_1",
      "create sp_2",
      "release sp_2",
      "commit 1",
      "checkin 1",
      "checkout 1",
      "begin 1",
      "ALK_NO_SUCH_TABLE SELECT * FROM missing",
      "rollback 1",
      "checkin 1",
    ]);
  });

  it("stop when the listener is taken off", async () => {
    const engine = memoryEngine();
    let count = 0;
    const listener = () => {
      count++;
    };
    engine.on("statement", listener);
    await engine.begin((connection) => connection.run("SELECT 1", []));
    engine.off("statement", listener);
    await engine.begin((connection) => connection.run("SELECT 1", []));
    expect(count).toBe(1);
  });

  it("let a listener prepare each new connection", async () => {
    const engine = memoryEngine();
    engine.on("connect", async ({ connection }) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      await connection.execute("PRAGMA user_version = 7", []);
    });
    await engine.begin(async (connection) => {
      expect((await connection.run("PRAGMA user_version", [])).rows).toEqual([[7]]);
    });
  });

  it("let a listener refuse a connection", async () => {
    const engine = memoryEngine();
    const refuse = () => {
      throw new Error("not this one");
    };
    engine.on("connect", refuse);
    await expect(engine.connect()).rejects.toThrow("not this one");
    engine.off("connect", refuse);
    await (await engine.connect()).close();
  });
});

describe("a connection that is not given back in time", () => {
  async function forgetful(engine: Engine): Promise<Connection> {
    const connection = await engine.connect();
    await connection.run("SELECT 'and then?'", []);
    return connection;
  }

  it("is reported, with the place where it was taken", async () => {
    const engine = memoryEngine({ pool: { leakAfter: 5 } });
    const leak = new Promise<EngineEvents["leak"]>((resolve) => engine.on("leak", resolve));
    const connection = await forgetful(engine);
    const { connectionId, heldMs, description, stack } = await leak;
    expect(connectionId).toBe(1);
    expect(heldMs).toBeGreaterThan(0);
    expect(description).toContain("SELECT 'and then?'");
    expect(stack).toMatch(/at .*forgetful.*engine\.test\.ts/);
    await connection.close();
  });

  it("goes to the log if nobody listens", async () => {
    const line = new Promise<string>((resolve) => {
      const engine = memoryEngine({ pool: { leakAfter: 5 }, logger: resolve });
      void forgetful(engine);
    });
    expect(await line).toMatch(/^Never given back\? connection 1 .*taken\n.*forgetful/s);
  });

  it("is no matter when it is back", async () => {
    const engine = memoryEngine({ pool: { leakAfter: 20 } });
    const leaks: unknown[] = [];
    engine.on("leak", (leak) => leaks.push(leak));
    await (await forgetful(engine)).close();
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(leaks).toEqual([]);
  });

  it("is named to those who wait for it in vain", async () => {
    const engine = memoryEngine({ pool: { leakAfter: 60_000, timeout: 10 } });
    const connection = await forgetful(engine);
    await expect(engine.connect()).rejects.toThrow(/Held by: connection 1 .*taken\n.*forgetful/s);
    await connection.close();
  });
});

describe("slow statements", () => {
  it("go to the log without echo, with their time", async () => {
    const lines: string[] = [];
    const engine = memoryEngine({ slowStatement: 0, logger: (line) => lines.push(line), hideParameters: true });
    await engine.begin(async (connection) => {
      await connection.run("SELECT ?", ["secret"]);
      for await (const _ of connection.stream(text("SELECT 2"))) break;
    });
    expect(lines.map((line) => line.replace(/\d+\.\d/, "N"))).toEqual([
      "slow statement, N ms:",
      "SELECT ?",
      "(1 parameter hidden)",
      "slow statement, N ms:",
      "SELECT 2",
    ]);
  });

  it("are those above the limit only", async () => {
    const lines: string[] = [];
    const engine = memoryEngine({ slowStatement: 60_000, logger: (line) => lines.push(line) });
    await engine.begin((connection) => connection.run("SELECT 1", []));
    expect(lines).toEqual([]);
  });
});

describe("echo", () => {
  it("prints transactions, statements and parameters", async () => {
    const { engine, lines } = loggedEngine();
    await using connection = await engine.connect();
    await connection.run(
      "CREATE TABLE widget (widget_id INTEGER PRIMARY KEY, favorite_entry_id INTEGER, name TEXT)",
      [],
    );
    await connection.commit();
    lines.length = 0;
    await connection.run("INSERT INTO widget (favorite_entry_id, name) VALUES (?, ?)", [null, "somewidget"]);
    await connection.commit();
    expect(lines).toEqual([
      "BEGIN (implicit)",
      "INSERT INTO widget (favorite_entry_id, name) VALUES (?, ?)",
      "(null, 'somewidget')",
      "COMMIT",
    ]);
  });

  it("prints savepoints and rollbacks", async () => {
    const { engine, lines } = loggedEngine();
    await using connection = await engine.connect();
    await (await connection.savepoint()).rollback();
    await (await connection.savepoint()).release();
    await connection.rollback();
    expect(lines).toEqual([
      "BEGIN (implicit)",
      "SAVEPOINT sp_1",
      "ROLLBACK TO SAVEPOINT sp_1",
      "SAVEPOINT sp_2",
      "RELEASE SAVEPOINT sp_2",
      "ROLLBACK",
    ]);
  });

  it("can hide parameters, and be switched on and off", async () => {
    const { engine, lines } = loggedEngine({ hideParameters: true });
    await using connection = await engine.connect();
    await connection.run("SELECT ?", ["secret"]);
    expect(lines.slice(1)).toEqual(["SELECT ?", "(1 parameter hidden)"]);
    engine.echo = false;
    await connection.commit();
    expect(lines).toHaveLength(3);
    engine.echo = true;
    await connection.run("SELECT 1", []);
    expect(lines).toHaveLength(5);
  });

  it("goes to console.log by default", async () => {
    const { log } = console;
    const lines: string[] = [];
    const engine = memoryEngine({ echo: true });
    console.log = (line: string) => lines.push(line);
    try {
      await engine.begin((connection) => connection.run("SELECT 1", []));
    } finally {
      console.log = log;
    }
    expect(lines).toEqual(["BEGIN (implicit)", "SELECT 1", "COMMIT"]);
  });
});

describe("a synchronous driver", () => {
  it("answers within the call", async () => {
    const engine = memoryEngine();
    await using connection = await engine.connect();
    expect(connection.run("SELECT 1", [])).toMatchObject({ rows: [[1]] });
    expect(() => connection.run("SELECT * FROM missing", [])).toThrow(NoSuchTableError);
  });
});
