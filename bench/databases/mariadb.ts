/** MariaDB: a database for each process, filled from one that stays. */
import { type Connection, createConnection } from "mariadb";
import { authorValues, BOOKS, bookValues } from "../data.ts";
import type { Copy, Database } from "./database.ts";
import { fingerprint, tables } from "./schema.ts";

const URL_OF_SERVER = process.env.ALKAHEST_MARIADB_URL ?? "mariadb://root@127.0.0.1:3306/test";
const STATEMENTS = tables("integer AUTO_INCREMENT PRIMARY KEY", false);
const TABLES = ["author", "book"];
const BATCH = 1_000;

function address(name: string): string {
  const url = new URL(URL_OF_SERVER);
  url.pathname = `/${name}`;
  return url.href;
}

/** The options of the driver `mariadb`, which is mysql2's too, for a URL. */
export function mariadbOptions(url: string): {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
} {
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    host: hostname,
    port: Number(port === "" ? 3306 : port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: pathname.slice(1),
  };
}

async function connected<T>(url: string, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await createConnection(mariadbOptions(url));
  try {
    return await work(connection);
  } finally {
    await connection.end();
  }
}

async function make(name: string): Promise<void> {
  await connected(URL_OF_SERVER, async (connection) => {
    await connection.query(`DROP DATABASE IF EXISTS ${name}`);
    await connection.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
  });
  await connected(address(name), async (connection) => {
    for (const sql of STATEMENTS) await connection.query(sql);
  });
}

/** A database that is filled says so by its last table, which is made when all rows are there. */
async function template(authors: number): Promise<string> {
  const name = `alkahest_bench_${fingerprint(STATEMENTS)}_${authors}`;
  const [found] = await connected(URL_OF_SERVER, (connection) =>
    connection.query(
      "SELECT count(*) AS n FROM information_schema.tables WHERE table_schema = ? AND table_name = 'full'",
      [name],
    ),
  );
  if (Number(found.n) === 1) return name;
  await make(name);
  await connected(address(name), async (connection) => {
    await connection.beginTransaction();
    for (let i = 1; i <= authors; i += BATCH) {
      const numbers = Array.from({ length: Math.min(BATCH, authors + 1 - i) }, (_, j) => i + j);
      await connection.batch(
        "INSERT INTO author (id, name, email) VALUES (?, ?, ?)",
        numbers.map((number) => [number, ...Object.values(authorValues(number))]),
      );
      await connection.batch(
        "INSERT INTO book (id, title, price, author_id) VALUES (?, ?, ?, ?)",
        numbers.flatMap((number) =>
          Array.from({ length: BOOKS }, (_, k) => [
            (number - 1) * BOOKS + k + 1,
            ...Object.values(bookValues(number, k)),
            number,
          ]),
        ),
      );
    }
    await connection.commit();
    await connection.query("CREATE TABLE full (id integer)");
  });
  return name;
}

export const mariadb: Database = {
  title: "MariaDB",
  version: () =>
    connected(URL_OF_SERVER, async (connection) => {
      const [row] = await connection.query("SELECT version() AS version");
      return String(row.version).split("-")[0]!;
    }),
  copy: async (authors): Promise<Copy> => {
    const name = `alkahest_bench_copy_${process.pid}`;
    const from = await template(authors);
    await make(name);
    await connected(address(name), async (connection) => {
      for (const table of TABLES) {
        await connection.query(`INSERT INTO ${table} SELECT * FROM ${from}.${table} ORDER BY id`);
        await connection.query(`ANALYZE TABLE ${table}`);
      }
    });
    return {
      address: address(name),
      count: (sql) =>
        connected(address(name), async (connection) => {
          const [row] = await connection.query({ sql, rowsAsArray: true });
          return Number(row[0]);
        }),
      drop: () =>
        connected(URL_OF_SERVER, async (connection) => {
          await connection.query(`DROP DATABASE IF EXISTS ${name}`);
        }),
    };
  },
};
