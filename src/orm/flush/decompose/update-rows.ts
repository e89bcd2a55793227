import type { Column } from "../../../schema/index.ts";
import { committedValue, type Entity, type Reader } from "../../instance/index.ts";
import {
  type ColumnProperty,
  type Mapper,
  mapperOf,
  type Property,
  type RelationshipProperty,
} from "../../mapping/index.ts";
import { letsGo } from "../edges/referential-action.ts";
import { checkReferred } from "./check-references.ts";
import { checkValue } from "./check-values.ts";
import { isSame } from "./is-same.ts";
import { MovingKeys } from "./moving-keys.ts";
import { RowOperation } from "./operation.ts";
import type { RowBuilder } from "./row-builder.ts";
import { type ColumnWrite, committedKey } from "./table-writes.ts";
import { toOne } from "./to-one.ts";
import { nextVersion } from "./version.ts";
import type { TablePlan, WritePlan } from "./write-plan.ts";

/** Makes the UPDATEs of changed objects. */
export class UpdateRows {
  readonly #rows: RowBuilder;
  readonly #moving: MovingKeys;

  constructor(rows: RowBuilder) {
    this.#rows = rows;
    this.#moving = new MovingKeys(rows.changes.updates);
  }

  decompose(): void {
    const { updates, unlinked, united } = this.#rows.changes;
    const isPlain = unlinked.size === 0 && united.values.size === 0; // an object has what it says
    updates.forEach((entity) => {
      const plan = this.#rows.plans.ofObject(entity);
      if (!isPlain || !this.#updatePlain(entity, plan)) this.#update(entity, plan);
    });
  }

  /** Most updates: columns of one table that are no foreign keys. False for any other, which is left alone. */
  #updatePlain(entity: Entity, { mapper, tables }: WritePlan): boolean {
    const { $changes: changes } = entity;
    const plan = tables[0] as TablePlan; // every class has one
    if (changes === null || tables.length > 1 || mapper.versionId !== null) return false;
    const { size } = changes;
    for (let i = 0; i < size; i++) {
      const property = changes.propertyAt(i);
      if (property.kind !== "column" || property.references.length > 0 || property.columns.length > 1) return false;
    }
    const { writes, limits, positions, readers } = plan;
    const { table } = writes;
    let after: unknown[] | null = null;
    let isRekeyed = false;
    for (let i = 0; i < size; i++) {
      const property = changes.propertyAt(i) as ColumnProperty; // so they all are
      const { column } = property;
      const position = positions[column.index];
      if (position === undefined) continue;
      const value = (readers[position] as Reader)(entity); // one for each column
      if (value === undefined || isSame(column, value, changes.valueAt(i))) continue;
      checkValue(entity, property, column, value, limits[position] ?? null);
      after ??= new Array(table.columns.length); // one that grows keeps room for seventeen
      after[column.index] = value;
      if (column.primaryKey) isRekeyed = true;
    }
    if (after === null) return true;
    if (isRekeyed) this.#rows.rekeyed.push(entity);
    if (plan.hasOnUpdate) this.#writeOnUpdate(entity, plan, after);
    const key = committedKey(entity, writes);
    this.#rows.add(new RowOperation(table, "update", entity, { key, before: writes, after }));
    return true;
  }

