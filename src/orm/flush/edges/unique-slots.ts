import { evaluate, foldText, guess, type ReadColumn, UNKNOWN } from "../../../expression/index.ts";
import type { Column, Table, UniqueKey } from "../../../schema/index.ts";
import { columnOf } from "../../../schema/index.ts";
import type { FoldText } from "../../../schema/same-texts.ts";
import { GeneratedValue, origin, type RowImage, RowOperation } from "../decompose/operation.ts";
import { Touched } from "../decompose/touched.ts";
import { generatedKey, type TupleKey, tupleKey } from "../decompose/tuple.ts";
import { TupleMap } from "../decompose/tuple-map.ts";
import type { FlushGraph } from "../graph.ts";
import type { EdgeKind } from "./edge.ts";
import { passesGate, touches } from "./gate.ts";
import {
  exists,
  factsOf,
  foldingOf,
  type MemberFolding,
  membersOf,
  type UniqueKeyDialect,
  type UniqueKeyPart,
} from "./unique-key.ts";

/**
 * A unique key of a table together with one tuple of values: at any moment at most one row may hold it.
 * Certain slots collide for sure; the others may (collation, a predicate that cannot be decided here).
 */
export interface Slot {
  readonly key: TupleKey;
  /**
   * What collides for sure: the tuple as written; of texts that are compared without case, A to Z as a to z; without spaces
   * at the end where these are ignored; of what only the database can compute, what it computes it of.
   */
  readonly exact: TupleKey;
  readonly certain: boolean;
  /** The database has yet to make a value of it. */
  readonly isGenerated: boolean;
}

/**
 * Orders the operation that gives a unique value up before the one that takes it, for the unique keys that pass the gate.
 */
export function addUniqueSlotEdges(
  graph: FlushGraph,
  byTable: ReadonlyMap<Table, readonly RowOperation[]>,
  moved: Moved,
  dialect: UniqueKeyDialect,
): void {
  for (const [table, operations] of byTable) {
    if (table.uniqueKeys.length === 0) continue;
    const touched = Touched.by(operations);
    for (const uniqueKey of table.uniqueKeys) {
      if (exists(uniqueKey, dialect) && passesGate(uniqueKey, touched))
        join(graph, uniqueKey, operations, moved, slotReader(uniqueKey, dialect));
    }
  }
}

/** May a row give up a unique value that another one takes? */
export function mayExchangeValues(written: ReadonlyMap<Table, Touched>, dialect: UniqueKeyDialect): boolean {
  for (const [table, touched] of written) {
    if (table.uniqueKeys.some((uniqueKey) => exists(uniqueKey, dialect) && passesGate(uniqueKey, touched))) return true;
  }
  return false;
}

/** A row as it will be by following changed keys; null if it does not. */
export type Moved = (table: Table, row: RowImage) => RowImage | null;

/** Reads what a row has in the end: what is written, else what it gets by following changed keys, else what it has. */
export function finalReader(operation: RowOperation, moved: Moved): (column: Column<unknown>) => unknown {
  const image = operation.kind === "update" ? moved(operation.table, operation.before) : null;
  return (column) =>
    image === null || operation.after[column.index] !== undefined ? operation.current(column) : image[column.index];
}

/** Who gives a slot up. Several rows may, where slots are alike but not certainly the same, or rows follow a changed key. */
interface Holder {
  readonly operation: RowOperation;
  /** Null if whoever has the same key has the same slot. */
  readonly slot: Slot | null;
  /** The row gives it up only if it is written after it has followed a changed key, against what is to be. */
  readonly isLater: boolean;
  readonly next: Holder | RowOperation | undefined;
}

/** Mostly one row gives a slot up, and it is certain which slot that is: a large flush should not pay for the others. */
type Holders = TupleMap<Holder | RowOperation>;

