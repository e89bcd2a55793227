import type { Dialect } from "../../../engine/dialect.ts";
import type { Column, Table } from "../../../schema/index.ts";
import { committedValue, type Entity } from "../../instance/index.ts";
import { currentTarget, targetByColumns } from "../../instance/references.ts";
import {
  type ColumnProperty,
  type Mapper,
  mapperOf,
  type Property,
  type RelationshipProperty,
} from "../../mapping/index.ts";
import type { NetChanges } from "../collect/net-changes.ts";
import { getOrAdd } from "../get-or-add.ts";
import type { FlushGraph } from "../graph.ts";
import { checkReferred } from "./check-references.ts";
import { checkInsert, checkValue } from "./check-values.ts";
import { clientDefault, onUpdateValue } from "./defaults.ts";
import { decomposeLinks } from "./links.ts";
import { GeneratedValue, RowOperation } from "./operation.ts";
import { findRowSwitches } from "./row-switch.ts";
import { type ColumnWrite, tableWrites } from "./table-writes.ts";
import { toOne, toOneOver } from "./to-one.ts";
import { beginUpsert, completeUpsert, onUpdateValues } from "./upsert.ts";
import { nextVersion } from "./version.ts";

/** The row operations of a flush, and which of them belong to which object. */
export interface Decomposition {
  readonly byTable: Map<Table, RowOperation[]>;
  /** The rows of an object, the table of the root class first. */
  readonly byEntity: ReadonlyMap<Entity, readonly RowOperation[]>;
  /** New objects that take over the row of a deleted one with the same key. */
  readonly rowSwitches: ReadonlyMap<Entity, Entity>;
}

/**
 * Turns changed objects into row operations: one for each table of the class, each with the row as it was and as it
 * will be. A deleted and a new object of equal key share one UPDATE that writes every column, so that nothing of the old
 * row shows through.
 * @throws MissingPrimaryKeyError, NotNullViolation, DataError for objects that no statement could store
 */
export function decompose(graph: FlushGraph, changes: NetChanges, dialect: Dialect): Decomposition {
  const rows = new RowBuilder(graph, changes, dialect);
  rows.decomposeDeletes();
  rows.decomposeInserts();
  rows.decomposeUpdates();
  decomposeLinks(changes, rows);
  return rows;
}

/** The row operations while they are made; knows where the key of a new object will come from. */
export class RowBuilder implements Decomposition {
  readonly byTable = new Map<Table, RowOperation[]>();
  readonly byEntity = new Map<Entity, RowOperation[]>();
  readonly rowSwitches: ReadonlyMap<Entity, Entity>;
  readonly #graph: FlushGraph;
  readonly #changes: NetChanges;
  readonly #dialect: Dialect;
  readonly #following = new Set<Entity>();
  readonly #onUpdateOfUpserts = onUpdateValues();
  readonly #hasUpserts: boolean;
  #moving: ReadonlySet<Column<unknown>> | null = null;