  #update(entity: Entity, { mapper, tables }: WritePlan): void {
    const written = this.#changedColumns(entity, mapper);
    for (const plan of tables) {
      const { writes, limits } = plan;
      const { table, columns } = writes;
      // The key of a subclass's row is a foreign key: it follows the one of its parent's row.
      const isChanged = ({ column, inherited }: ColumnWrite): boolean =>
        written.has(column) && (!column.primaryKey || inherited === null);
      if (!columns.some(isChanged) && !(mapper.versionId?.column.table === table && written.size > 0)) continue;
      const key = committedKey(entity, writes);
      const operation = new RowOperation(table, "update", entity, { key, before: writes });
      for (const [i, write] of columns.entries()) {
        if (!isChanged(write)) continue;
        const value = written.get(write.column);
        checkValue(entity, write.property, write.column, value, limits[i] ?? null);
        operation.after[write.column.index] = value;
      }
      if (table === mapper.root.table && operation.changes(table.primaryKey)) this.#rows.rekeyed.push(entity);
      this.#writeOnUpdate(entity, plan, operation.after);
      nextVersion(operation, mapper);
      this.#rows.add(operation);
    }
  }

  /** What an UPDATE writes by itself. */
  #writeOnUpdate(entity: Entity, { writes: { columns }, limits }: TablePlan, after: unknown[]): void {
    for (let i = 0; i < columns.length; i++) {
      const { column, property } = columns[i] as ColumnWrite; // `i` counts them
      if (column.onUpdate === null || after[column.index] !== undefined) continue;
      const made = this.#rows.made.of(entity, column, column.onUpdate);
      if (made !== undefined) checkValue(entity, property, column, made, limits[i] ?? null);
      after[column.index] = made;
    }
  }

  /** New values by column: what changed on the object, seen through its relationships. */
  #changedColumns(entity: Entity, mapper: Mapper): Map<Column<unknown>, unknown> {
    const written = new Map<Column<unknown>, unknown>();
    const changes = this.#changedProperties(entity);
    if (changes !== null) {
      for (const property of changes) {
        if (property.kind === "column")
          for (const column of property.columns) this.#noteChange(written, entity, property, column);
      }
      for (const property of toOne(mapper)) {
        if (!changes.has(property) && !property.pairs.some(({ local }) => written.has(local))) continue;
        const target = this.#rows.read(entity, property) as Entity | null | undefined; // a to-one slot holds an object
        if (target === null || target === undefined) continue; // then the foreign key column itself says what is meant
        if (!this.#rows.isUnlinked(entity, property)) checkReferred(entity, property, target);
        const isAnother = changes.has(property) && committedValue(entity, property) !== target;
        if (!isAnother && followsKeyOf(entity, property, target)) {
          for (const { local } of property.pairs) written.delete(local);
          continue;
        }
        const isAnotherRow = isAnother && hasNewRow(this.#rows, target, property);
        // The key of before may belong to another row now, and the rows that refer to it follow their own.
        const isWhole =
          isAnotherRow || (isAnother && property.pairs.some(({ remote }) => this.#moving.mayMove(remote)));
        for (const { local, remote } of property.pairs) {
          const value = this.#rows.valueAfter(target, remote);
          if (isWhole) written.set(local, value);
          else this.#noteValue(written, entity, mapper, local, value);
        }
      }
    }
    for (const property of this.#rows.changes.unlinked.get(entity) ?? []) {
      for (const { local } of property.pairs) this.#noteValue(written, entity, mapper, local, null);
    }
    return written;
  }

  /** What changed on a stored object, and what it takes over. */
  #changedProperties(entity: Entity): ReadonlySet<Property> | null {
    const taken = this.#rows.changes.united.values.get(entity);
    if (entity.$changes === null && taken === undefined) return null;
    return new Set([...(entity.$changes?.properties() ?? []), ...(taken?.keys() ?? [])]);
  }

  #noteChange(
    written: Map<Column<unknown>, unknown>,
    entity: Entity,
    property: ColumnProperty,
    column: Column<unknown>,
  ): void {
    const value = this.#rows.read(entity, property);
    if (value !== undefined) this.#note(written, column, value, committedValue(entity, property));
  }

  #noteValue(
    written: Map<Column<unknown>, unknown>,
    entity: Entity,
    mapper: Mapper,
    column: Column<unknown>,
    value: unknown,
  ): void {
    const property = mapper.findColumnProperty(column);
    this.#note(written, column, value, property === null ? undefined : committedValue(entity, property));
  }

  #note(written: Map<Column<unknown>, unknown>, column: Column<unknown>, value: unknown, committed: unknown): void {
    if (isSame(column, value, committed)) written.delete(column);
    else written.set(column, value);
  }
}

/** Does the row refer to the same one as before, whose key changes, so that it follows by itself? */
function followsKeyOf(entity: Entity, { pairs, foreignKey }: RelationshipProperty, target: Entity): boolean {
  const { $changes: changes } = target;
  if (changes === null || target.$key === null || foreignKey === null || letsGo(foreignKey.onUpdate)) return false;
  const [own, referred] = [mapperOf(entity), mapperOf(target)];
  let moves = false;
  for (const { local, remote } of pairs) {
    const [from, to] = [own.findColumnProperty(local), referred.findColumnProperty(remote)];
    if (from === null || to === null || !isSame(remote, committedValue(entity, from), committedValue(target, to)))
      return false;
    if (changes.has(to)) moves = true;
  }
  return moves;
}

/**
 * Does a row come to what refers to the object that was not there before? A new object brings one, or takes over that of a
 * deleted one; what refers to a key which that one had already refers to its row.
 */
function hasNewRow(rows: RowBuilder, target: Entity, { pairs }: RelationshipProperty): boolean {
  const entity = rows.survivorOf(target);
  if (entity.$key !== null) return false;
  const replaced = rows.rowSwitches.get(entity);
  if (replaced === undefined) return true;
  const mapper = mapperOf(replaced);
  return !pairs.every(({ remote }) => {
    const property = mapper.findColumnProperty(remote);
    return property !== null && isSame(remote, rows.valueAfter(entity, remote), committedValue(replaced, property));
  });
}
