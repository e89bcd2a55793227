/**
 * Starts one ORM in this process and sends `bench/start.ts` what it took: the import with the definition of two classes,
 * and the time since the process began when the first query has its answer. With `--files` it looks instead at which
 * files of JavaScript were loaded, which slows them down.
 */
import { statSync } from "node:fs";
import { createRequire, register } from "node:module";
import { fileURLToPath } from "node:url";
import { MessageChannel } from "node:worker_threads";

/** Milliseconds, or files and their bytes. */
export interface Started {
  readonly import: number;
  readonly firstQuery: number;
  readonly files: number;
  readonly bytes: number;
}

/** What each module in `bench/start` and `bench/peers/start` exports: reads the name of an author from a file of SQLite. */
export type FirstQuery = (file: string) => Promise<string | undefined>;

const [module, file, option] = process.argv.slice(2);
const loaded = new Set<string>();
if (option === "--files") {
  const { port1, port2 } = new MessageChannel();
  port1.on("message", (url: string) => loaded.add(url));
  port1.unref();
  register("./hooks.js", import.meta.url, { data: { port: port2 }, transferList: [port2] });
}

const before = performance.now();
const { firstQuery } = (await import(module!)) as { firstQuery: FirstQuery }; // what such a module exports
const imported = performance.now();
const name = await firstQuery(file!);
const answered = performance.now();
if (name !== "Author 7") throw new Error(`${module}: ${name} instead of Author 7.`);

// What the hooks have sent arrives in a later turn.
await new Promise((resolve) => setImmediate(resolve));
const scripts = [
  ...new Set([
    ...[...loaded].filter((url) => url.startsWith("file:")).map((url) => fileURLToPath(url)),
    ...Object.keys(createRequire(import.meta.url).cache),
  ]),
].filter((path) => /\.[cm]?js$/.test(path) && !path.includes("/start/"));
const started: Started = {
  import: imported - before,
  firstQuery: answered,
  files: scripts.length,
  bytes: scripts.reduce((sum, path) => sum + statSync(path).size, 0),
};
console.log(JSON.stringify(started));
process.exit();
