import type { Table } from "../../../schema/index.ts";
import type { Entity } from "../../instance/index.ts";
import { getOrAdd } from "../get-or-add.ts";
import type { RowOperation } from "./operation.ts";

/**
 * The operations on the rows of each object, the table of the root class first; of a deleted object, last. Most objects
 * have one row, which costs no list.
 *
 * An object knows where its first operation is among all of the flush, which is faster than a `Map` of all objects. What
 * else it may say is told apart by what is at that position.
 */
export class ObjectRows {
  readonly #operations: readonly RowOperation[];
  readonly #several = new Map<Entity, RowOperation[]>();
  #count = 0;

  /** @param operations all operations, to which those of objects are added first */
  constructor(operations: readonly RowOperation[]) {
    this.#operations = operations;
  }

  /** @param operation the last one that was added to all of them */
  add(entity: Entity, operation: RowOperation): void {
    const first = this.#first(entity);
    if (first === undefined) entity.$position = operation.id;
    else getOrAdd(this.#several, entity, () => [first]).push(operation);
    this.#count = operation.id + 1;
  }

  of(entity: Entity): readonly RowOperation[] {
    const first = this.#first(entity);
    if (first === undefined) return NONE;
    return this.#severalOf(entity) ?? [first];
  }

  /** The only operation; null if there are none or several. */
  only(entity: Entity): RowOperation | null {
    const first = this.#first(entity);
    return first === undefined || this.#severalOf(entity) !== undefined ? null : first;
  }

  /** The operation at this position. */
  at(entity: Entity, position: number): RowOperation | undefined {
    const first = this.#first(entity);
    return position === 0 || first === undefined ? first : this.#severalOf(entity)?.[position];
  }

  /** The operation that writes the object's row of the table. */
  writing(entity: Entity, table: Table): RowOperation | undefined {
    const first = this.#first(entity);
    if (first === undefined) return undefined;
    const several = this.#severalOf(entity);
    if (several !== undefined) return several.find((row) => row.table === table && row.kind !== "delete");
    return first.table === table && first.kind !== "delete" ? first : undefined;
  }

  #severalOf(entity: Entity): readonly RowOperation[] | undefined {
    return this.#several.size === 0 ? undefined : this.#several.get(entity);
  }

  #first(entity: Entity): RowOperation | undefined {
    const { $position } = entity;
    const operation = $position < this.#count ? this.#operations[$position] : undefined;
    return operation?.entity === entity ? operation : undefined;
  }
}

const NONE: readonly RowOperation[] = [];
