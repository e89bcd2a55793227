/** What a peer offers to be measured: a program for each workload that it can do. */
import type { DatabaseName } from "./databases/database.ts";
import type { WorkloadName } from "./workloads.ts";

/** One measurement: a program starts and stops its clock and counts what it has done. */
export interface Run {
  /** Starts the clock, on a heap without garbage. Whatever comes before it is not measured. */
  start(): void;
  stop(): void;
  /** How many objects the workload is about. */
  readonly count: number;
  /** How many authors, of five books each, were there when the process began. */
  readonly authors: number;
  /** Which run in this process, from 0. */
  readonly repetition: number;
  /** W7: milliseconds of each transaction. */
  readonly latencies: number[];
  /** W8: measures what stays in memory of what `load` returns, and gives it back. */
  hold<T>(load: () => T | Promise<T>): Promise<T>;
}

/** @returns how many objects it found or wrote as they should be; counted after the clock has stopped */
export type Measure = (run: Run) => Promise<number>;

export interface Program {
  /** Names and versions of the packages that do the work. */
  readonly versions: Readonly<Record<string, string>>;
  readonly measures: Partial<Record<WorkloadName, Measure>>;
  close(): Promise<void> | void;
}

/** Connects, maps and warms up nothing but the connection. `address` is a file of SQLite or the URL of a server. */
export type OpenProgram = (database: DatabaseName, address: string) => Promise<Program>;
