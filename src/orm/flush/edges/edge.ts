/** What one kind of order between two row operations means. */
export interface EdgeKindInfo {
  /** A soft order is a preference: it is the first to go when orders contradict each other. */
  readonly soft: boolean;
  /** A soft order that mostly is needed: a row is rather moved out of the way than the order given up. */
  readonly likely?: true;
  /** Which kind of constraint stands behind it. */
  readonly constraint: "foreign key" | "unique" | "none";
  /** How a plan words it, between the two operations. */
  readonly reason: string;
}

/**
 * Every order that a flush knows, in one place. `from` runs before `to`:
 *
 * | kind | from | to |
 * |---|---|---|
 * | `refer` | writes a key | writes a foreign key that refers to it |
 * | `release` | deletes a row, or makes it refer elsewhere | deletes, or re-keys, the row that it referred to |
 * | `uncheckedRefer`, `uncheckedRelease` | as the two above, where the database does not check foreign keys, or unlinks the row by ON DELETE | |
 * | `goAlong` | deletes a row | deletes the one that it referred to, with which ON DELETE CASCADE would take it along |
 * | `leaveAlong` | makes a row refer elsewhere | deletes a row with which ON DELETE CASCADE takes along the one that it referred to |
 * | `mayLeave` | makes a row refer elsewhere | deletes one with which ON DELETE CASCADE may take along the one that it referred to, which the flush does not know |
 * | `takeAlong` | changes a row | deletes one with which ON DELETE CASCADE takes it along |
 * | `actOn` | makes a row refer to one | deletes that one, and ON DELETE says what becomes of the row |
 * | `slot` | gives a unique value up | takes that value |
 * | `likelySlot` | gives up a value that may be the same: collation, case, a predicate that cannot be decided here | takes it |
 * | `laterSlot` | gives up a value that it has once it has followed a changed key, before which it is to be written | takes it |
 * | `locate` | finds its row by a key | changes that key |
 * | `carry` | changes a key | carries the change into the rows that refer to it |
 * | `draw` | draws a key | writes that key |
 * | `restore` | parks or releases a value of a row | writes that row for good |
 */
export const EDGE_KINDS = {
  refer: { soft: false, constraint: "foreign key", reason: "refers to" },
  release: { soft: false, constraint: "foreign key", reason: "lets go of" },
  uncheckedRefer: { soft: true, constraint: "foreign key", reason: "refers to" },
  uncheckedRelease: { soft: true, constraint: "foreign key", reason: "lets go of" },
  goAlong: { soft: true, constraint: "foreign key", reason: "lets go of" },
  leaveAlong: { soft: false, constraint: "none", reason: "leaves what goes along with" },
  mayLeave: { soft: true, likely: true, constraint: "none", reason: "may leave what goes along with" },
  takeAlong: { soft: true, constraint: "foreign key", reason: "takes along" },
  actOn: { soft: true, constraint: "foreign key", reason: "does what ON DELETE says to" },
  slot: { soft: false, constraint: "unique", reason: "takes the unique value that is given up by" },
  likelySlot: {
    soft: true,
    likely: true,
    constraint: "unique",
    reason: "may take the unique value that is given up by",
  },
  laterSlot: {
    soft: true,
    constraint: "unique",
    reason: "takes the unique value that may be given up, once it has followed a changed key, by",
  },
  locate: { soft: false, constraint: "none", reason: "changes the key that still finds the row of" },
  carry: { soft: false, constraint: "none", reason: "follows the key that is changed by" },
  draw: { soft: false, constraint: "none", reason: "needs" },
  restore: { soft: false, constraint: "none", reason: "completes the row that is prepared by" },
} as const satisfies Record<string, EdgeKindInfo>;

export type EdgeKind = keyof typeof EDGE_KINDS;

export function isLikely(kind: EdgeKind): boolean {
  const { likely }: EdgeKindInfo = EDGE_KINDS[kind];
  return likely === true;
}
