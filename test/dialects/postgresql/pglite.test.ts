import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ArgumentError,
  createEngine,
  InvalidStateError,
  MissingDriverError,
  OperationalError,
  sql,
  TimeoutError,
  UniqueViolation,
} from "alkahest";
import { type PGliteDriverFactory, pglite } from "alkahest/postgresql";
import { describe, expect, it } from "vitest";
import { pgliteTarget } from "../../../src/dialects/postgresql/url.ts";
import { parseUrl } from "../../../src/engine/url.ts";
import { openPGlite } from "../../support/pglite.ts";

/** An engine's options take the driver of every dialect. */
const option = (driver: PGliteDriverFactory) => ({ driver: driver as never });

describe("a PGlite URL", () => {
  it.each([
    ["pglite:", null],
    ["pglite://", null],
    ["pglite://data/my%20app", "data/my app"],
    ["pglite:///var/data", "/var/data"],
  ])("%s names a folder, or memory", (url, folder) => {
    expect(pgliteTarget(parseUrl(url))).toEqual({ folder });
  });

  it.each(["pglite:data", "pglite:?mode=ro"])("%s is none", (url) => {
    expect(() => createEngine(url)).toThrow(ArgumentError);
  });

  it("has one connection, and always checks foreign keys", () => {
    expect(() => createEngine("pglite:", { pool: { size: 2 } })).toThrow("one connection");
    expect(() => createEngine("pglite:", { foreignKeys: false })).toThrow(ArgumentError);
  });
});

describe("PGlite", () => {
  it("says what to install when its package is missing", async () => {
    const driver = pglite({ load: () => Promise.reject(new Error("Cannot find package '@electric-sql/pglite'")) });
    await using engine = createEngine("pglite:", option(driver));
    await expect(engine.connect()).rejects.toThrow(MissingDriverError);
    await expect(engine.connect()).rejects.toThrow("npm install @electric-sql/pglite");
  });

  it("says why a database does not open", async () => {
    const create = () => Promise.reject(new Error("no such folder"));
    await using engine = createEngine("pglite:", option(pglite({ load: async () => ({ PGlite: { create } }) })));
    await expect(engine.connect()).rejects.toThrow(OperationalError);
    await expect(engine.connect()).rejects.toThrow("cannot be opened: no such folder");
  });

  it("decodes values as a server's driver does", async () => {
    const engine = openPGlite();
    await using connection = await engine.connect();
    const result = await connection.execute(
      sql`SELECT 1, 9007199254740993, 1.50, true, '\\x00ff'::bytea, ARRAY['a', NULL], '{"a": 1}'::jsonb, null, ${2} + 1,
        ${new Uint8Array([1, 2])}::bytea, timestamptz '2024-05-01 12:00+02', date '2024-05-01'`,
    );
    expect(result.first()).toEqual([
      1,
      9007199254740993n,
      "1.50",
      true,
      new Uint8Array([0, 255]),
      ["a", null],
      { a: 1 },
      null,
      3,
      new Uint8Array([1, 2]),
      new Date("2024-05-01T10:00:00Z"),
      "2024-05-01",
    ]);
  });

  it("wraps errors, with the constraint", async () => {
    const engine = openPGlite();
    await using connection = await engine.connect();
    await connection.execute(sql`CREATE TABLE t (id integer CONSTRAINT t_key PRIMARY KEY); INSERT INTO t VALUES (1)`);
    await expect(connection.execute(sql`INSERT INTO t VALUES (${1})`)).rejects.toMatchObject({
      constructor: UniqueViolation,
      constraint: "t_key",
      columns: ["id"],
    });
    await expect(connection.commit()).rejects.toThrow("rolled back instead of committed");
  });

  it("streams rows, also when the loop is left early", async () => {
    const engine = openPGlite();
    await using connection = await engine.connect();
    const seen: unknown[] = [];
    for await (const [n] of connection.stream(sql`SELECT n FROM generate_series(1, 1200) n`)) {
      seen.push(n);
      if (n === 700) break;
    }
    expect(seen.length).toBe(700);
    expect((await connection.execute(sql`SELECT 1`)).scalar()).toBe(1);
  });

  it("lets users take turns, and names who does not let go", async () => {
    const engine = openPGlite({ pool: { timeout: 20 } });
    const values = await Promise.all(
      [1, 2, 3].map((n) => engine.begin(async (c) => (await c.execute(sql`SELECT ${n} + 0`)).scalar())),
    );
    expect(values).toEqual([1, 2, 3]);
    await using holder = await engine.connect();
    await holder.execute(sql`SELECT 'held'`);
    const error = await engine.connect().catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(String(error)).toContain("SELECT 'held'");
  });

  it("is closed with its engine", async () => {
    const engine = openPGlite();
    const connection = await engine.connect();
    await connection.execute(sql`SELECT 1`);
    await engine.dispose();
    await expect(connection.execute(sql`SELECT 1`)).rejects.toThrow(InvalidStateError);
  });

  it("keeps a database in a folder", async () => {
    const folder = mkdtempSync(join(tmpdir(), "alkahest-pglite-"));
    try {
      {
        await using engine = createEngine(`pglite://${folder}`);
        await engine.begin((c) => c.execute(sql`CREATE TABLE note (body text); INSERT INTO note VALUES ('kept')`));
      }
      await using engine = createEngine(`pglite://${folder}`);
      expect(await engine.begin(async (c) => (await c.execute(sql`SELECT body FROM note`)).scalar())).toBe("kept");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
