import type { Dialect } from "../../../engine/dialect.ts";
import type { Entity } from "../../instance/index.ts";
import { onUpdateValue } from "../decompose/defaults.ts";
import { isSame } from "../decompose/is-same.ts";
import { RowOperation } from "../decompose/operation.ts";
import { type UpdateForm, updateForms } from "../execute/update.ts";
import { getOrAdd } from "../get-or-add.ts";
import { compareValues } from "../sort.ts";
import type { ClassPlan, WrittenColumn } from "./class-plan.ts";
import { isStorable } from "./is-storable.ts";

/** Stored objects of one class that write the same columns. Their values lie in flat lists, row after row. */
export class UpdatedRows {
  readonly plan: ClassPlan;
  readonly key: WrittenColumn;
  readonly columns: readonly WrittenColumn[];
  /** What statements of such rows have in common. */
  readonly form: UpdateForm;
  entities: Entity[] = [];
  keys: unknown[] = [];
  values: unknown[] = [];
  /** Columns of which objects say nothing, since they have a value of their own in each UPDATE: positions of `columns`. */
  readonly #made: readonly number[];
  #isInOrder = true;

  /** @param changed the columns that changed on the objects, one bit each by index */
  constructor(dialect: Dialect, plan: ClassPlan, key: WrittenColumn, changed: number, first: Entity) {
    const isChanged = ({ column }: WrittenColumn): boolean => (changed & (1 << column.index)) !== 0;
    const columns = plan.columns.filter((one) => isChanged(one) || plan.onUpdate.includes(one));
    this.plan = plan;
    this.key = key;
    this.columns = columns;
    this.#made = columns.flatMap((one, i) => (isChanged(one) ? [] : [i]));
    const after: unknown[] = [];
    for (const { column } of columns) after[column.index] = null;
    this.form = updateForms.of(dialect, new RowOperation(plan.table, "update", first, { after }));
  }

  /** @param row what each column of the table gets, by index */
  add(entity: Entity, row: readonly unknown[]): void {
    const key = this.key.read(entity);
    const { keys } = this;
    if (keys.length > 0 && compareValues(keys[keys.length - 1], key) > 0) this.#isInOrder = false;
    this.entities.push(entity);
    keys.push(key);
    const { columns } = this;
    for (let i = 0; i < columns.length; i++) this.values.push(row[(columns[i] as WrittenColumn).column.index]); // `i` counts them
  }

  /** Makes the values that objects say nothing of; false if one of them is to be refused. */
  complete(): boolean {
    const { columns, values } = this;
    for (const position of this.#made) {
      const written = columns[position] as WrittenColumn; // it is one of them
      for (let at = position; at < values.length; at += columns.length) {
        const value = onUpdateValue(written.column);
        if (value === undefined || !isStorable(written, value)) return false;
        values[at] = value;
      }
    }
    return true;
  }

  /** Rows are updated in the order of their keys, which makes deadlocks rare. Mostly they are in it. */
  sort(): void {
    if (this.#isInOrder) return;
    const { entities, keys, values, columns } = this;
    const order = keys.map((_, i) => i).sort((a, b) => compareValues(keys[a], keys[b]) || a - b);
    this.entities = order.map((i) => entities[i] as Entity); // they are positions of rows
    this.keys = order.map((i) => keys[i]);
    this.values = order.flatMap((i) => values.slice(i * columns.length, (i + 1) * columns.length));
    this.#isInOrder = true;
  }
}

/** The UPDATEs of columns that are in no key. */
export class DirectUpdates {
  readonly all: UpdatedRows[] = [];
  readonly #dialect: Dialect;
  readonly #byPlan = new Map<ClassPlan, Map<number, UpdatedRows>>();
  readonly #row: unknown[] = [];
  #last: { readonly plan: ClassPlan; readonly bits: number; readonly rows: UpdatedRows } | null = null;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** Puts the rows in order and makes the values that objects say nothing of; false if one of these is to be refused. */
  complete(): boolean {
    for (const rows of this.all) rows.sort();
    return this.all.every((rows) => rows.complete());
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
    if (bits !== 0) this.#rowsOf(plan, key, bits, entity).add(entity, this.#row);
    return true;
  }

  #rowsOf(plan: ClassPlan, key: WrittenColumn, bits: number, entity: Entity): UpdatedRows {
    const last = this.#last;
    if (last !== null && last.plan === plan && last.bits === bits) return last.rows;
    const rows = getOrAdd(getOrAdd(this.#byPlan, plan, newShapes), bits, () => {
      const fresh = new UpdatedRows(this.#dialect, plan, key, bits, entity);
      this.all.push(fresh);
      return fresh;
    });
    this.#last = { plan, bits, rows };
    return rows;
  }
}

const newShapes = (): Map<number, UpdatedRows> => new Map();
