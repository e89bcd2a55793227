import type { ValueLimit } from "../../../engine/dialect.ts";
import type { Column } from "../../../schema/index.ts";
import type { Entity, Reader } from "../../instance/index.ts";
import { type ColumnPair, type Mapper, mapperOf, type RelationshipProperty } from "../../mapping/index.ts";
import { checkReferred } from "./check-references.ts";
import { checkInsert, checkValue } from "./check-values.ts";
import { clientDefault } from "./defaults.ts";
import { MovingKeys } from "./moving-keys.ts";
import { GeneratedValue, RowOperation } from "./operation.ts";
import type { RowBuilder } from "./row-builder.ts";
import { type ColumnWrite, committedImage, committedKey, writesTo } from "./table-writes.ts";
import { beginUpsert, completeUpsert, onUpdateValues } from "./upsert.ts";
import { nextVersion } from "./version.ts";
import type { TablePlan, WritePlan } from "./write-plan.ts";

/** Makes the rows of new objects: INSERTs, and the UPDATEs of those that take over the row of a deleted one. */
export class InsertRows {
  readonly #rows: RowBuilder;
  readonly #onUpdateOfUpserts = onUpdateValues();
  readonly #moving: MovingKeys;
  /** The operations of the new objects, one after the other, each object's in the order of its tables. */
  readonly #operations: RowOperation[] = [];
  #lastKey: { readonly target: Entity; readonly remote: Column<unknown>; readonly value: unknown } | null = null;

  constructor(rows: RowBuilder) {
    this.#rows = rows;
    this.#moving = new MovingKeys(rows.changes.updates);
  }

  decompose(): void {
    const { inserts } = this.#rows.changes;
    inserts.forEach((entity) => {
      this.#begin(entity);
    });
    // All operations exist by now: a row may refer to one that is decomposed later.
    let at = 0;
    inserts.forEach((entity) => {
      at += this.#link(entity, at);
    });
  }

