import { createEngine, type Engine, type EngineOptions } from "alkahest";
import { type PGliteDatabase, type PGliteDriverFactory, pglite } from "alkahest/postgresql";
import { onTestFinished } from "vitest";
import type { OpenOptions, TestDatabase } from "./databases.ts";
import { driverAround } from "./driver-around.ts";

/** PGlite takes seconds to start, so a database is used again: each engine gets one of these, and an empty schema in it. */
const idle: PGliteDatabase[] = [];
let schemaCount = 0;

async function take(): Promise<PGliteDatabase> {
  const database = idle.pop();
  if (database !== undefined) return database;
  const { PGlite } = await import("@electric-sql/pglite");
  const { citext } = await import("@electric-sql/pglite/contrib/citext");
  // The driver uses less of it than its types say.
  return (await PGlite.create({ extensions: { citext } })) as unknown as PGliteDatabase;
}

/** The driver on a database that was lent. */
export function lentPGlite(): PGliteDriverFactory {
  const schema = `alkahest_${++schemaCount}`;
  const create = async (): Promise<PGliteDatabase> => {
    const database = await take();
    const run = (sql: string) => database.exec(sql, { rowMode: "array", parsers: {}, serializers: {} });
    await run(`CREATE SCHEMA ${schema}; SET search_path = ${schema}`);
    return {
      parsers: database.parsers,
      query: (sql, parameters, options) => database.query(sql, parameters, options),
      exec: (sql, options) => database.exec(sql, options),
      close: async () => {
        for (const sql of ["ROLLBACK", "DISCARD ALL", `DROP SCHEMA ${schema} CASCADE`]) await run(sql);
        idle.push(database);
      },
    };
  };
  return pglite({ load: async () => ({ PGlite: { create } }) });
}

/** An engine on an empty database, disposed of when the test is over at the latest. */
export function openPGlite(options: EngineOptions = {}): Engine {
  // Each dialect has driver factories of its own. Who waits for the only connection while it has it learns so soon.
  const engine = createEngine("pglite:", {
    driver: lentPGlite() as never,
    ...options,
    pool: { timeout: 3000, ...options.pool, size: 1 },
  });
  // Where there is no test, in a hook, whoever opened the engine disposes of it.
  try {
    onTestFinished(() => engine.dispose());
  } catch {}
  return engine;
}

const open = ({ around, engine }: OpenOptions = {}): Engine =>
  openPGlite({ ...engine, ...(around !== undefined && { driver: driverAround(lentPGlite(), around) as never }) });

/** PostgreSQL where there is no server. */
export function pgliteDatabase(capabilities: TestDatabase["capabilities"]): TestDatabase {
  const lacking = { severalConnections: false, concurrentWriters: false };
  return { name: "PGlite", capabilities: { ...capabilities, ...lacking }, open, openShared: open, server: null };
}
