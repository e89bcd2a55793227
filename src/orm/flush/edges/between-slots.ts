import type { Column, Table, UniqueKey } from "../../../schema/index.ts";
import type { RowImage, RowOperation } from "../decompose/operation.ts";
import type { TupleKey } from "../decompose/tuple.ts";
import { getOrAdd } from "../get-or-add.ts";
import type { FlushGraph } from "../graph.ts";
import { exists, factsOf, type UniqueKeyDialect } from "./unique-key.ts";
import { keyOf, type Moved, type ReadSlot, type Slot, slotReader } from "./unique-slots.ts";

/** Who has a slot before this flush, and who after it. */
interface SlotUsers {
  readonly slotOf: ReadSlot;
  readonly before: ReadonlyMap<TupleKey, readonly { readonly operation: RowOperation; readonly image: RowImage }[]>;
  readonly after: ReadonlyMap<TupleKey, readonly RowOperation[]>;
  /** The operations by which other rows give up what they held for a while, too. */
  readonly between: Map<TupleKey, RowOperation[]>;
}

/**
 * The unique values that rows hold only for a while, because a cycle was broken by writing them in two steps. Neither the
 * row as it was nor the row as it will be tells them: (parent 1, "a") on the way to (parent 2, "a") may be somebody's.
 * What it reads of the whole flush it reads when the first such value turns up.
 */
export class BetweenSlots {
  readonly #byTable: ReadonlyMap<Table, readonly RowOperation[]>;
  readonly #moved: Moved;
  readonly #dialect: UniqueKeyDialect;
  readonly #users = new Map<UniqueKey, SlotUsers>();

  constructor(byTable: ReadonlyMap<Table, readonly RowOperation[]>, moved: Moved, dialect: UniqueKeyDialect) {
    this.#byTable = byTable;
    this.#moved = moved;
    this.#dialect = dialect;
  }

  /**
   * Does anybody want a unique value that the row would have until it gets its own in `columns`?
   * @param written what is written of the row meanwhile
   */
  isWanted(graph: FlushGraph, row: RowOperation, written: RowImage, columns: readonly Column<unknown>[]): boolean {
    for (const [uniqueKey, slot] of this.#slots(row, written, columns)) {
      const { givers, takers } = this.#rivals(graph, uniqueKey, slot, row);
      if (givers.length > 0 || takers.length > 0) return true;
    }
    return false;
  }

  /**
   * Orders what has or takes the unique values that `first` gives a row, and that it has until `last`.
   * @param columns those in which the row is not yet, or no more, as this flush leaves it
   * @returns true if there are such values
   */
  order(graph: FlushGraph, first: RowOperation, last: RowOperation, columns: readonly Column<unknown>[]): boolean {
    let holds = false;
    for (const [uniqueKey, slot] of this.#slots(first, first.after, columns)) {
      const kind = typeof slot === "object" && !slot.certain ? "likelySlot" : "slot";
      const { givers, takers, turns } = this.#rivals(graph, uniqueKey, slot, first);
      for (const giver of givers) graph.order(giver, first, kind, uniqueKey);
      for (const taker of takers) graph.order(last, taker, kind, uniqueKey);
      turns.push(last);
      holds = true;
    }
    return holds;
  }

