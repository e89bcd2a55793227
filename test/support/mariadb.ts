import { randomBytes } from "node:crypto";
import { createEngine, type Engine, type EngineOptions, sql, text } from "alkahest";
import { type MysqlDriverFactory, mariadbConnector } from "alkahest/mysql";
import { describe, onTestFinished } from "vitest";
import type { Around, OpenOptions, TestDatabase } from "./databases.ts";

/** The server that tests use. Each engine gets a database of its own on it. */
const URL_OF_SERVER = process.env.ALKAHEST_MARIADB_URL ?? "mariadb://root@127.0.0.1:3306/test";

let databaseCount = 0;

/** An engine on an empty database, which is dropped when the engine is disposed, at the latest when the test is over. */
export function openMariadb(options: EngineOptions = {}, url: string = URL_OF_SERVER): Engine {
  const name = `alkahest_${process.pid}_${++databaseCount}_${randomBytes(3).toString("hex")}`;
  const engine = createEngine(url, { pool: { size: 5 }, ...options });
  let created: Promise<unknown> | null = null;
  engine.on("connect", async ({ connection }) => {
    created ??= Promise.resolve(connection.execute(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`, []));
    await created;
    await connection.execute(`USE ${name}`, []);
  });
  const dispose = engine.dispose.bind(engine);
  let disposed: Promise<void> | null = null;
  engine.dispose = (how) => {
    disposed ??= dispose(how).then(() => (created === null ? undefined : onServer(`DROP DATABASE ${name}`)));
    return disposed;
  };
  // Where there is no test, in a hook, whoever opened the engine disposes of it.
  try {
    onTestFinished(() => engine.dispose());
  } catch {}
  return engine;
}

/** The same server by the other driver. */
export function openMysql2(options: EngineOptions = {}): Engine {
  return openMariadb(options, URL_OF_SERVER.replace(/^mariadb:/, "mysql:"));
}

/** Runs a statement outside of the databases of the tests. */
export async function onServer(statement: string): Promise<void> {
  await using engine = createEngine(URL_OF_SERVER);
  await engine.begin((connection) => connection.execute(text(statement)));
}

const open = ({ foreignKeys = true, around, engine }: OpenOptions = {}, url?: string): Engine =>
  openMariadb({ ...engine, foreignKeys, ...(around !== undefined && { driver: driverWith(around) }) }, url);

function atPort(port: number): string {
  const url = new URL(URL_OF_SERVER);
  url.port = String(port);
  return url.href;
}

const database: TestDatabase = {
  name: "MariaDB",
  capabilities: {
    foreignKeysOff: true,
    deferForeignKeys: false,
    keysFollow: false,
    sharesStatement: false,
    drawsKeys: false,
    nullsNotDistinct: false,
    deferrable: false,
    readOnlyTransactions: true,
    concurrentWriters: true,
    checksAtStatementEnd: false,
    partialIndexes: false,
    comparesWithoutCase: true,
  },
  open,
  openShared: open,
  server: {
    slow: (mark) => `SELECT /* ${mark} */ BENCHMARK(500000000, SHA2('x', 512))`,
    running: (mark) =>
      `SELECT count(*) FROM information_schema.processlist WHERE info LIKE '%${mark}%' AND id <> connection_id()`,
    ownId: "SELECT connection_id()",
    kill: (id) => `KILL ${id}`,
    port: Number(new URL(URL_OF_SERVER).port || 3306),
    openAt: (port, options) => open(options, atPort(port)),
  },
};

function driverWith(around: Around): MysqlDriverFactory {
  return (target) => {
    const driver = mariadbConnector()(target);
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
    const message = `Tests on MariaDB are left out: ${reason} (ALKAHEST_MARIADB_URL names another server)`;
    if (process.env.CI === "true") throw new Error(message, { cause: error });
    console.warn(message);
    return null;
  } finally {
    await engine.dispose();
  }
}

/** MariaDB, if there is a server; with `CI=true` there has to be one. */
export const mariadb = await find();

/** Tests of what is MariaDB's own. */
export const describeOnMariadb = describe.skipIf(mariadb === null);