  constructor(graph: FlushGraph, changes: NetChanges, dialect: Dialect) {
    this.#graph = graph;
    this.#changes = changes;
    this.#hasUpserts = [changes.inserts, changes.united.survivors.keys()].some((entities) =>
      [...entities].some((entity) => mapperOf(entity).onConflict !== null),
    );
    this.#dialect = dialect;
    this.rowSwitches = findRowSwitches(changes);
  }

  decomposeInserts(): void {
    const { inserts } = this.#changes;
    // All operations exist before the first value is read: a row may refer to one that is decomposed later.
    for (const entity of inserts) {
      const replaced = this.rowSwitches.get(entity);
      for (const { table, key } of tableWrites(mapperOf(entity))) {
        if (replaced === undefined) {
          beginUpsert(this.add(new RowOperation({ table, kind: "insert", entity })), mapperOf(entity));
        } else {
          const before = imageOf(replaced, table);
          this.add(
            new RowOperation({
              table,
              kind: "update",
              entity,
              key: key.map(({ column }) => before[column.index]),
              before,
            }),
          );
        }
      }
    }
    for (const entity of inserts) this.#fillInsert(entity);
    for (const entity of inserts) this.#linkInsert(entity);
  }

  decomposeUpdates(): void {
    for (const entity of this.#changes.updates) {
      const mapper = mapperOf(entity);
      const written = this.#changedColumns(entity, mapper);
      for (const { table, columns, key } of tableWrites(mapper)) {
        // The key of a subclass's row is a foreign key: it follows the one of its parent's row.
        const changed = columns.filter(
          ({ column, property }) => written.has(column) && (!column.primaryKey || property.columns.at(-1) === column),
        );
        if (changed.length === 0 && !(mapper.versionId?.column.table === table && written.size > 0)) continue;
        const before = imageOf(entity, table);
        const operation = new RowOperation({
          table,
          kind: "update",
          entity,
          key: key.map(({ column }) => before[column.index]),
          before,
        });
        for (const { column, property } of changed) {
          const value = written.get(column);
          checkValue(entity, property, column, value, this.#dialect);
          operation.after[column.index] = value;
        }
        for (const { column, property } of columns) {
          if (column.onUpdate === null || operation.after[column.index] !== undefined) continue;
          const made = onUpdateValue(column);
          if (made !== undefined) checkValue(entity, property, column, made, this.#dialect);
          operation.after[column.index] = made;
        }
        nextVersion(operation, mapper);
        this.add(operation);
      }
    }
  }

  decomposeDeletes(): void {
    const replaced = new Set(this.rowSwitches.values());
    for (const entity of this.#changes.deletes) {
      if (replaced.has(entity)) continue;
      const mapper = mapperOf(entity);
      for (const { table, key } of [...tableWrites(mapper)].reverse()) {
        const before = imageOf(entity, table);
        const operation = new RowOperation({
          table,
          kind: "delete",
          entity,
          key: key.map(({ column }) => before[column.index]),
          before,
        });
        nextVersion(operation, mapper);
        this.add(operation);
      }
    }
  }

  add(operation: RowOperation): RowOperation {
    this.#graph.add(operation);
    getOrAdd(this.byTable, operation.table, () => []).push(operation);
    if (operation.entity !== null) {
      getOrAdd(this.byEntity, operation.entity, () => []).push(operation);
    }
    return operation;
  }

  /** The object that has the row: one that is united with another has none of its own. */
  survivorOf(entity: Entity): Entity {
    return this.#changes.united.survivorOf(entity);
  }

  /** May the row of the object be there already, so that its links may be, too? */
  mayBeStored(entity: Entity): boolean {
    const { united } = this.#changes;
    return this.#isUpserted(entity) || united.isSurvivor(entity);
  }

  /** The value that `column` of the object's row will have: known, or to be made by the database in this flush. */
  valueAfter(owner: Entity, column: Column<unknown>): unknown {
    const entity = this.survivorOf(owner);
    const mapper = mapperOf(entity);
    const operation = this.byEntity.get(entity)?.find((row) => row.table === column.table && row.kind !== "delete");
    if (operation?.isOpen(column) === true) return operation.referable(column);
    const referred = this.#throughRelationship(entity, mapper, column);
    if (referred !== undefined) return referred;
    const planned = operation?.after[column.index];
    if (planned !== undefined) return planned;
    const property = mapper.findColumnProperty(column);
    const value = property === null ? undefined : this.#read(entity, property);
    if (value !== undefined || operation?.kind !== "insert") return value ?? null;
    return new GeneratedValue(operation, column);
  }

  /** The value of a foreign key column as the object that the row refers to has it. */
  #throughRelationship(entity: Entity, mapper: Mapper, column: Column<unknown>): unknown {
    for (const property of toOneOver(mapper, column)) {
      const target = this.#target(entity, property);
      if (target === null || target === undefined || this.#following.has(entity)) continue;
      if (this.#isUnlinked(entity, property)) continue;
      const pair = property.pairs.find(({ local }) => local === column);
      if (pair === undefined) continue;
      this.#following.add(entity); // rows may refer to each other by their keys
      const value = this.valueAfter(target, pair.remote);
      this.#following.delete(entity);
      return value;
    }
    return undefined;
  }

  /** What an object has for an attribute, with what it takes over from those that are united with it. */
  #read(entity: Entity, property: Property): unknown {
    return this.#changes.united.read(entity, property);
  }

  #target(entity: Entity, property: RelationshipProperty): Entity | null | undefined {
    const held = this.#read(entity, property) as Entity | null | undefined; // a to-one slot holds an object
    return held === undefined ? currentTarget(entity, property) : held;
  }

  /** What the row refers to: what the relationship holds; by columns alone, only what may turn out to have another key. */
  #referred(entity: Entity, property: RelationshipProperty): Entity | null | undefined {
    const held = this.#read(entity, property) as Entity | null | undefined; // a to-one slot holds an object
    if (held !== undefined) return held;
    const target = this.#hasUpserts ? targetByColumns(entity, property) : undefined;
    return target && (this.survivorOf(target) !== target || this.#isUpserted(target)) ? target : undefined;
  }

  #isUpserted(entity: Entity): boolean {
    return this.byEntity.get(entity)?.some(({ conflict }) => conflict !== null) === true;
  }

  #fillInsert(entity: Entity): void {
    const mapper = mapperOf(entity);
    for (const [i, { columns }] of tableWrites(mapper).entries()) {
      const operation = this.#rowOf(entity, i);
      for (const { column, property } of columns) {
        operation.after[column.index] = this.#newValue(entity, mapper, operation, column, property);
      }
    }
  }

  /** Foreign keys follow when the keys of all new objects are known as far as they can be. */
  #linkInsert(entity: Entity): void {
    const mapper = mapperOf(entity);
    const linked = mapper.onConflict === null ? null : new Set<Column<unknown>>();
    for (const [i, { table, columns }] of tableWrites(mapper).entries()) {
      const operation = this.#rowOf(entity, i);
      for (const property of toOne(mapper)) {
        const target = this.#referred(entity, property);
        const isUnlinked = this.#isUnlinked(entity, property);
        if (!isUnlinked && (target === null || target === undefined)) continue;
        if (!isUnlinked) checkReferred(entity, property, target as Entity); // else it goes on above
        for (const { local, remote } of property.pairs) {
          if (local.table !== table) continue;
          operation.after[local.index] = isUnlinked ? null : this.valueAfter(target as Entity, remote); // as above
          linked?.add(local);
        }
      }
      if (operation.kind === "update") nextVersion(operation, mapper);
      checkInsert(entity, mapper, operation, columns);
    }
    if (linked === null) return;
    const rows = tableWrites(mapper).map((writes, i) => ({ operation: this.#rowOf(entity, i), writes }));
    const isSet = ({ column, property }: ColumnWrite): boolean =>
      linked.has(column) || this.#read(entity, property) !== undefined;
    completeUpsert(mapper, rows, isSet, this.#onUpdateOfUpserts);
  }

  /** Does the relationship lose its target, because that is deleted? */
  #isUnlinked(entity: Entity, property: RelationshipProperty): boolean {
    return this.#changes.unlinked.get(entity)?.has(property) === true;
  }

  #rowOf(entity: Entity, position: number): RowOperation {
    return (this.byEntity.get(entity) as RowOperation[])[position] as RowOperation; // one was added for each table
  }

  #newValue(
    entity: Entity,
    mapper: Mapper,
    operation: RowOperation,
    column: Column<unknown>,
    property: ColumnProperty,
  ): unknown {
    const overwrite = operation.kind === "update";
    const value = this.#read(entity, property);
    const inherited = property.columns.at(-1);
    // Where the row of the parent class is there already, that one knows the key.
    const isOpen = inherited !== undefined && inherited !== column && this.#rowOf(entity, 0).isOpen(inherited);
    if (value !== undefined && value !== null && !isOpen) {
      checkValue(entity, property, column, value, this.#dialect);
      return value;
    }
    if (inherited !== undefined && inherited !== column) return this.valueAfter(entity, inherited); // the key of the parent class's row
    if (value === undefined && mapper.polymorphic?.on === property) return mapper.polymorphic.identity;
    if (overwrite && column.primaryKey) return undefined; // the row that is taken over has it
    if (value === null && !(column.primaryKey && column.generated)) return null;
    const made = clientDefault(column, mapper, property, overwrite);
    if (column.default !== null && made !== null && made !== undefined)
      checkValue(entity, property, column, made, this.#dialect);
    return made;
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
        const target = this.#read(entity, property) as Entity | null | undefined; // a to-one slot holds an object
        if (target === null || target === undefined) continue; // then the foreign key column itself says what is meant
        if (!this.#isUnlinked(entity, property)) checkReferred(entity, property, target);
        const isAnother = changes.has(property) && committedValue(entity, property) !== target;
        for (const { local, remote } of property.pairs) {
          const value = this.valueAfter(target, remote);
          // The key of before may belong to another row now, and the rows that refer to it follow their own.
          if (isAnother && this.#mayMove(remote)) written.set(local, value);
          else this.#noteValue(written, entity, mapper, local, value);
        }
      }
    }
    for (const property of this.#changes.unlinked.get(entity) ?? []) {
      for (const { local } of property.pairs) this.#noteValue(written, entity, mapper, local, null);
    }
    return written;
  }

  /** What changed on a stored object, and what it takes over. */
  #changedProperties(entity: Entity): ReadonlySet<Property> | null {
    const taken = this.#changes.united.values.get(entity);
    if (entity.$changes === null && taken === undefined) return null;
    return new Set([...(entity.$changes?.keys() ?? []), ...(taken?.keys() ?? [])]);
  }

  /** Does this flush change the keys of rows that the column is a part of? */
  #mayMove(column: Column<unknown>): boolean {
    this.#moving ??= movingColumns(this.#changes.updates);
    return this.#moving.has(column) || (this.#moving.size > 0 && column.foreignKeys.length > 0);
  }

  #noteChange(
    written: Map<Column<unknown>, unknown>,
    entity: Entity,
    property: ColumnProperty,
    column: Column<unknown>,
  ): void {
    const value = this.#read(entity, property);
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
    const same =
      committed !== undefined &&
      (committed === value ||
        (committed !== null &&
          value !== null &&
          !(value instanceof GeneratedValue) &&
          column.sqlType.equals(committed, value)));
    if (same) written.delete(column);
    else written.set(column, value);
  }
}

/** The key columns that changed objects change. */
function movingColumns(updates: readonly Entity[]): ReadonlySet<Column<unknown>> {
  const moving = new Set<Column<unknown>>();
  for (const { $changes: changes } of updates) {
    for (const property of changes?.keys() ?? []) {
      if (property.kind !== "column") continue;
      for (const column of property.columns) if (isKey(column)) moving.add(column);
    }
  }
  return moving;
}

function isKey(column: Column<unknown>): boolean {
  return column.table.uniqueKeys.some(({ columns }) => columns?.includes(column) === true);
}

/** The row as the database has it, as far as the object knows it. */
export function imageOf(entity: Entity, table: Table): unknown[] {
  const image: unknown[] = [];
  for (const writes of tableWrites(mapperOf(entity))) {
    if (writes.table !== table) continue;
    for (const { column, property } of writes.columns) image[column.index] = committedValue(entity, property);
  }
  return image;
}
