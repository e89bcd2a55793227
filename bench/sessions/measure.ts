/** Measures one ORM at one number of sessions, in a process of its own, and sends the figures to `bench/sessions.ts`. */
import { performance } from "node:perf_hooks";
import { PEERS, type Peer } from "./peer.ts";

/** How much work is done, by whom and where. */
export interface Task {
  readonly peer: string;
  readonly url: string;
  readonly pool: number;
  readonly authors: number;
  readonly sessions: number;
  readonly warmUp: number;
  readonly transactions: number;
}

/** Times in milliseconds, memory in bytes. */
export interface Measured {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly heap: number;
  readonly resident: number;
}

async function measure(peer: Peer, authors: number, sessions: number, transactions: number): Promise<Measured> {
  const times: number[] = [];
  let next = 0;
  let { heapUsed: heap, rss: resident } = process.memoryUsage();
  const work = async (): Promise<void> => {
    while (next < transactions) {
      const start = performance.now();
      const number = next++;
      // Neighbours in time work on different authors.
      await peer.transact(((number * 7) % authors) + 1, number);
      times.push(performance.now() - start);
      if (times.length % 50 !== 0) continue;
      const memory = process.memoryUsage();
      [heap, resident] = [Math.max(heap, memory.heapUsed), Math.max(resident, memory.rss)];
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: sessions }, work));
  const seconds = (performance.now() - start) / 1000;
  times.sort((a, b) => a - b);
  const percentile = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { perSecond: times.length / seconds, p50: percentile(0.5), p99: percentile(0.99), heap, resident };
}

// The argument is what bench/sessions.ts made of a Task.
const task = JSON.parse(process.argv[2] ?? "") as Task;
const load = PEERS[task.peer];
if (load === undefined) throw new Error(`There is no "${task.peer}" to measure.`);
const peer = await (await load()).open(task.url, task.pool);
await measure(peer, task.authors, Math.min(task.sessions, task.pool), task.warmUp);
const measured = await measure(peer, task.authors, task.sessions, task.transactions);
await peer.close();
process.send?.(measured);
process.disconnect?.();
