import type { ForeignKeyConstraint, UniqueKey } from "../../schema/index.ts";
import type { Edge } from "./graph.ts";
import type { Batch } from "./sort.ts";

/** What has to be put off to the end of the transaction for the plan to be legal. */
export interface Deferral {
  readonly constraints: ReadonlySet<ForeignKeyConstraint | UniqueKey>;
  /** Every foreign key (SQLite). */
  readonly allForeignKeys: boolean;
}

/** Operations in a legal order. */
export interface Ordered {
  readonly batches: readonly Batch[];
  readonly deferral: Deferral;
  /** Which of them has to wait for which, and why. */
  readonly edges: readonly Edge[];
}
