import type { Table } from "../../../schema/index.ts";
import type { Entity } from "../../instance/index.ts";
import type { RowOperation } from "./operation.ts";

/**
 * The operations on the rows of each object, the table of the root class first; of a deleted object, last. Most objects
 * have one row, which costs no list.
 *
 * An object knows its position here, which is faster than a `Map` of all objects. What else it may say is told apart by what
 * is at that position.
 */
export class ObjectRows {
  readonly #entities: Entity[] = [];
  readonly #rows: (RowOperation | RowOperation[])[] = [];

  add(entity: Entity, operation: RowOperation): void {
    const rows = this.#get(entity);
    if (rows === undefined) {
      entity.$position = this.#entities.length;
      this.#entities.push(entity);
      this.#rows.push(operation);
    } else if (Array.isArray(rows)) rows.push(operation);
    else this.#rows[entity.$position] = [rows, operation];
  }

  of(entity: Entity): readonly RowOperation[] {
    const rows = this.#get(entity);
    if (rows === undefined) return NONE;
    return Array.isArray(rows) ? rows : [rows];
  }

  /** The only operation; null if there are none or several. */
  only(entity: Entity): RowOperation | null {
    const rows = this.#get(entity);
    return rows === undefined || Array.isArray(rows) ? null : rows;
  }

  /** The operation at this position. */
  at(entity: Entity, position: number): RowOperation | undefined {
    const rows = this.#get(entity);
    if (Array.isArray(rows)) return rows[position];
    return position === 0 ? rows : undefined;
  }

  /** The operation that writes the object's row of the table. */
  writing(entity: Entity, table: Table): RowOperation | undefined {
    const rows = this.#get(entity);
    if (Array.isArray(rows)) return rows.find((row) => row.table === table && row.kind !== "delete");
    return rows !== undefined && rows.table === table && rows.kind !== "delete" ? rows : undefined;
  }

  #get(entity: Entity): RowOperation | RowOperation[] | undefined {
    const { $position } = entity;
    return $position < this.#entities.length && this.#entities[$position] === entity
      ? this.#rows[$position]
      : undefined;
  }
}

const NONE: readonly RowOperation[] = [];
