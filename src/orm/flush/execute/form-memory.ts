import type { Dialect } from "../../../engine/dialect.ts";
import type { Column, Table } from "../../../schema/index.ts";
import type { RowOperation } from "../decompose/operation.ts";

/** As many columns are one bit each of a number. */
const BITS = 31;

/** As many shapes of a table are remembered. */
const CAPACITY = 200;

type Shape = number | string;

/** What statements of one shape have in common, made once for a database: most flushes are like one before. */
export class FormMemory<Form> {
  readonly #known = new WeakMap<Dialect, WeakMap<Table, Map<Shape, Form>>>();
  readonly #make: (dialect: Dialect, operation: RowOperation) => Form;

  /** @param make works it out of one operation of that shape */
  constructor(make: (dialect: Dialect, operation: RowOperation) => Form) {
    this.#make = make;
  }

  of(dialect: Dialect, operation: RowOperation): Form {
    const forms = this.#formsOf(dialect, operation.table);
    const shape = shapeOf(operation);
    let form = forms.get(shape);
    if (form === undefined) {
      if (forms.size >= CAPACITY) forms.clear(); // objects with any of many columns changed have many shapes
      form = this.#make(dialect, operation);
      forms.set(shape, form);
    }
    return form;
  }

  #formsOf(dialect: Dialect, table: Table): Map<Shape, Form> {
    let tables = this.#known.get(dialect);
    if (tables === undefined) {
      tables = new WeakMap();
      this.#known.set(dialect, tables);
    }
    let forms = tables.get(table);
    if (forms === undefined) {
      forms = new Map();
      tables.set(table, forms);
    }
    return forms;
  }
}

/** The columns that are written, those that find the row unless they are the primary key, and whether an object wants to know. */
function shapeOf({ table, after, entity, keyColumns }: RowOperation): Shape {
  const { length } = table.columns;
  const isCommon = keyColumns === table.primaryKey && entity !== null;
  if (length <= BITS && isCommon) {
    let bits = 0;
    for (let i = 0; i < length; i++) if (after[i] !== undefined) bits |= 1 << i;
    return bits;
  }
  const written: number[] = [];
  for (let i = 0; i < length; i++) if (after[i] !== undefined) written.push(i);
  const indexOf = ({ index }: Column<unknown>): number => index;
  return `${entity === null ? "-" : "+"}${keyColumns.map(indexOf).join()}:${written.join()}`;
}
