import { randomBytes } from "node:crypto";
import { createEngine, type Engine, type EngineOptions, text } from "alkahest";
import { nodePostgres } from "alkahest/postgresql";
import { describe, inject, onTestFinished } from "vitest";
import type { OpenOptions, TestDatabase, TestServer } from "./databases.ts";
import { driverAround } from "./driver-around.ts";
import { openPGlite, pgliteDatabase } from "./pglite.ts";
import { atPort, portOf } from "./ports.ts";

/** The server that tests use; null: there is none. Each engine gets a schema of its own in its database. */
const URL_OF_SERVER = inject("databases").postgresql;

let schemaCount = 0;

/**
 * An engine on an empty schema, which is dropped when the engine is disposed, at the latest when the test is over. It
 * does not wait for the disk.
 */
export function openPostgresql(options: EngineOptions = {}, server = URL_OF_SERVER): Engine {
  if (server === null) return openPGlite(options);
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
    disposed ??= dispose(how).then(() =>
      created === null ? undefined : onServer(URL_OF_SERVER ?? server, `DROP SCHEMA ${schema} CASCADE`),
    );
    return disposed;
  };
  // Where there is no test, in a hook, whoever opened the engine disposes of it.
  try {
    onTestFinished(() => engine.dispose());
  } catch {}
  return engine;
}

async function onServer(url: string, statement: string): Promise<void> {
  await using engine = createEngine(url);
  await engine.begin((connection) => connection.execute(text(statement)));
}

const capabilities: TestDatabase["capabilities"] = {
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
  comments: true,
  returning: true,
  updateReturning: true,
  severalConnections: true,
};

const open = ({ around, engine }: OpenOptions = {}, url?: string): Engine =>
  openPostgresql({ ...engine, ...(around !== undefined && { driver: driverAround(nodePostgres(), around) }) }, url);

function onTheServer(url: string): TestDatabase {
  const server: TestServer = {
    slow: (mark) => `SELECT /* ${mark} */ pg_sleep(60)`,
    running: (mark) =>
      `SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%${mark}%' AND pid <> pg_backend_pid()`,
    ownId: "SELECT pg_backend_pid()",
    kill: (id) => `SELECT pg_terminate_backend(${id})`,
    connected: (id) => `SELECT count(*) FROM pg_stat_activity WHERE pid = ${id}`,
    url,
    port: portOf(url, 5432),
    openAt: (port, options) => open(options, atPort(url, port)),
  };
  return { name: "PostgreSQL", capabilities, open, openShared: open, server };
}

/** The server if there is one, else PGlite. */
export const postgresql: TestDatabase =
  URL_OF_SERVER === null ? pgliteDatabase(capabilities) : onTheServer(URL_OF_SERVER);

/** Tests of what is PostgreSQL's own, on PGlite where there is no server. */
export const describeOnPostgresql = describe;

/** Tests that need several connections, or a server to lose them. */
export const describeOnPostgresqlServer = describe.skipIf(URL_OF_SERVER === null);
