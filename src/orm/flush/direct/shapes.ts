import type { Dialect } from "../../../engine/dialect.ts";
import { type Entity, readerOf, writerOf } from "../../instance/index.ts";
import { RowOperation } from "../decompose/operation.ts";
import { type InsertForm, insertForms } from "../execute/insert.ts";
import { type UpdateForm, updateForms } from "../execute/update.ts";
import type { ClassPlan, ShownColumn, WrittenColumn } from "./class-plan.ts";

/** As many shapes of a class are remembered: objects with any of many columns changed have many. */
const CAPACITY = 200;

/** What rows of a class that are updated in the same columns have in common. */
export interface UpdateShape {
  readonly plan: ClassPlan;
  readonly key: WrittenColumn;
  readonly columns: readonly WrittenColumn[];
  readonly form: UpdateForm;
}

/** What new rows of a class that give the same columns have in common. */
export interface InsertShape {
  readonly columns: readonly WrittenColumn[];
  readonly form: InsertForm;
  /** How each of `form.wanted` is shown; null: no attribute does. */
  readonly shown: readonly (ShownColumn | null)[];
  /** The rows that come back find their objects by their order alone. */
  readonly isMatchedByOrder: boolean;
}

/** The shapes of one class, worked out once each. */
export class Shapes<Shape> {
  readonly #known = new Map<number, Shape>();

  /** @param bits which columns, one bit each */
  of(bits: number, derive: () => Shape): Shape {
    let shape = this.#known.get(bits);
    if (shape === undefined) {
      if (this.#known.size >= CAPACITY) this.#known.clear();
      shape = derive();
      this.#known.set(bits, shape);
    }
    return shape;
  }
}

/** @param changed the columns that changed, one bit each by index */
export function updateShape(
  dialect: Dialect,
  plan: ClassPlan,
  key: WrittenColumn,
  changed: number,
  first: Entity,
): UpdateShape {
  const isChanged = ({ column }: WrittenColumn): boolean => (changed & (1 << column.index)) !== 0;
  const columns = plan.columns.filter((one) => isChanged(one) || plan.onUpdate.includes(one));
  const form = updateForms.of(dialect, new RowOperation(plan.table, "update", first, { after: imageOf(columns) }));
  return { plan, key, columns, form };
}

/** @param given the columns that are given, one bit each by their position in the plan */
export function insertShape(dialect: Dialect, plan: ClassPlan, given: number, first: Entity): InsertShape {
  const columns = plan.columns.filter((_, i) => (given & (1 << i)) !== 0);
  const form = insertForms.of(dialect, new RowOperation(plan.table, "insert", first, { after: imageOf(columns) }));
  const shown = form.wanted.map((column) => {
    const property = plan.mapper.findColumnProperty(column);
    return property === null ? null : { property, read: readerOf(property.slot), write: writerOf(property.slot) };
  });
  const comesBack = form.returning.length > 0;
  const isMatchedByOrder =
    form.always.length === 0 && (!comesBack || (dialect.capabilities.returning && form.match?.by !== "known key"));
  return { columns, form, shown, isMatchedByOrder };
}

/** A row that writes the columns. */
function imageOf(columns: readonly WrittenColumn[]): unknown[] {
  const image: unknown[] = [];
  for (const { column } of columns) image[column.index] = null;
  return image;
}
