import type { OptionNames } from "../expression/check-arguments.ts";
import type { FromClause } from "../expression/from.ts";
import { declareFields, Node } from "../expression/node.ts";

/** How `forUpdate` locks rows. */
export interface LockOptions {
  /** Only rows of these tables, aliases or mapped classes. */
  readonly of?: readonly unknown[];
  /** Others may lock the rows in the same way, nobody may change them: `FOR SHARE`. */
  readonly share?: boolean;
  /**
   * Leaves the key alone, so that others may insert rows that refer to these: `FOR NO KEY UPDATE`, with `share`
   * `FOR KEY SHARE` (PostgreSQL). Other databases lock the whole row.
   */
  readonly keyShare?: boolean;
  /** An error instead of waiting for a row that is locked. */
  readonly nowait?: boolean;
  /** Leaves rows out that are locked. */
  readonly skipLocked?: boolean;
}

export const LOCK_OPTIONS: OptionNames<LockOptions> = {
  of: true,
  share: true,
  keyShare: true,
  nowait: true,
  skipLocked: true,
};

/** What may not happen to the rows. */
export type LockStrength = "UPDATE" | "NO KEY UPDATE" | "SHARE" | "KEY SHARE";

/** `FOR UPDATE OF ... NOWAIT`. */
export class LockClause extends Node {
  readonly kind = "lock";
  readonly strength: LockStrength;
  readonly of: readonly FromClause[];
  readonly wait: "NOWAIT" | "SKIP LOCKED" | null;

  constructor(strength: LockStrength, of: readonly FromClause[], wait: "NOWAIT" | "SKIP LOCKED" | null) {
    super();
    this.strength = strength;
    this.of = of;
    this.wait = wait;
  }

  static {
    declareFields(LockClause, { strength: "value", of: "nodes", wait: "value" });
  }
}
