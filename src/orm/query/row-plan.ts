import { objectOf } from "../../engine/row-shaper.ts";
import type { RowShape } from "../../statement/select-item.ts";
import type { EntityPlan, RowValue } from "./entity-plan.ts";
import { decoded, type EntityReader, type Hydration, type Row } from "./hydrate.ts";

/** One of the things selected, and how it is made of a row. */
export type ItemPlan =
  | { readonly kind: "entity"; readonly plan: EntityPlan }
  | { readonly kind: "value"; readonly value: RowValue };

/** How rows become results: made once for a statement. */
export interface RowPlan {
  readonly items: readonly ItemPlan[];
  readonly shape: RowShape;
  /** The name of each item, if results are objects. */
  readonly keys: readonly string[];
  /** Joins that load collections repeat rows: each different result is given once. */
  readonly repeatsRows: boolean;
}

/** Makes one item of a row. */
type ItemReader = (row: Row) => unknown;

/** Makes the results of some rows. Collections are complete after `hydration.finish()`. */
export function readRows(plan: RowPlan, rows: readonly Row[], hydration: Hydration): unknown[] {
  const readers = plan.items.map((item) => itemReader(item, hydration));
  const read = resultReader(plan, readers);
  if (!plan.repeatsRows) return rows.map((row) => read(row));
  const results: unknown[] = [];
  const known = new KnownResults(plan.items);
  for (const row of rows) {
    const items = readers.map((reader) => reader(row));
    if (known.add(items)) results.push(shaped(plan, items));
  }
  return results;
}

function itemReader(item: ItemPlan, hydration: Hydration): ItemReader {
  if (item.kind === "value") {
    const { value } = item;
    return (row) => decoded(row, value);
  }
  const reader: EntityReader = hydration.reader(item.plan);
  return (row) => reader.read(row);
}

function resultReader(plan: RowPlan, readers: readonly ItemReader[]): ItemReader {
  const [only, second] = readers;
  if (plan.shape === "single" && only !== undefined) return only;
  if (plan.shape === "tuple" && readers.length === 2 && only !== undefined && second !== undefined)
    return (row) => [only(row), second(row)];
  return (row) =>
    shaped(
      plan,
      readers.map((reader) => reader(row)),
    );
}

function shaped({ shape, keys }: RowPlan, items: readonly unknown[]): unknown {
  if (shape === "single") return items[0];
  if (shape === "tuple") return items;
  return objectOf(keys, items);
}

/** The results so far, as a tree with one level for each item: finds out which ones are repeated. */
class KnownResults {
  readonly #items: readonly ItemPlan[];
  readonly #root = new Map<unknown, unknown>();

  constructor(items: readonly ItemPlan[]) {
    this.#items = items;
  }

  /** @returns false if there was an equal result before */
  add(values: readonly unknown[]): boolean {
    let level = this.#root;
    const last = values.length - 1;
    for (let i = 0; i < last; i++) {
      const key = this.#keyOf(i, values[i]);
      let next = level.get(key) as Map<unknown, unknown> | undefined; // all levels but the last are maps of levels
      if (next === undefined) {
        next = new Map();
        level.set(key, next);
      }
      level = next;
    }
    const key = this.#keyOf(last, values[last]);
    if (level.has(key)) return false;
    level.set(key, true);
    return true;
  }

  #keyOf(position: number, value: unknown): unknown {
    const item = this.#items[position];
    return value === null || item?.kind !== "value" ? value : item.value.type.keyOf(value);
  }
}
