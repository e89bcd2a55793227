import { createEngine, text } from "alkahest";
import type { TestProject } from "vitest/node";

/** The databases that tests run on besides SQLite. */
export interface FoundDatabases {
  /** The PostgreSQL server; null: PGlite takes its place. */
  readonly postgresql: string | null;
  /** The MariaDB server; null: there is none. */
  readonly mariadb: string | null;
}

declare module "vitest" {
  export interface ProvidedContext {
    databases: FoundDatabases;
  }
}

const POSTGRESQL_URL = process.env.ALKAHEST_POSTGRESQL_URL ?? "postgresql://postgres@127.0.0.1:5432/test";
const MARIADB_URL = process.env.ALKAHEST_MARIADB_URL ?? "mariadb://root@127.0.0.1:3306/test";

/** Looks for the servers before the tests, and says after them which databases they ran on. */
export default async function findDatabases({ provide }: TestProject): Promise<() => void> {
  // Said so by whoever runs the tests, PGlite is no makeshift.
  const wantsPGlite = POSTGRESQL_URL === "pglite:";
  const postgresql = wantsPGlite ? null : await versionOf("PostgreSQL", POSTGRESQL_URL, "SHOW server_version");
  const mariadb = await versionOf("MariaDB", MARIADB_URL, "SELECT version()");
  provide("databases", {
    postgresql: postgresql === null ? null : POSTGRESQL_URL,
    mariadb: mariadb === null ? null : MARIADB_URL,
  });
  const tested = ["SQLite", postgresql ?? "PGlite", mariadb].filter((name) => name !== null);
  const missing = [
    ...(postgresql === null ? ["a PostgreSQL server (ALKAHEST_POSTGRESQL_URL)"] : []),
    ...(mariadb === null ? ["MariaDB (ALKAHEST_MARIADB_URL)"] : []),
  ];
  const notTested = missing.length === 0 ? "" : `; not tested: ${missing.join(", ")}`;
  return () => console.log(`databases tested: ${tested.join(", ")}${notTested}`);
}

/** Name and version; null when there is no such server. */
async function versionOf(name: string, url: string, query: string): Promise<string | null> {
  const engine = createEngine(`${url}${url.includes("?") ? "&" : "?"}connect_timeout=5`);
  try {
    const version = await engine.begin(async (connection) => (await connection.execute(text(query))).scalar());
    return `${name} ${/^[\d.]+/.exec(String(version))?.[0] ?? version}`;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (process.env.CI === "true") throw new Error(`Tests need ${name} where CI=true: ${reason}`, { cause: error });
    return null;
  } finally {
    await engine.dispose();
  }
}
