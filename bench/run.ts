/**
 * Measures alkahest and its peers at the workloads of `bench/workloads.ts`. Each figure comes from a process of its own,
 * on rows of its own, which are counted afterwards; the peers take turns within a round; the first run counts, with
 * connection and mapping made before the clock starts. Writes `bench/results/`: JSON with every sample, Markdown with medians
 * and how many times the driver alone (or, where it has nothing to do, a unit of work by hand) needs.
 *
 *     npm run bench -- --workload W1,W2 --database sqlite --peers raw,alkahest --rounds 5
 *     npm run bench -- --growth --database postgresql
 *
 * Without options it measures all there is. Peers other than the driver are installed apart: `npm ci --prefix bench/peers`.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import type { Measured } from "./child.ts";
import type { DatabaseName } from "./databases/database.ts";
import { databases } from "./databases/databases.ts";
import { PEERS } from "./peers.ts";
import { toMarkdown } from "./report.ts";
import type { Results, Sample } from "./results.ts";
import { WORKLOADS, type WorkloadName, workloads } from "./workloads.ts";

const GROWTH: readonly WorkloadName[] = ["W1", "W2", "W3", "W5", "W9"];
const SIZES = [1_000, 10_000, 100_000];
/** A machine is idle when others use less than this share of it. It is waited for, not for ever. */
const IDLE = 0.12;
const PATIENCE_SECONDS = 2;
const TIMEOUT_MS = 300_000;

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

function chosen<T extends string>(
  option: string | undefined,
  known: readonly T[],
  all: readonly T[] = known,
): readonly T[] {
  if (option === undefined) return all;
  const names = option.split(",");
  const unknown = names.find((name) => !known.some((each) => each === name));
  if (unknown !== undefined) throw new Error(`There is no ${unknown}, but ${known.join(", ")}.`);
  return known.filter((name) => names.includes(name));
}

async function busyShare(): Promise<number> {
  const times = () =>
    cpus().reduce(
      ([idle, total], { times }) => [idle! + times.idle, total! + Object.values(times).reduce((sum, ms) => sum + ms)],
      [0, 0],
    );
  const [idleBefore, totalBefore] = times();
  await sleep(300);
  const [idle, total] = times();
  return 1 - (idle! - idleBefore!) / (total! - totalBefore!);
}

/** Waits for the other processes of the machine to leave it alone, and says how much they use when the waiting ends. */
async function quiet(): Promise<number> {
  const until = performance.now() + PATIENCE_SECONDS * 1000;
  for (;;) {
    const busy = await busyShare();
    if (busy < IDLE || performance.now() > until) return busy;
  }
}

async function sample(task: Omit<Sample, "busy" | "measured" | "error">): Promise<Sample> {
  const busy = await quiet();
  const { peer, workload, database, count } = task;
  const options = { peer, workload, database, count: String(count) };
  const parameters = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--max-old-space-size=8192", folder("child.js"), ...parameters],
      { timeout: TIMEOUT_MS },
    );
    return { ...task, busy, measured: JSON.parse(stdout) as Measured }; // what bench/child.ts prints
  } catch (cause) {
    const { stderr, message } = cause as { stderr?: string; message: string }; // what execFile rejects with
    const error = /^\w*Error\b.*$/m.exec(stderr ?? "")?.[0] ?? message;
    return { ...task, busy, error };
  }
}

const { values } = parseArgs({
  options: {
    workload: { type: "string" },
    database: { type: "string" },
    peers: { type: "string" },
    rounds: { type: "string", default: "5" },
    growth: { type: "boolean", default: false },
  },
});
const names = chosen(values.workload, WORKLOADS, values.growth ? GROWTH : WORKLOADS);
// The names of a database are the keys of databases.
const where = chosen(values.database, Object.keys(databases) as DatabaseName[]);
const all = Object.keys(PEERS);
const areInstalled = existsSync(folder("peers/node_modules"));
const who = chosen(
  values.peers,
  all,
  all.filter((peer) => areInstalled || !PEERS[peer]!.module.startsWith("./peers/")),
);
if (!areInstalled) console.error("Without other ORMs; for them: npm ci --prefix bench/peers");

const versions: Partial<Record<DatabaseName, string>> = {};
for (const name of where) versions[name] = await databases[name].version();
const samples: Sample[] = [];
const results: Results = {
  command: ["npm run bench", ...(process.argv.length > 2 ? ["--", ...process.argv.slice(2)] : [])].join(" "),
  date: new Date().toISOString().slice(0, 10),
  node: process.versions.node,
  processor: `${cpus().length} × ${cpus()[0]?.model}`,
  databases: versions,
  samples,
};
mkdirSync(folder("results"), { recursive: true });
const file = folder(`results/${values.growth ? "growth" : "workloads"}`);

for (let round = 0; round < Number(values.rounds); round++) {
  for (const database of where) {
    for (const workload of names) {
      for (const count of values.growth ? SIZES : [workloads[workload].count]) {
        for (const peer of who) {
          const { offers, fails } = PEERS[peer]!;
          if (!offers.includes(workload) || fails?.[database]?.includes(workload)) continue;
          const taken = await sample({ peer, workload, database, count, round });
          samples.push(taken);
          // After each, for a run that is broken off.
          writeFileSync(`${file}.json`, JSON.stringify(results, null, 1));
          writeFileSync(`${file}.md`, toMarkdown(results));
          const outcome = taken.error ?? `${taken.measured?.milliseconds[0]?.toFixed(2)} ms`;
          console.error(`${round + 1} ${database} ${workload} ${count} ${peer}: ${outcome}`);
        }
      }
    }
  }
}
console.log(toMarkdown(results));
if (samples.some(({ error }) => error !== undefined)) process.exitCode = 1;
