import { randomBytes } from "node:crypto";
import { createEngine, type Engine, type EngineOptions, sql, text } from "alkahest";
import { nodePostgres, type PostgresqlDriverFactory } from "alkahest/postgresql";
import { describe, onTestFinished } from "vitest";
import type { Around, OpenOptions, TestDatabase } from "./databases.ts";

/** The server that tests use. Each engine gets a schema of its own in its database. */
const URL_OF_SERVER = process.env.ALKAHEST_POSTGRESQL_URL ?? "postgresql://postgres@127.0.0.1:5432/test";

let schemaCount = 0;

/**
 * An engine on an empty schema, which is dropped when the engine is disposed, at the latest when the test is over. It
 * does not wait for the disk.
 */
export function openPostgresql(options: EngineOptions = {}, server: string = URL_OF_SERVER): Engine {
  const schema = `alkahest_${process.pid}_${++schemaCount}_${randomBytes(3).toString("hex")}`;
  const separator = server.includes("?") ? "&" : "?";
  const url = `${server}${separator}options=${encodeURIComponent(`-c search_path=${schema} -c synchronous_commit=off`)}`;
  const engine = createEngine(url, { pool: { size: 5 }, ...options });
  let created: Promise<unknown> | null = null;
  engine.on("connect", ({ connection }) => {
    created ??= Promise.resolve(connection.execute(`CREATE SCHEMA ${schema}`, []));
    return created;
  });
  const dispose = engine.dispose.bind(engine);
  let disposed: Promise<void> | null = null;
  engine.dispose = (how) => {
    disposed ??= dispose(how).then(() => (created === null ? undefined : onServer(`DROP SCHEMA ${schema} CASCADE`)));
    return disposed;
  };
  // Where there is no test, in a hook, whoever opened the engine disposes of it.
  try {
    onTestFinished(() => engine.dispose());
  } catch {}
  return engine;
}

/** Runs a statement outside of the schemas of the tests. */
export async function onServer(statement: string): Promise<void> {
  await using engine = createEngine(URL_OF_SERVER);
  await engine.begin((connection) => connection.execute(text(statement)));
}

const open = ({ around, engine }: OpenOptions = {}, url?: string): Engine =>
  openPostgresql({ ...engine, ...(around !== undefined && { driver: driverWith(around) }) }, url);

function atPort(port: number): string {
  const url = new URL(URL_OF_SERVER);
  url.port = String(port);
  return url.href;
}

const database: TestDatabase = {
  name: "PostgreSQL",
  capabilities: {
    foreignKeysOff: false,
    deferForeignKeys: false,
    keysFollow: true,
    sharesStatement: true,
    drawsKeys: true,
    nullsNotDistinct: true,
    deferrable: true,
    readOnlyTransactions: true,
    concurrentWriters: true,
    checksAtStatementEnd: true,
    partialIndexes: true,
    comparesWithoutCase: false,
  },
  open,
  openShared: open,
  server: {
    slow: (mark) => `SELECT /* ${mark} */ pg_sleep(60)`,
    running: (mark) =>
      `SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%${mark}%' AND pid <> pg_backend_pid()`,
    ownId: "SELECT pg_backend_pid()",
    kill: (id) => `SELECT pg_terminate_backend(${id})`,
    port: Number(new URL(URL_OF_SERVER).port || 5432),
    openAt: (port, options) => open(options, atPort(port)),
  },
};

function driverWith(around: Around): PostgresqlDriverFactory {
  return (target) => {
    const driver = nodePostgres()(target);
    return {
      name: driver.name,
      connect: async () => {
        const connection = await driver.connect();
        return {
          execute: (statement, parameters, options) =>
            around(statement, async () => connection.execute(statement, parameters, options)),
          stream: (statement, parameters, options) => connection.stream(statement, parameters, options),
          close: () => connection.close(),
          isLost: () => connection.isLost?.() ?? false,
          inTransaction: () => connection.inTransaction?.() ?? true,
          ...(connection.cancel !== undefined && { cancel: () => connection.cancel?.() ?? Promise.resolve() }),
        };
      },
    };
  };
}

async function find(): Promise<TestDatabase | null> {
  const engine = createEngine(`${URL_OF_SERVER}${URL_OF_SERVER.includes("?") ? "&" : "?"}connect_timeout=5`);
  try {
    await engine.begin((connection) => connection.execute(sql`SELECT 1`));
    return database;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `Tests on PostgreSQL are left out: ${reason} (ALKAHEST_POSTGRESQL_URL names another server)`;
    if (process.env.CI === "true") throw new Error(message, { cause: error });
    console.warn(message);
    return null;
  } finally {
    await engine.dispose();
  }
}

/** PostgreSQL, if there is a server; with `CI=true` there has to be one. */
export const postgresql = await find();

/** Tests of what is PostgreSQL's own. */
export const describeOnPostgresql = describe.skipIf(postgresql === null);
