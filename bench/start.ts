/**
 * What starting costs: the import of the package with a driver and two mapped classes, and the time since the process
 * began when the first query on SQLite has its answer; and how much JavaScript was loaded for it. Medians of processes of
 * their own, which take turns; with peers where they are installed (`npm ci --prefix bench/peers`).
 *
 *     npm run bench:start
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { sqlite } from "./databases/sqlite.ts";
import type { Started } from "./start/child.ts";
import { median } from "./statistics.ts";

const ROUNDS = 11;

const MODULES = {
  "driver alone": "./driver.js",
  alkahest: "./alkahest.js",
  Kysely: "../peers/start/kysely.js",
  Drizzle: "../peers/start/drizzle.js",
  MikroORM: "../peers/start/mikro-orm.js",
};

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

async function start(...options: string[]): Promise<Started> {
  const { stdout } = await promisify(execFile)(process.execPath, [path("start/child.js"), ...options]);
  return JSON.parse(stdout) as Started; // what bench/start/child.ts prints
}

const areInstalled = existsSync(path("peers/node_modules"));
const modules = Object.entries(MODULES).filter(([, module]) => areInstalled || !module.startsWith("../peers/"));
const { address, drop } = await sqlite.copy(200);
const rounds: Started[][] = [];
for (let round = 0; round < ROUNDS; round++) {
  const started: Started[] = [];
  for (const [, module] of modules) started.push(await start(module, address));
  rounds.push(started);
}
console.log("| | import | process to first answer | JavaScript loaded | files |");
console.log("| --- | ---: | ---: | ---: | ---: |");
for (const [i, [title, module]] of modules.entries()) {
  const { files, bytes } = await start(module, address, "--files");
  const times = (["import", "firstQuery"] as const).map((name) => median(rounds.map((started) => started[i]![name])));
  const cells = [...times.map((ms) => `${ms.toFixed(0)} ms`), `${(bytes / 1024).toFixed(0)} kB`, files];
  console.log(`| ${[title, ...cells].join(" | ")} |`);
}
await drop();