function join(
  graph: FlushGraph,
  uniqueKey: UniqueKey,
  operations: readonly RowOperation[],
  moved: Moved,
  slotOf: ReadSlot,
): void {
  const { dependsOn } = factsOf(uniqueKey);
  const released: Holders = new TupleMap(operations.length);
  let withGenerated = false;
  for (const operation of operations) {
    if (operation.kind !== "delete" && !touches(operation, dependsOn)) continue;
    const slot = slotOf(operation.before, operation.before, false);
    release(released, operation, slot);
    // The row may have followed a changed key by the time at which it gives its value up.
    const followed = moved(operation.table, operation.before);
    if (followed === null) continue;
    const later = slotOf(followed, followed, true);
    if (keyOf(later) !== keyOf(slot)) release(released, operation, later, isWrittenBefore(operation, followed));
    if (followed.some((value) => value instanceof GeneratedValue)) withGenerated = true;
  }
  if (released.size === 0) return;
  /** The row has the value until it follows a changed key, and that is before others can come to have it by following. */
  const passes = ({ table, before, after }: RowOperation, key: TupleKey): boolean => {
    const followed = moved(table, before);
    return followed !== null && keyOf(slotOf(after, followed, withGenerated)) !== key;
  };
  for (const operation of operations) {
    if (operation.kind !== "insert" && !touches(operation, dependsOn)) continue;
    const slot = slotOf(operation.after, operation.before, withGenerated);
    const key = keyOf(slot);
    if (slot === null || key === null) continue;
    for (let holder = released.get(key); holder !== undefined; holder = nextOf(holder)) {
      const from = holder instanceof RowOperation ? holder : holder.operation;
      if (from === operation || (isLater(holder) && passes(operation, key))) continue;
      graph.order(from, operation, kindOf(slot, holder), uniqueKey);
    }
  }
}

/** Is the row found by a key that follows another one, and written before that does? */
function isWrittenBefore({ keyColumns, movedBy, before }: RowOperation, followed: RowImage): boolean {
  return movedBy === null && keyColumns.some(({ index }) => followed[index] !== before[index]);
}

function release(released: Holders, operation: RowOperation, slot: Slot | TupleKey | null, isLater = false): void {
  const key = keyOf(slot);
  if (key === null) return;
  const next = released.get(key);
  const isPlain = !isSlot(slot);
  const isAll = isPlain && !isLater && next === undefined;
  released.set(key, isAll ? operation : { operation, slot: isPlain ? null : slot, isLater, next });
}

function nextOf(holder: Holder | RowOperation): Holder | RowOperation | undefined {
  return holder instanceof RowOperation ? undefined : holder.next;
}

function isSlot(slot: Slot | TupleKey | null): slot is Slot {
  return typeof slot === "object" && slot !== null;
}

export function keyOf(slot: Slot | TupleKey | null): TupleKey | null {
  return isSlot(slot) ? slot.key : slot;
}

function isLater(holder: Holder | RowOperation): boolean {
  return !(holder instanceof RowOperation) && holder.isLater;
}

function kindOf(taken: Slot | TupleKey, holder: Holder | RowOperation): EdgeKind {
  if (isLater(holder)) return "laterSlot";
  return isSame(taken, holder) ? "slot" : "likelySlot";
}

/** Is it certain that a row takes what the holder gives up? */
function isSame(taken: Slot | TupleKey, holder: Holder | RowOperation): boolean {
  if (!isSlot(taken) || holder instanceof RowOperation || holder.slot === null) return true;
  return taken.certain && holder.slot.certain && taken.exact === holder.slot.exact;
}

/**
 * The slot that a row holds under a unique key; null when it holds none, or none that can be known.
 * @param written what an operation writes; a column that an INSERT leaves out is NULL or made by the database: not known
 * either way
 * @param before what the row has in the columns that are not written
 * @param withGenerated also slots with values that the database has yet to make: mostly these are nobody's but the row's
 * own, but a changed key may give them to others
 */
export type ReadSlot = (written: RowImage, before: RowImage, withGenerated: boolean) => Slot | TupleKey | null;

export function slotReader(uniqueKey: UniqueKey, dialect: UniqueKeyDialect): ReadSlot {
  const { parts, isPlain } = factsOf(uniqueKey);
  const foldings = membersOf(uniqueKey).map((member) => foldingOf(member, dialect));
  const columns = parts.flatMap(({ column }) => column ?? []);
  if (isPlain && foldings.every((folding) => folding?.isForgiving !== true)) {
    const folds = foldings.map((folding) => folding?.exact ?? null);
    return (written, before, withGenerated) => plainSlotOf(columns, folds, written, before, withGenerated);
  }
  return (written, before, withGenerated) => {
    const slot = anySlotOf(uniqueKey, foldings, (column) => columnValue(written, before, column));
    return slot?.isGenerated === true && !withGenerated ? null : slot;
  };
}

