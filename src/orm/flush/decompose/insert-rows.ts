import type { ValueLimit } from "../../../engine/dialect.ts";
import type { Column } from "../../../schema/index.ts";
import type { Entity, Reader } from "../../instance/index.ts";
import { type Mapper, mapperOf, type RelationshipProperty } from "../../mapping/index.ts";
import { checkReferred } from "./check-references.ts";
import { checkInsert, checkValue } from "./check-values.ts";
import { clientDefault } from "./defaults.ts";
import { RowOperation } from "./operation.ts";
import type { RowBuilder } from "./row-builder.ts";
import type { ColumnWrite } from "./table-writes.ts";
import { beginUpsert, completeUpsert, onUpdateValues } from "./upsert.ts";
import { nextVersion } from "./version.ts";
import { imageOf, keyIn, type TablePlan } from "./write-plan.ts";

/** Makes the rows of new objects: INSERTs, and the UPDATEs of those that take over the row of a deleted one. */
export class InsertRows {
  readonly #rows: RowBuilder;
  readonly #onUpdateOfUpserts = onUpdateValues();

  constructor(rows: RowBuilder) {
    this.#rows = rows;
  }

  decompose(): void {
    const { inserts } = this.#rows.changes;
    // All operations exist before the first value is read: a row may refer to one that is decomposed later.
    for (const entity of inserts) this.#begin(entity);
    for (const entity of inserts) this.#fill(entity);
    for (const entity of inserts) this.#link(entity);
  }

  #begin(entity: Entity): void {
    const replaced = this.#rows.rowSwitches.size === 0 ? undefined : this.#rows.rowSwitches.get(entity);
    const { mapper, tables } = this.#rows.plans.of(mapperOf(entity));
    for (let i = 0; i < tables.length; i++) {
      const { writes } = tables[i] as TablePlan; // `i` counts them
      const { table } = writes;
      if (replaced === undefined) {
        beginUpsert(this.#rows.add(new RowOperation({ table, kind: "insert", entity })), mapper);
      } else {
        const before = imageOf(replaced, table);
        this.#rows.add(new RowOperation({ table, kind: "update", entity, key: keyIn(before, writes), before }));
      }
    }
  }

  #fill(entity: Entity): void {
    const isPlain = this.#rows.changes.united.values.size === 0;
    const { mapper, tables } = this.#rows.plans.of(mapperOf(entity));
    for (let i = 0; i < tables.length; i++) {
      const { writes, limits, readers } = tables[i] as TablePlan; // `i` counts them
      const { after, kind } = this.#rowOf(entity, i);
      const { columns } = writes;
      for (let j = 0; j < columns.length; j++) {
        const write = columns[j] as ColumnWrite; // `j` counts them
        const value = isPlain ? (readers[j] as Reader)(entity) : this.#rows.read(entity, write.property); // as above
        const given =
          value !== undefined && value !== null && (write.inherited === null || !this.#isOpen(entity, write.inherited));
        if (given) checkValue(entity, write.property, write.column, value, limits[j] ?? null);
        after[write.column.index] = given
          ? value
          : this.#missingValue(entity, mapper, write, value, kind === "update", limits[j] ?? null);
      }
    }
  }

  /** Foreign keys follow when the keys of all new objects are known as far as they can be. */
  #link(entity: Entity): void {
    const { mapper, tables, references } = this.#rows.plans.of(mapperOf(entity));
    const linked = mapper.onConflict === null ? null : new Set<Column<unknown>>();
    for (let i = 0; i < references.length; i++) {
      const property = references[i] as RelationshipProperty; // `i` counts them
      const target = this.#rows.referred(entity, property);
      const isUnlinked = this.#rows.isUnlinked(entity, property);
      if (!isUnlinked && (target === null || target === undefined)) continue;
      if (!isUnlinked) checkReferred(entity, property, target as Entity); // else it goes on above
      for (let j = 0; j < tables.length; j++) {
        const { table, after } = this.#rowOf(entity, j);
        for (const { local, remote } of property.pairs) {
          if (local.table !== table) continue;
          after[local.index] = isUnlinked ? null : this.#rows.valueAfter(target as Entity, remote); // as above
          linked?.add(local);
        }
      }
    }
    for (let i = 0; i < tables.length; i++) {
      const operation = this.#rowOf(entity, i);
      if (operation.kind === "update") nextVersion(operation, mapper);
      checkInsert(entity, mapper, operation, (tables[i] as TablePlan).writes.columns); // `i` counts them
    }
    if (linked === null) return;
    const upserted = tables.map(({ writes }, i) => ({ operation: this.#rowOf(entity, i), writes }));
    const isSet = ({ column, property }: ColumnWrite): boolean =>
      linked.has(column) || this.#rows.read(entity, property) !== undefined;
    completeUpsert(mapper, upserted, isSet, this.#onUpdateOfUpserts);
  }

  #rowOf(entity: Entity, position: number): RowOperation {
    return this.#rows.byEntity.at(entity, position) as RowOperation; // one was added for each table
  }

  /** May the row of the parent class be there already, and have another value? */
  #isOpen(entity: Entity, inherited: Column<unknown>): boolean {
    return this.#rowOf(entity, 0).isOpen(inherited);
  }

  /** What a new row has where the object has nothing, or where the row of the parent class knows better. */
  #missingValue(
    entity: Entity,
    mapper: Mapper,
    { column, property, inherited }: ColumnWrite,
    value: unknown,
    overwrite: boolean,
    limit: ValueLimit | null,
  ): unknown {
    if (inherited !== null) return this.#rows.valueAfter(entity, inherited); // the key of the parent class's row
    if (value === undefined && mapper.polymorphic?.on === property) return mapper.polymorphic.identity;
    if (overwrite && column.primaryKey) return undefined; // the row that is taken over has it
    if (value === null && !(column.primaryKey && column.generated)) return null;
    const made = clientDefault(column, mapper, property, overwrite);
    if (column.default !== null && made !== null && made !== undefined)
      checkValue(entity, property, column, made, limit);
    return made;
  }
}
