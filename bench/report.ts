/** Makes tables in Markdown of what was measured. */
import type { Measured } from "./child.ts";
import type { DatabaseName } from "./databases/database.ts";
import { databases } from "./databases/databases.ts";
import { PEERS } from "./peers.ts";
import type { Results, Sample } from "./results.ts";
import { exponent, median } from "./statistics.ts";
import { WORKLOADS, type WorkloadName, workloads } from "./workloads.ts";

type Figure = (workload: WorkloadName, measured: Measured) => number;

/** Bytes an object of W8, the median transaction of W7, else milliseconds. */
function elapsed(workload: WorkloadName, measured: Measured): number {
  if (workload === "W8") return measured.heap ?? Number.NaN;
  if (workload === "W7") return measured.latency?.p50 ?? Number.NaN;
  return measured.milliseconds[0] ?? Number.NaN;
}

/** What the process has computed: on a machine that others use as well, it says more than the time on the clock. */
function computed(workload: WorkloadName, measured: Measured): number {
  return workload === "W8" ? Number.NaN : (measured.cpu[0] ?? Number.NaN);
}

function unitOf(figure: Figure, workload: WorkloadName): string {
  if (figure === computed) return "ms";
  return workload === "W8" ? "bytes an object" : workload === "W7" ? "ms, p50 of one" : "ms";
}

/** NaN where nothing was measured. */
function medianOf(
  samples: readonly Sample[],
  figure: Figure,
  peer: string,
  workload: WorkloadName,
  count?: number,
): number {
  return median(
    samples
      .filter(
        (sample) => sample.peer === peer && sample.workload === workload && sample.count === (count ?? sample.count),
      )
      .flatMap(({ measured }) => (measured === undefined ? [] : [figure(workload, measured)])),
  );
}

function number(value: number): string {
  if (Number.isNaN(value)) return "–";
  if (value >= 1000) return Math.round(value).toLocaleString("en");
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3);
}

function ratio(value: number, reference: number): string {
  const times = value / reference;
  return Number.isNaN(times) ? "" : ` (${times >= 100 ? times.toFixed(0) : times.toFixed(times >= 10 ? 1 : 2)}×)`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function head(cells: readonly string[]): string[] {
  return [row(cells), row(cells.map((_, i) => (i === 0 ? "---" : "---:")))];
}

function among<T extends string>(known: readonly T[], samples: readonly Sample[], of: (sample: Sample) => string): T[] {
  return known.filter((name) => samples.some((sample) => of(sample) === name));
}

function comparison(samples: readonly Sample[], figure: Figure): string[] {
  const peers = among(Object.keys(PEERS), samples, ({ peer }) => peer);
  const lines = head(["", ...peers.map((peer) => PEERS[peer]!.title)]);
  for (const workload of among(WORKLOADS, samples, (sample) => sample.workload)) {
    const values = new Map(peers.map((peer) => [peer, medianOf(samples, figure, peer, workload)]));
    if ([...values.values()].every(Number.isNaN)) continue;
    const reference = [values.get("raw"), values.get("floor")].find((value) => value !== undefined && value > 0);
    const cells = [...values].map(
      ([peer, value]) => number(value) + ratio(value, peer === "raw" ? Number.NaN : (reference ?? Number.NaN)),
    );
    lines.push(row([`**${workload}** ${workloads[workload].title} (${unitOf(figure, workload)})`, ...cells]));
  }
  return lines;
}

function growth(samples: readonly Sample[], counts: readonly number[]): string[] {
  const sizes = counts.map((count) => count.toLocaleString("en"));
  const lines = head(["", "", ...sizes, `exponent, ${sizes.slice(-2).join(" to ")}`]);
  for (const workload of among(WORKLOADS, samples, (sample) => sample.workload)) {
    for (const peer of among(Object.keys(PEERS), samples, (sample) => sample.peer)) {
      const values = counts.map((count) => medianOf(samples, elapsed, peer, workload, count));
      if (values.every(Number.isNaN)) continue;
      const points = counts.map((count, i) => [count, values[i]!] as const).slice(-2);
      const cells = [...values.map(number), exponent(points).toFixed(2)];
      lines.push(row([`**${workload}**`, PEERS[peer]!.title, ...cells]));
    }
  }
  return lines;
}

function versions(samples: readonly Sample[]): string {
  const found = new Map<string, string>();
  for (const { measured } of samples) {
    for (const [name, version] of Object.entries(measured?.versions ?? {})) found.set(name, version);
  }
  return [...found].map(([name, version]) => `${name} ${version}`).join(", ");
}

function failures(samples: readonly Sample[]): string[] {
  const errors = samples.flatMap(({ peer, workload, database, error }) =>
    error === undefined ? [] : [`- ${peer}, ${workload}, ${database}: ${error}`],
  );
  return errors.length === 0 ? [] : ["", "Failed:", "", ...new Set(errors)];
}

/** One table for each database: of growth where objects were counted by several sizes, else one of peers. */
export function toMarkdown({ command, date, node, processor, databases: found, samples }: Results): string {
  const lines = [`\`${command}\`, ${date}, Node ${node}, ${processor}; ${versions(samples)}.`];
  // The names of a database are the keys of databases.
  for (const database of among(Object.keys(databases) as DatabaseName[], samples, (sample) => sample.database)) {
    const here = samples.filter((sample) => sample.database === database);
    const rounds = new Set(here.map(({ round }) => round)).size;
    lines.push("", `${databases[database].title} ${found[database]}, median of ${rounds}, first run of a process:`, "");
    const sizes = here.some(({ workload, count }) =>
      here.some((other) => other.workload === workload && other.count !== count),
    );
    const counts = [...new Set(here.map(({ count }) => count))].sort((a, b) => a - b);
    if (sizes) {
      lines.push(...growth(here, counts));
    } else {
      lines.push(
        ...comparison(here, elapsed),
        "",
        "Processor time of the process, in its own code and in the system:",
        "",
      );
      lines.push(...comparison(here, computed));
    }
  }
  return [...lines, ...failures(samples), ""].join("\n");
}
