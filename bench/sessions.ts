/**
 * W7: transactions of many sessions at once on a pool of 10 connections, by alkahest and, if they are installed
 * (`npm ci --prefix bench/peers`), by MikroORM and Drizzle. Each session loads an author with books, changes one book,
 * adds one, and commits. Prints, for 1 to 1,000 sessions at work, transactions a second, how long one takes from the
 * asking to the commit (p50, p99), and the most heap and resident memory behind it. Each line comes from a process and
 * tables of its own, and the rows are counted afterwards.
 *
 * Run it with `npm run bench:sessions -- postgresql://... mariadb://...`, on an idle machine; the tables are made and
 * dropped. `ALKAHEST_BENCH_TRANSACTIONS` says how many transactions make a line.
 */
import { fork } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createEngine, type Engine, func, select, sessionmaker } from "alkahest";
import { Author, Base, Book } from "./sessions/alkahest.ts";
import type { Measured, Task } from "./sessions/measure.ts";
import { PEERS } from "./sessions/peer.ts";

const SESSIONS = [1, 10, 100, 1_000];
const POOL = 10;
const AUTHORS = 1_000;
const BOOKS = 5;
const TRANSACTIONS = Number(process.env.ALKAHEST_BENCH_TRANSACTIONS ?? 2_000);
const WARM_UP = 200;
const URLS = ["postgresql://postgres@127.0.0.1:5432/test", "mariadb://root@127.0.0.1:3306/test"];

async function fill(engine: Engine): Promise<void> {
  await Base.metadata.dropAll(engine);
  await Base.metadata.createAll(engine);
  await sessionmaker(engine).begin(async (session) => {
    for (let id = 1; id <= AUTHORS; id++) {
      const books = Array.from({ length: BOOKS }, (_, i) => new Book({ title: `book ${i}`, edition: 1 }));
      session.add(new Author({ id, name: `author ${id}`, books }));
    }
  });
}

/** Every transaction has added one book, and one edition to one that was there. */
async function verify(engine: Engine, transactions: number): Promise<void> {
  const [found] = await engine.begin((connection) =>
    connection.execute(select(func.count(Book.c.id), func.sum(Book.c.edition))),
  );
  const books = AUTHORS * BOOKS + transactions;
  const [wasBooks, wasEditions] = [Number(found?.[0]), Number(found?.[1])];
  if (wasBooks === books && wasEditions === books + transactions) return;
  throw new Error(
    `There should be ${books} books of ${books + transactions} editions, there are ${wasBooks} of ${wasEditions}.`,
  );
}

function measureApart(task: Task): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL("./sessions/measure.js", import.meta.url)), [JSON.stringify(task)]);
    let measured: Measured | undefined;
    child.on("message", (message) => {
      // The process sends nothing else.
      measured = message as Measured;
    });
    child.on("error", reject);
    child.on("exit", (code) => {
      if (code === 0 && measured !== undefined) resolve(measured);
      else reject(new Error(`${task.peer} was not measured: exit code ${code}.`));
    });
  });
}

const areInstalled = existsSync(new URL("./peers/node_modules", import.meta.url));
if (!areInstalled) console.log("Measuring alkahest alone; for the others: npm ci --prefix bench/peers\n");
const peers = areInstalled ? Object.keys(PEERS) : ["alkahest"];

const urls = process.argv.length > 2 ? process.argv.slice(2) : URLS;
for (const url of urls) {
  const engine = createEngine(url);
  console.log(`${engine.url}, pool of ${POOL}, ${TRANSACTIONS} transactions\n`);
  console.log("| | sessions | transactions/s | p50 | p99 | heap | resident |");
  console.log("|---|---|---|---|---|---|---|");
  for (const sessions of SESSIONS) {
    for (const peer of peers) {
      await fill(engine);
      const measured = await measureApart({
        peer,
        url,
        sessions,
        pool: POOL,
        authors: AUTHORS,
        warmUp: WARM_UP,
        transactions: TRANSACTIONS,
      });
      await verify(engine, WARM_UP + TRANSACTIONS);
      const cells = [
        measured.perSecond.toFixed(0),
        ...[measured.p50, measured.p99].map((ms) => `${ms.toFixed(1)} ms`),
        ...[measured.heap, measured.resident].map((bytes) => `${(bytes / 2 ** 20).toFixed(0)} MB`),
      ];
      console.log(`| ${[peer, sessions, ...cells].join(" | ")} |`);
    }
  }
  console.log("");
  await Base.metadata.dropAll(engine);
  await engine.dispose();
}
