import { ArgumentError, DatabaseError, type Engine, SerializationError, Session, text } from "alkahest";
import { describe, expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { describeOnMariadb, openMariadb } from "../support/mariadb.ts";
import { describeOnPostgresql, openPostgresql } from "../support/postgresql.ts";

async function withTable(engine: Engine): Promise<Engine> {
  await engine.begin((connection) => connection.execute(text("CREATE TABLE t (id INTEGER PRIMARY KEY)")));
  return engine;
}

async function firstValue(engine: Engine, sql: string): Promise<unknown> {
  return engine.begin(async (connection) => [...(await connection.execute(text(sql)))].flat()[0]);
}

onEveryDatabase("a transaction", (database) => {
  it("takes every level of isolation, and the next one is as usual", async () => {
    const engine = await withTable(database.open());
    for (const isolation of ["read uncommitted", "read committed", "repeatable read", "serializable"] as const) {
      await engine.begin((connection) => connection.execute(text("SELECT * FROM t")), { isolation });
    }
    await engine.begin((connection) => connection.execute(text("INSERT INTO t VALUES (1)")));
    expect(await firstValue(engine, "SELECT count(*) FROM t")).toBe(1);
  });

  it.runIf(database.capabilities.readOnlyTransactions)("that is read-only is refused writes", async () => {
    const engine = await withTable(database.open({ engine: { pool: { size: 1 } } }));
    for (const isolation of [undefined, "serializable"] as const) {
      const options = { readOnly: true, ...(isolation !== undefined && { isolation }) };
      const write = engine.begin((connection) => connection.execute(text("INSERT INTO t VALUES (1)")), options);
      await expect(write).rejects.toThrow(DatabaseError);
      await engine.begin(() => {}, options);
      await engine.begin((connection) => connection.execute(text("DELETE FROM t WHERE id = 5")));
      await using session = new Session(engine);
      const inSession = session.transaction((s) => s.execute(text("INSERT INTO t VALUES (1)")), options);
      await expect(inSession).rejects.toThrow(DatabaseError);
      await session.execute(text("DELETE FROM t WHERE id = 5"));
    }
  });

  it.runIf(!database.capabilities.readOnlyTransactions)("says that it cannot be read-only", async () => {
    const begun = database.open().begin(() => {}, { readOnly: true });
    await expect(begun).rejects.toThrow(ArgumentError);
    await expect(begun).rejects.toThrow("cannot be read-only: leave out readOnly");
  });

  it("has a level of isolation also on a connection that has been asked for a sign of life", async () => {
    const engine = await withTable(database.openShared({ engine: { pool: { size: 1, prePing: true } } }));
    for (let i = 1; i <= 2; i++) {
      await engine.begin((connection) => connection.execute(text(`INSERT INTO t VALUES (${i})`)), {
        isolation: "serializable",
      });
    }
    expect(await firstValue(engine, "SELECT count(*) FROM t")).toBe(2);
  });
});

describeOnPostgresql("a transaction of PostgreSQL", () => {
  it("has the level that was asked for", async () => {
    const engine = openPostgresql();
    await engine.begin(
      async (connection) => {
        expect([...(await connection.execute(text("SHOW transaction_isolation")))].flat()).toEqual(["repeatable read"]);
        expect([...(await connection.execute(text("SHOW transaction_read_only")))].flat()).toEqual(["on"]);
      },
      { isolation: "repeatable read", readOnly: true },
    );
    expect(await firstValue(engine, "SHOW transaction_isolation")).toBe("read committed");
  });

  it("can be deferrable", async () => {
    const options = { isolation: "serializable", readOnly: true, deferrable: true } as const;
    await openPostgresql().begin(async (connection) => {
      expect([...(await connection.execute(text("SHOW transaction_deferrable")))].flat()).toEqual(["on"]);
    }, options);
  });
});

describeOnMariadb("a transaction of MariaDB", () => {
  const LEVEL =
    "SELECT trx_isolation_level FROM information_schema.innodb_trx WHERE trx_mysql_thread_id = connection_id()";

  it("has the level that was asked for, and so has only that one", async () => {
    const engine = await withTable(openMariadb({ pool: { size: 1 } }));
    const levelOf = (options: Parameters<Engine["begin"]>[1]) =>
      engine.begin(async (connection) => {
        await connection.execute(text("SELECT * FROM t"));
        // The server renews this view every 0.1 s.
        await connection.execute(text("SELECT sleep(0.15)"));
        return [...(await connection.execute(text(LEVEL)))].flat()[0];
      }, options);
    expect(await levelOf({ isolation: "serializable" })).toBe("SERIALIZABLE");
    expect(await levelOf({})).toBe("REPEATABLE READ");
    await engine.begin(() => {}, { isolation: "serializable", readOnly: true });
    expect(await levelOf({})).toBe("REPEATABLE READ");
    await expect(engine.begin(() => {}, { deferrable: true })).rejects.toThrow(ArgumentError);
  });
});

describe("errors", () => {
  it("say whether the transaction may be run again", () => {
    expect(new SerializationError("").retryable).toBe(true);
    expect(new DatabaseError("").retryable).toBe(false);
    expect(new DatabaseError("", { retryable: true }).retryable).toBe(true);
  });
});
