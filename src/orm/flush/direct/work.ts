import type { Dialect } from "../../../engine/dialect.ts";
import type { Column } from "../../../schema/index.ts";
import { type Entity, isEntity } from "../../instance/index.ts";
import type { Mapper } from "../../mapping/index.ts";
import { Binder } from "../execute/bind.ts";
import { rowsPerStatement } from "../execute/chunks.ts";
import { decodeRows } from "../execute/decode-rows.ts";
import { deleteStatement } from "../execute/delete.ts";
import type { FlushStatement } from "../execute/flush-statement.ts";
import { inKeyOrder, insertStatement } from "../execute/insert.ts";
import { nameError } from "../execute/name-error.ts";
import type { PipelineWork } from "../execute/pipeline.ts";
import { stale } from "../execute/stale.ts";
import { updateStatement } from "../execute/update.ts";
import type { WrittenColumn } from "./class-plan.ts";
import type { DeletedRows } from "./deleted-rows.ts";
import type { DirectInserts, InsertedClass, InsertedRows } from "./inserted-rows.ts";
import type { UpdatedRows } from "./updated-rows.ts";

/** The DELETEs of objects of one class. */
export class DeleteWork implements PipelineWork {
  readonly making = [];
  readonly #dialect: Dialect;
  readonly #rows: DeletedRows;

  constructor(dialect: Dialect, rows: DeletedRows) {
    this.#dialect = dialect;
    this.#rows = rows;
  }

  *statements(): Iterable<FlushStatement> {
    const { plan, keys } = this.#rows;
    const { table } = plan;
    const operation = { table, keyColumns: table.primaryKey };
    const binder = new Binder(this.#dialect, table.primaryKey);
    const size = rowsPerStatement(this.#dialect, 1);
    for (let start = 0; start < keys.length; start += size) {
      const end = Math.min(start + size, keys.length);
      yield deleteStatement(this.#dialect, operation, {
        count: end - start,
        parameters: () => binder.parametersOf(keys, start, end),
      });
    }
  }

  needs(): boolean {
    return false;
  }

  nameError(error: unknown): unknown {
    const { plan, first } = this.#rows;
    return nameError(error, plan.table, first);
  }
}

/** The UPDATEs of objects of one class that write the same columns. */
export class UpdateWork implements PipelineWork {
  readonly making = [];
  readonly #dialect: Dialect;
  readonly #rows: UpdatedRows;

  constructor(dialect: Dialect, rows: UpdatedRows) {
    this.#dialect = dialect;
    this.#rows = rows;
  }

  *statements(): Iterable<FlushStatement> {
    const { shape, entities, keys, values } = this.#rows;
    const { plan, form } = shape;
    const { table } = plan;
    const operation = { table, keyColumns: table.primaryKey };
    const width = form.columns.length;
    for (let start = 0; start < entities.length; start += form.size) {
      const end = Math.min(start + form.size, entities.length);
      yield updateStatement(this.#dialect, operation, form, {
        count: end - start,
        push: (parameters, order) => {
          for (let i = start; i < end; i++) {
            if (order === "setFirst") form.values.pushRow(parameters, values, i * width);
            form.keys.pushRow(parameters, keys, i);
            if (order === "rows") form.values.pushRow(parameters, values, i * width);
          }
        },
        stale: (found) => {
          const rows = entities.slice(start, end).map((entity) => ({ table, entity, versioned: false }));
          return stale(rows, found, "updated");
        },
      });
    }
  }

  needs(): boolean {
    return false;
  }

  nameError(error: unknown): unknown {
    const { shape, entities } = this.#rows;
    return nameError(error, shape.plan.table, entities[0] ?? null);
  }
}

/** The INSERTs of new objects of one class that write the same columns. */
export class InsertWork implements PipelineWork {
  readonly making: readonly Mapper[];
  readonly #dialect: Dialect;
  readonly #inserts: DirectInserts;
  readonly #inserted: InsertedClass;
  readonly #rows: InsertedRows;

  constructor(dialect: Dialect, inserts: DirectInserts, inserted: InsertedClass, rows: InsertedRows) {
    this.#dialect = dialect;
    this.#inserts = inserts;
    this.#inserted = inserted;
    this.#rows = rows;
    this.making = [inserted.plan.mapper];
  }

  *statements(): Iterable<FlushStatement> {
    const { shape, entities, values } = this.#rows;
    const { form, columns } = shape;
    const { table } = this.#inserted.plan;
    const width = columns.length;
    for (let start = 0; start < entities.length; start += form.size) {
      const end = Math.min(start + form.size, entities.length);
      yield insertStatement(this.#dialect, table, form, {
        count: end - start,
        isRepeatable: true,
        givesIdentity: false,
        parameters: () => {
          this.#resolve(start, end);
          return form.binder.parametersOf(values, start * width, end * width);
        },
        takeDown: (made, context) => {
          this.#takeDown(decodeRows(context, form.wanted, made), start, end);
        },
      });
    }
  }

  needs(making: ReadonlySet<object>): boolean {
    for (const mapper of this.#inserted.refersTo) if (making.has(mapper)) return true;
    return false;
  }

  nameError(error: unknown): unknown {
    return nameError(error, this.#inserted.plan.table, this.#rows.entities[0] ?? null);
  }

  /** In place of new objects to which rows refer come their keys. */
  #resolve(start: number, end: number): void {
    const { shape, values } = this.#rows;
    const { columns } = shape;
    const width = columns.length;
    for (let i = 0; i < width; i++) {
      if ((columns[i] as WrittenColumn).reference === null) continue; // `i` counts them
      for (let at = start * width + i; at < end * width; at += width) {
        const value = values[at];
        if (typeof value === "object" && value !== null && isEntity(value)) values[at] = this.#inserts.keyOf(value);
      }
    }
  }

  #takeDown(rows: unknown[][], start: number, end: number): void {
    const { entities, shape, made } = this.#rows;
    const { form } = shape;
    const { keys, plan } = this.#inserted;
    if (rows.length !== end - start)
      throw new Error(`The database returned ${rows.length} of ${end - start} rows inserted into ${plan.table.name}.`);
    const isKey = (column: Column<unknown>): boolean => column === plan.key?.column;
    const keyAt = form.wanted.findIndex(isKey);
    if (form.match?.by === "growing key") inKeyOrder(rows, keyAt);
    const isReferred = keyAt >= 0 && this.#inserts.isReferred(plan.mapper);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as unknown[]; // `i` counts them
      for (let j = 0; j < form.wanted.length; j++) made.push(row[j]);
      if (isReferred) keys[(entities[start + i] as Entity).$position] = row[keyAt]; // as many as rows
    }
  }
}
