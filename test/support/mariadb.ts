import { randomBytes } from "node:crypto";
import { type Capabilities, createEngine, type Engine, type EngineOptions, registerDialect, text } from "alkahest";
import { MysqlDialect, mariadbConnector, mariadb as mariadbSetup } from "alkahest/mysql";
import { describe, inject, onTestFinished } from "vitest";
import type { OpenOptions, TestDatabase } from "./databases.ts";
import { driverAround } from "./driver-around.ts";
import { atPort, portOf } from "./ports.ts";

/** The server that tests use; without one, they are left out. Each engine gets a database of its own on it. */
const URL_OF_SERVER = inject("databases").mariadb ?? "mariadb://";

const WITHOUT_RETURNING = URL_OF_SERVER.replace(/^mariadb:/, "mariadb-without-returning:");

/** With `ALKAHEST_MARIADB_AS=mysql`, all tests of MariaDB do without RETURNING. */
const USUAL = process.env.ALKAHEST_MARIADB_AS === "mysql" ? WITHOUT_RETURNING : URL_OF_SERVER;

let databaseCount = 0;

/** An engine on an empty database, which is dropped when the engine is disposed, at the latest when the test is over. */
export function openMariadb(options: EngineOptions = {}, url: string = USUAL): Engine {
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

const open = ({ foreignKeys = true, around, engine }: OpenOptions = {}, url?: string): Engine => {
  const driver = around === undefined ? {} : { driver: driverAround(mariadbConnector(), around) };
  return openMariadb({ ...engine, foreignKeys, ...driver }, url);
};

class WithoutReturning extends MysqlDialect {
  override get capabilities(): Capabilities {
    return { ...super.capabilities, returning: false };
  }
}

registerDialect("mariadb-without-returning", (url, options) => ({
  ...mariadbSetup({ ...url, scheme: "mariadb" }, options),
  dialect: new WithoutReturning("mariadb", options.foreignKeys ?? true),
}));

/** MariaDB that is taken for MySQL, which has no RETURNING: its keys come from `insertId`. */
export function openWithoutReturning(options: EngineOptions = {}): Engine {
  return openMariadb(options, WITHOUT_RETURNING);
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
    comments: true,
    returning: USUAL !== WITHOUT_RETURNING,
    updateReturning: false,
    severalConnections: true,
  },
  open,
  openShared: open,
  server: {
    slow: (mark) => `SELECT /* ${mark} */ BENCHMARK(500000000, SHA2('x', 512))`,
    running: (mark) =>
      `SELECT count(*) FROM information_schema.processlist WHERE info LIKE '%${mark}%' AND id <> connection_id()`,
    ownId: "SELECT connection_id()",
    kill: (id) => `KILL ${id}`,
    connected: (id) => `SELECT count(*) FROM information_schema.processlist WHERE id = ${id}`,
    url: URL_OF_SERVER,
    port: portOf(URL_OF_SERVER, 3306),
    openAt: (port, options) => open(options, atPort(URL_OF_SERVER, port)),
  },
};

/** MariaDB, if there is a server. */
export const mariadb: TestDatabase | null = inject("databases").mariadb === null ? null : database;

/** Tests of what is MariaDB's own. */
export const describeOnMariadb = describe.skipIf(mariadb === null);
