/**
 * Measures one peer at one workload on one database and prints the figures as JSON. `bench/run.ts` starts it; alone, after
 * `npm run bench:build`, it serves to look for where the time goes:
 *
 *     node --cpu-prof bench/child.js --peer alkahest --workload W2 --database sqlite --runs 5
 *
 * `--count` asks for another number of objects, `--runs` for the same work again in the same process.
 */
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { DatabaseName } from "./databases/database.ts";
import { databases } from "./databases/databases.ts";
import { PEERS } from "./peers.ts";
import type { OpenProgram, Run } from "./program.ts";
import { percentile } from "./statistics.ts";
import { type WorkloadName, workloads } from "./workloads.ts";

/** What one process has measured: times in milliseconds, memory in bytes. */
export interface Measured {
  /** Of the first run and of those after it. */
  readonly milliseconds: number[];
  /** What the process has computed meanwhile, in its own time and in that of the system. */
  readonly cpu: number[];
  /** W7: of the first run, after the first 500 transactions. */
  readonly latency?: { readonly p50: number; readonly p99: number };
  /** W8: for each object. */
  readonly heap?: number;
  readonly resident?: number;
  readonly versions: Readonly<Record<string, string>>;
}

const WARM_UP = 500;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void; // what the flag adds to new contexts

/** Reads the memory in use when nothing more can be collected. */
function memory(): NodeJS.MemoryUsage {
  collectGarbage();
  collectGarbage();
  return process.memoryUsage();
}

class Stopwatch implements Run {
  readonly count: number;
  readonly authors: number;
  readonly repetition: number;
  readonly latencies: number[] = [];
  milliseconds = 0;
  cpu = 0;
  heap: number | undefined;
  resident: number | undefined;
  #started = 0;
  #cpuBefore: NodeJS.CpuUsage | undefined;

  constructor(count: number, authors: number, repetition: number) {
    this.count = count;
    this.authors = authors;
    this.repetition = repetition;
  }

  start(): void {
    collectGarbage();
    this.#cpuBefore = process.cpuUsage();
    this.#started = performance.now();
  }

  stop(): void {
    this.milliseconds = performance.now() - this.#started;
    const { user, system } = process.cpuUsage(this.#cpuBefore);
    this.cpu = (user + system) / 1000;
  }

  async hold<T>(load: () => T | Promise<T>): Promise<T> {
    const before = memory();
    this.start();
    const held = await load();
    this.stop();
    const after = memory();
    this.heap = (after.heapUsed - before.heapUsed) / this.count;
    this.resident = (after.rss - before.rss) / this.count;
    return held;
  }
}

async function measure(
  peer: string,
  workload: WorkloadName,
  database: DatabaseName,
  count: number,
  runs: number,
): Promise<Measured> {
  const { authors, reports, expects } = workloads[workload];
  const copy = await databases[database].copy(authors(count));
  try {
    // Every module that PEERS names has this export.
    const { open } = (await import(PEERS[peer]!.module)) as { open: OpenProgram };
    const program = await open(database, copy.address);
    const work = program.measures[workload];
    if (work === undefined) throw new Error(`${peer} has no ${workload}.`);
    const measured: Stopwatch[] = [];
    for (let i = 0; i < runs; i++) {
      const watch = new Stopwatch(count, authors(count), i);
      const reported = await work(watch);
      if (reported !== reports(count)) throw new Error(`${reported} objects instead of ${reports(count)}.`);
      measured.push(watch);
    }
    await program.close();
    for (const { sql, rows } of expects(count, runs)) {
      const found = await copy.count(sql);
      if (found !== rows) throw new Error(`${found} rows instead of ${rows}: ${sql}`);
    }
    const first = measured[0]!;
    const latencies = first.latencies.slice(WARM_UP);
    return {
      milliseconds: measured.map(({ milliseconds }) => milliseconds),
      cpu: measured.map(({ cpu }) => cpu),
      ...(latencies.length > 0
        ? { latency: { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) } }
        : {}),
      ...(first.heap === undefined ? {} : { heap: first.heap }),
      ...(first.resident === undefined ? {} : { resident: first.resident }),
      versions: program.versions,
    };
  } finally {
    await copy.drop();
  }
}

const { values } = parseArgs({
  options: {
    peer: { type: "string" },
    workload: { type: "string" },
    database: { type: "string" },
    count: { type: "string" },
    runs: { type: "string", default: "1" },
  },
});
const { peer = "", workload = "", database = "" } = values;
if (!(peer in PEERS && workload in workloads && database in databases)) {
  const choices = [PEERS, workloads, databases].map((names) => Object.keys(names).join("|"));
  throw new Error(`--peer ${choices[0]} --workload ${choices[1]} --database ${choices[2]}`);
}
const name = workload as WorkloadName; // it is in workloads
const measured = await measure(
  peer,
  name,
  database as DatabaseName, // it is in databases
  Number(values.count ?? workloads[name].count),
  Number(values.runs),
);
console.log(JSON.stringify(measured));
