import { createEngine, MissingDriverError, sql } from "alkahest";
import { nodePostgres, type PostgresqlDriverFactory } from "alkahest/postgresql";
import { describe, expect, it } from "vitest";
import { describeOnPostgresql, describeOnPostgresqlServer, openPostgresql } from "../../support/postgresql.ts";

describe("the driver of PostgreSQL", () => {
  it("says what to install when its package is missing", async () => {
    const driver = nodePostgres({ load: () => Promise.reject(new Error("Cannot find package 'pg'")) });
    const engine = createEngine("postgresql:///app", { driver });
    await expect(engine.connect()).rejects.toThrow(MissingDriverError);
    await expect(engine.connect()).rejects.toThrow("npm install pg");
    await engine.dispose();
  });
});

describeOnPostgresql("a connection to PostgreSQL", () => {
  it("writes instants in UTC, whatever zone the server is set to", async () => {
    const engine = openPostgresql();
    await using connection = await engine.connect();
    const result = await connection.execute(sql`SELECT current_setting('TimeZone'), current_setting('DateStyle')`);
    expect(result.first()).toEqual(["UTC", "ISO, MDY"]);
  });

  it.each(["read committed", "repeatable read", "serializable"] as const)(
    "has transactions that are %s",
    async (isolation) => {
      const engine = openPostgresql();
      const level = await engine.begin(
        async (connection) => (await connection.execute(sql`SELECT current_setting('transaction_isolation')`)).scalar(),
        { isolation },
      );
      expect(level).toBe(isolation);
    },
  );

  it("executes several statements in one text, and answers with the last", async () => {
    const engine = openPostgresql();
    await using connection = await engine.connect();
    const result = await connection.execute(
      sql`CREATE TEMPORARY TABLE x (n integer); INSERT INTO x VALUES (1), (2); SELECT n FROM x`,
    );
    expect(result.scalars()).toEqual([1, 2]);
  });
});

describeOnPostgresqlServer("the driver of a PostgreSQL server", () => {
  it("takes settings that a URL cannot say", async () => {
    const driver: PostgresqlDriverFactory = nodePostgres({ config: { application_name: "its own" } });
    const engine = openPostgresql({ driver });
    await using connection = await engine.connect();
    const name = await connection.execute(sql`SELECT current_setting('application_name')`);
    expect(name.scalar()).toBe("its own");
  });

  it("serves many users at once from its pool", async () => {
    const engine = openPostgresql({ pool: { size: 2 } });
    const answers = await Promise.all(
      [1, 2, 3, 4, 5].map((n) =>
        engine.begin(async (connection) => (await connection.execute(sql`SELECT ${n} + 0`)).scalar()),
      ),
    );
    expect(answers).toEqual([1, 2, 3, 4, 5]);
  });
});