  /** The unique values that a row takes by what is written, also once it has followed changed keys besides. */
  #slots(
    { table, before }: RowOperation,
    written: RowImage,
    columns: readonly Column<unknown>[],
  ): [UniqueKey, Slot | TupleKey][] {
    const found: [UniqueKey, Slot | TupleKey][] = [];
    const moved = this.#moved(table, before);
    for (const uniqueKey of table.uniqueKeys) {
      const depends = factsOf(uniqueKey).dependsOn.some((column) => columns.includes(column));
      if (!depends || !exists(uniqueKey, this.#dialect)) continue;
      const slotOf = slotReader(uniqueKey, this.#dialect);
      const held = keyOf(slotOf(before, before, true));
      const between = slotOf(written, before, true);
      const isTaken = between !== null && keyOf(between) !== held;
      if (moved === null) {
        if (isTaken) found.push([uniqueKey, between]); // mostly so: a large flush asks for every row that it moves aside
        continue;
      }
      const follows = keyOf(slotOf(moved, moved, true));
      const later = slotOf(written, moved, true);
      const isTakenLater = later !== null && keyOf(later) !== follows && keyOf(later) !== held;
      if (isTaken && keyOf(between) !== follows) found.push([uniqueKey, between]);
      if (isTakenLater && keyOf(later) !== keyOf(between)) found.push([uniqueKey, later]);
    }
    return found;
  }

  /** Who must give the value up before, who takes it afterwards, and who gave it up that had it for a while, too. */
  #rivals(graph: FlushGraph, uniqueKey: UniqueKey, slot: Slot | TupleKey, row: RowOperation) {
    const key = keyOf(slot) as TupleKey; // a slot has one
    const { before, after, between, slotOf } = this.#usersOf(graph, uniqueKey);
    const own = new Set(stagesOf(graph, row));
    const turns = getOrAdd(between, key, () => []);
    const givers = turns.filter((other) => !own.has(other));
    for (const { operation, image } of before.get(key) ?? []) {
      const giver = changer(graph, operation, image, slotOf, (held) => held !== key);
      if (giver !== null && !own.has(operation)) givers.push(giver);
    }
    const takers: RowOperation[] = [];
    for (const operation of after.get(key) ?? []) {
      const taker = changer(graph, operation, operation.before, slotOf, (held) => held === key);
      if (taker !== null && !own.has(operation)) takers.push(taker);
    }
    return { givers, takers, turns };
  }

  #usersOf(graph: FlushGraph, uniqueKey: UniqueKey): SlotUsers {
    return getOrAdd(this.#users, uniqueKey, () => {
      const slotOf = slotReader(uniqueKey, this.#dialect);
      const before = new Map<TupleKey, { operation: RowOperation; image: RowImage }[]>();
      const after = new Map<TupleKey, RowOperation[]>();
      for (const operation of this.#byTable.get(uniqueKey.table) ?? []) {
        if (operation.kind === "propagate" || operation.kind === "draw") continue;
        const images = [operation.before, this.#moved(operation.table, operation.before)];
        for (const image of images) {
          const key = image === null || operation.kind === "insert" ? null : keyOf(slotOf(image, image, true));
          if (image !== null && key !== null) getOrAdd(before, key, () => []).push({ operation, image });
        }
        const key =
          operation.kind === "delete" ? null : keyOf(slotOf(imageAfter(stagesOf(graph, operation)), [], true));
        if (key !== null) getOrAdd(after, key, () => []).push(operation);
      }
      return { slotOf, before, after, between: new Map() };
    });
  }
}

/** The operations that write one row, in their order: it is moved out of the way, written, and completed. */
function stagesOf(graph: FlushGraph, operation: RowOperation): readonly RowOperation[] {
  if (operation.role === "park" || operation.role === "vacate") {
    const [row] = graph.outgoing(operation).filter(({ kind }) => kind === "restore");
    if (row !== undefined) return stagesOf(graph, row.to);
  }
  const prepared = graph.incoming(operation).filter(({ kind }) => kind === "restore");
  const completed = graph.outgoing(operation).filter(({ kind }) => kind === "restore");
  return [...prepared.map(({ from }) => from), operation, ...completed.map(({ to }) => to)];
}

/** The first of the operations on a row after which it has, or has not, a slot. */
function changer(
  graph: FlushGraph,
  operation: RowOperation,
  image: RowImage,
  slotOf: ReadSlot,
  holds: (key: TupleKey | null) => boolean,
): RowOperation | null {
  const current = [...image];
  for (const stage of stagesOf(graph, operation)) {
    write(current, stage.after);
    if (holds(stage.kind === "delete" ? null : keyOf(slotOf(current, current, true)))) return stage;
  }
  return null;
}

function imageAfter(stages: readonly RowOperation[]): RowImage {
  const image = [...(stages[0]?.before ?? [])];
  for (const { after } of stages) write(image, after);
  return image;
}

function write(image: RowImage, after: RowImage): void {
  after.forEach((value, i) => {
    if (value !== undefined) image[i] = value;
  });
}
