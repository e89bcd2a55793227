import type { Dialect } from "../../../engine/dialect.ts";
import type { Entity } from "../../instance/index.ts";
import { isSame } from "../decompose/is-same.ts";
import type { MadeValues } from "../decompose/made-values.ts";
import { getOrAdd } from "../get-or-add.ts";
import { compareValues } from "../sort.ts";
import { type ClassPlan, isCurrent, type WrittenColumn } from "./class-plan.ts";
import { isStorable } from "./is-storable.ts";
import { type UpdateShape, updateShape } from "./shapes.ts";

/** Stored objects of one class that write the same columns. Their values lie in flat lists, row after row. */
export class UpdatedRows {
  readonly shape: UpdateShape;
  entities: Entity[] = [];
  keys: unknown[] = [];
  values: unknown[] = [];
  #isInOrder = true;

  constructor(shape: UpdateShape) {
    this.shape = shape;
  }

  /** @param row what each column of the table gets, by index */
  add(entity: Entity, row: readonly unknown[]): void {
    const { columns, key: keyColumn } = this.shape;
    const key = keyColumn.read(entity);
    const { keys } = this;
    if (keys.length > 0 && compareValues(keys[keys.length - 1], key) > 0) this.#isInOrder = false;
    this.entities.push(entity);
    keys.push(key);
    for (let i = 0; i < columns.length; i++) this.values.push(row[(columns[i] as WrittenColumn).column.index]); // `i` counts them
  }

  /** Rows are updated in the order of their keys, which makes deadlocks rare. Mostly they are in it. */
  sort(): void {
    if (this.#isInOrder) return;
    const { entities, keys, values } = this;
    const width = this.shape.columns.length;
    const order = keys.map((_, i) => i).sort((a, b) => compareValues(keys[a], keys[b]) || a - b);
    this.entities = order.map((i) => entities[i] as Entity); // they are positions of rows
    this.keys = order.map((i) => keys[i]);
    this.values = order.flatMap((i) => values.slice(i * width, (i + 1) * width));
    this.#isInOrder = true;
  }
}

/** The UPDATEs of columns that are in no key. */
export class DirectUpdates {
  readonly all: UpdatedRows[] = [];
  readonly #dialect: Dialect;
  readonly #made: MadeValues;
  readonly #byPlan = new Map<ClassPlan, Map<number, UpdatedRows>>();
  readonly #row: unknown[] = [];
  #last: { readonly plan: ClassPlan; readonly bits: number; readonly rows: UpdatedRows } | null = null;

  constructor(dialect: Dialect, made: MadeValues) {
    this.#dialect = dialect;
    this.#made = made;
  }

  /** Puts the rows in order. */
  sort(): void {
    this.all.sort((a, b) => a.shape.plan.rank - b.shape.plan.rank);
    for (const rows of this.all) rows.sort();
  }

  /** Takes what changed on an object; false if it needs a plan. */
  add(entity: Entity, plan: ClassPlan): boolean {
    const { $changes: changes, $extra: extra } = entity;
    if (extra !== null && extra.queues !== null && extra.queues.size > 0) return false;
    if (changes === null) return true;
    const { free, key } = plan;
    if (free === null || key === null) return false;
    let bits = 0;
    for (let i = 0, { size } = changes; i < size; i++) {
      const property = changes.propertyAt(i);
      if (property.kind === "relationship") {
        // Who joined or left a collection has the foreign key.
        if (property.many && property.direction === "oneToMany") continue;
        return false;
      }
      const { index } = property.column;
      const written = free[index];
      if (written === undefined) return false;
      const value = written.read(entity);
      if (value === undefined || isSame(written.column, value, changes.valueAt(i))) continue;
      if (!isStorable(written, value)) return false;
      this.#row[index] = value;
      bits |= 1 << index;
    }
    if (bits === 0) return true;
    for (const written of plan.onUpdate) {
      const { column } = written;
      if ((bits & (1 << column.index)) !== 0) continue;
      const value = this.#made.of(entity, column, column.onUpdate);
      if (value === undefined || !isStorable(written, value)) return false;
      this.#row[column.index] = value;
    }
    const rows = this.#rowsOf(plan, key, bits, entity);
    rows?.add(entity, this.#row);
    return rows !== null;
  }

  #rowsOf(plan: ClassPlan, key: WrittenColumn, bits: number, entity: Entity): UpdatedRows | null {
    const last = this.#last;
    if (last !== null && last.plan === plan && last.bits === bits) return last.rows;
    if (!isCurrent(plan)) return null;
    const rows = getOrAdd(getOrAdd(this.#byPlan, plan, newShapes), bits, () => {
      const shape = plan.updateShapes.of(bits, () => updateShape(this.#dialect, plan, key, bits, entity));
      const fresh = new UpdatedRows(shape);
      this.all.push(fresh);
      return fresh;
    });
    this.#last = { plan, bits, rows };
    return rows;
  }
}

const newShapes = (): Map<number, UpdatedRows> => new Map();
