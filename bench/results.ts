/** What `npm run bench` has found, as it is written to `bench/results/`. */
import type { Measured } from "./child.ts";
import type { DatabaseName } from "./databases/database.ts";
import type { WorkloadName } from "./workloads.ts";

/** One process: a peer at a workload, or why there is nothing to say of it. */
export interface Sample {
  readonly peer: string;
  readonly workload: WorkloadName;
  readonly database: DatabaseName;
  readonly count: number;
  readonly round: number;
  /** The share of the processors, from 0 to 1, that others used just before. */
  readonly busy: number;
  readonly measured?: Measured;
  readonly error?: string;
}

export interface Results {
  readonly command: string;
  readonly date: string;
  readonly node: string;
  readonly processor: string;
  readonly databases: Readonly<Partial<Record<DatabaseName, string>>>;
  readonly samples: readonly Sample[];
}