  #begin(entity: Entity): void {
    const replaced = this.#rows.rowSwitches.size === 0 ? undefined : this.#rows.rowSwitches.get(entity);
    const plan = this.#rows.plans.ofObject(entity);
    const { mapper, tables } = plan;
    const first = this.#operations.length;
    for (let i = 0; i < tables.length; i++) {
      const { writes, positions } = tables[i] as TablePlan; // `i` counts them
      const { table } = writes;
      const left = replaced === undefined ? null : writesTo(mapperOf(replaced), table);
      let operation: RowOperation;
      if (replaced === undefined || left === null) {
        operation = new RowOperation(table, "insert", entity);
        if (replaced === undefined) beginUpsert(operation, mapper);
      } else {
        const before = committedImage(replaced, left);
        operation = new RowOperation(table, "update", entity, { key: committedKey(replaced, left), before });
        for (const { column } of left.columns)
          if (positions[column.index] === undefined) operation.after[column.index] = null; // not of the new object's class
      }
      this.#operations.push(this.#rows.add(operation));
    }
    this.#fill(entity, plan, first);
  }

  /** @param first the position of the object's first operation */
  #fill(entity: Entity, { mapper, tables }: WritePlan, first: number): void {
    const isPlain = this.#rows.changes.united.values.size === 0;
    const root = this.#operations[first] as RowOperation; // every class has a table
    for (let i = 0; i < tables.length; i++) {
      const { writes, limits, readers } = tables[i] as TablePlan; // `i` counts them
      const { after, kind } = this.#operations[first + i] as RowOperation; // there is one for each table
      const { columns } = writes;
      for (let j = 0; j < columns.length; j++) {
        const write = columns[j] as ColumnWrite; // `j` counts them
        const value = isPlain ? (readers[j] as Reader)(entity) : this.#rows.read(entity, write.property); // as above
        // The row of the parent class may be there already, and have another value.
        const given =
          value !== undefined && value !== null && (write.inherited === null || !root.isOpen(write.inherited));
        if (given) checkValue(entity, write.property, write.column, value, limits[j] ?? null);
        after[write.column.index] = given
          ? value
          : this.#missingValue(entity, mapper, write, value, kind === "update", limits[j] ?? null);
      }
    }
  }

  /**
   * Foreign keys follow when the keys of all new objects are known as far as they can be.
   * @param first as above
   * @returns how many operations the object has
   */
  #link(entity: Entity, first: number): number {
    const { mapper, tables, references } = this.#rows.plans.ofObject(entity);
    const linked = mapper.onConflict === null ? null : new Set<Column<unknown>>();
    for (let i = 0; i < references.length; i++) {
      const property = references[i] as RelationshipProperty; // `i` counts them
      const target = this.#rows.referred(entity, property);
      const isUnlinked = this.#rows.isUnlinked(entity, property);
      if (!isUnlinked && (target === null || target === undefined)) continue;
      if (!isUnlinked) checkReferred(entity, property, target as Entity); // else it goes on above
      for (let j = 0; j < tables.length; j++) {
        const { table, after } = this.#operations[first + j] as RowOperation; // there is one for each table
        for (let k = 0; k < property.pairs.length; k++) {
          const { local, remote } = property.pairs[k] as ColumnPair; // `k` counts them
          if (local.table !== table) continue;
          after[local.index] = isUnlinked ? null : this.#keyOf(target as Entity, remote); // as above
          linked?.add(local);
        }
      }
    }
    for (let i = 0; i < tables.length; i++) {
      const operation = this.#operations[first + i] as RowOperation; // there is one for each table
      if (operation.kind === "update") {
        this.#keepKey(operation);
        nextVersion(operation, mapper);
      }
      checkInsert(entity, mapper, operation, (tables[i] as TablePlan).writes.columns); // `i` counts them
    }
    if (linked !== null) this.#completeUpsert(entity, first, linked);
    if (isKeyed(this.#operations[first] as RowOperation)) this.#rows.keyed.push(entity); // every class has a table
    return tables.length;
  }

  /**
   * A row that is taken over has the new object's key already. Nothing is to be written there: SQLite counts a row that
   * refers to itself wrong when its key is written as it was, and other rows refer to it, too. But what refers to a key
   * that moves in this flush says which row is meant: the one of before, if the row gets its value by following it.
   */
  #keepKey({ table, entity, before, after }: RowOperation): void {
    for (const column of table.primaryKey) {
      const { index, sqlType, foreignKeys } = column;
      const value = after[index];
      if (value === undefined || value === null || value instanceof GeneratedValue) continue;
      const follows = foreignKeys.length > 0 && entity !== null && this.#rows.following.has(entity);
      if (!follows && foreignKeys.length > 0 && this.#moving.mayMove(column)) continue;
      if (follows || before[index] === value || sqlType.equals(before[index], value)) after[index] = undefined;
    }
  }

  /** What rows that refer to the object write. Mostly many in a row refer to the same one. */
  #keyOf(target: Entity, remote: Column<unknown>): unknown {
    const last = this.#lastKey;
    if (last !== null && last.target === target && last.remote === remote) return last.value;
    const value = this.#rows.valueAfter(target, remote);
    this.#lastKey = { target, remote, value };
    return value;
  }

  #completeUpsert(entity: Entity, first: number, linked: ReadonlySet<Column<unknown>>): void {
    const { mapper, tables } = this.#rows.plans.ofObject(entity);
    const upserted = tables.map(({ writes }, i) => ({
      operation: this.#operations[first + i] as RowOperation, // there is one for each table
      writes,
    }));
    const isSet = ({ column, property }: ColumnWrite): boolean =>
      linked.has(column) || this.#rows.read(entity, property) !== undefined;
    completeUpsert(mapper, upserted, isSet, this.#onUpdateOfUpserts);
  }

  /** What a new row has where the object has nothing, or where the row of the parent class knows better. */
  #missingValue(
    entity: Entity,
    mapper: Mapper,
    write: ColumnWrite,
    value: unknown,
    overwrite: boolean,
    limit: ValueLimit | null,
  ): unknown {
    const { column, property, inherited } = write;
    if (inherited !== null) return this.#rows.valueAfter(entity, inherited); // the key of the parent class's row
    if (value === undefined && mapper.polymorphic?.on === property) return mapper.polymorphic.identity;
    if (overwrite && column.primaryKey) return undefined; // the row that is taken over has it
    if (value === null && !(column.primaryKey && write.isGenerated)) return null;
    const made = clientDefault(write, mapper, overwrite, this.#rows.made.of(entity, column, column.default));
    if (column.default !== null && made !== null && made !== undefined)
      checkValue(entity, property, column, made, limit);
    return made;
  }
}

/** Does the row have a primary key before the database makes one for it? */
function isKeyed(operation: RowOperation): boolean {
  const { primaryKey } = operation.table;
  for (let i = 0; i < primaryKey.length; i++) {
    if (operation.current(primaryKey[i] as Column<unknown>) === undefined) return false; // `i` counts them
  }
  return true;
}