/** Of unique keys over columns of which it is certain what is equal: no more than the key need be known. */
function plainSlotOf(
  columns: readonly Column<unknown>[],
  folds: readonly (FoldText | null)[],
  written: RowImage,
  before: RowImage,
  withGenerated: boolean,
): TupleKey | null {
  const values: unknown[] = new Array(columns.length); // one that grows keeps room for seventeen
  let isGenerated = false;
  for (let i = 0; i < columns.length; i++) {
    const value = columnValue(written, before, columns[i] as Column<unknown>); // `i` counts them
    if (value === UNKNOWN || value === null) return null;
    if (value instanceof GeneratedValue) {
      if (!withGenerated) return null;
      isGenerated = true;
    }
    const fold = folds[i];
    values[i] = fold && typeof value === "string" ? fold(value) : value;
  }
  return isGenerated ? generatedKey(columns, values) : tupleKey(columns, values);
}

/** The value that a row has in a column; {@link UNKNOWN} if that cannot be said. */
function columnValue(written: RowImage, before: RowImage, { index }: Column<unknown>): unknown {
  let value = origin(written[index]);
  if (value === undefined) value = origin(before[index]);
  return value === undefined ? UNKNOWN : value;
}

/** What a row has in the members of a unique key, or most likely has; UNKNOWN where that cannot be said. */
export function memberValues(uniqueKey: UniqueKey, written: RowImage, before: RowImage): readonly unknown[] {
  const read = (column: Column<unknown>): unknown => knownOf(columnValue(written, before, column));
  return factsOf(uniqueKey).parts.map(({ column, expression }) =>
    column === null ? guess(expression, (element) => read(columnOf(element))) : read(column),
  );
}

function knownOf(value: unknown): unknown {
  return value instanceof GeneratedValue ? UNKNOWN : value;
}

/** Of unique keys with expressions, a predicate, a collation or NULLs that are equal. */
function anySlotOf(
  uniqueKey: UniqueKey,
  foldings: readonly (MemberFolding | null)[],
  readValue: (column: Column<unknown>) => unknown,
): Slot | null {
  const readKnown: ReadColumn = (element) => knownOf(readValue(columnOf(element)));
  const { parts, where } = factsOf(uniqueKey);
  let certain = true;
  if (where !== null) {
    let holds = evaluate(where, readKnown);
    if (holds === UNKNOWN) {
      certain = false;
      holds = guess(where, readKnown);
    }
    if (holds !== true && holds !== UNKNOWN) return null;
  }
  const likely: unknown[] = [];
  const exact: unknown[] = [];
  for (const [i, part] of parts.entries()) {
    let value = part.column === null ? evaluate(part.expression, readKnown) : readValue(part.column);
    let source: string | null = null;
    if (value === UNKNOWN) {
      source = sourceOf(part, readKnown);
      if (source === null) return null;
      if (part.hasText) certain = false;
      value = guess(part.expression, readKnown);
      if (value === UNKNOWN) value = source;
    }
    if (value === null && !uniqueKey.nullsNotDistinct) return null;
    const folding = foldings[i];
    if (folding && typeof value === "string") {
      exact.push(source ?? folding.exact(value));
      likely.push(folding.isForgiving ? likelyText(value) : folding.exact(value));
    } else {
      exact.push(source ?? value);
      likely.push(value);
    }
  }
  const isGenerated = exact.some((value) => value instanceof GeneratedValue);
  if (isGenerated && (uniqueKey.columns === null || exact.includes(null))) return null;
  return { key: slotKey(uniqueKey, likely), exact: slotKey(uniqueKey, exact), certain, isGenerated };
}

/** What remains of a text where the collation knows best: ß is ss for some, s for others. */
function likelyText(text: string): string {
  return foldText(text).replace(/s+/g, "s");
}

function slotKey({ columns }: UniqueKey, values: readonly unknown[]): TupleKey {
  if (columns?.every(({ computed }) => computed === null) === true && !values.includes(null)) {
    const isGenerated = values.some((value) => value instanceof GeneratedValue);
    return isGenerated ? generatedKey(columns, values) : tupleKey(columns, values);
  }
  return values.map(textKey).join("\u0000");
}

/**
 * The values of which only the database can compute a member; null if they are not known. The same ones make the same of
 * it, and with NULL mostly NULL.
 */
function sourceOf({ columns }: UniqueKeyPart, read: ReadColumn): string | null {
  const values = columns.map(read);
  return columns.length === 0 || values.includes(UNKNOWN) || values.includes(null)
    ? null
    : `of ${String(tupleKey(columns, values))}`;
}

/** For values of expressions, which have no column whose type says what is equal, and for NULL. */
function textKey(value: unknown): string {
  if (value instanceof GeneratedValue) return `@${value.operation.id}.${value.column.index}`;
  return `${typeof value}:${String(value)}`;
}
