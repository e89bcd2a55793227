import type { Dialect } from "../../../engine/dialect.ts";
import type { Table } from "../../../schema/index.ts";
import type { Entity } from "../../instance/index.ts";
import { type Mapper, mapperOf } from "../../mapping/index.ts";
import type { NetChanges } from "../collect/net-changes.ts";
import type { FlushGraph } from "../graph.ts";
import { noteDeletedReferences } from "./deleted-references.ts";
import { InsertRows } from "./insert-rows.ts";
import { decomposeLinks } from "./links.ts";
import type { MadeValues } from "./made-values.ts";
import type { ObjectRows } from "./object-rows.ts";
import { RowOperation } from "./operation.ts";
import { RowBuilder } from "./row-builder.ts";
import { committedKey } from "./table-writes.ts";
import type { Touched } from "./touched.ts";
import { UpdateRows } from "./update-rows.ts";
import { nextVersion } from "./version.ts";
import type { TablePlan } from "./write-plan.ts";

/** The row operations of a flush, and which of them belong to which object. */
export interface Decomposition {
  readonly byTable: Map<Table, RowOperation[]>;
  /** What is done to each of these tables. */
  readonly touched: ReadonlyMap<Table, Touched>;
  readonly byEntity: ObjectRows;
  /** The new objects whose primary keys are known, or made of those of other new objects. */
  readonly keyed: readonly Entity[];
  /** The stored objects that get another primary key by what they write. */
  readonly rekeyed: readonly Entity[];
  /** New objects that take over the row of a deleted one with the same key. */
  readonly rowSwitches: ReadonlyMap<Entity, Entity>;
}

/**
 * Turns changed objects into row operations: one for each table of the class, each with the row as it was and as it
 * will be. A deleted and a new object of equal key share one UPDATE that writes every column, so that nothing of the old
 * row shows through.
 * @param made what functions have made for them already
 * @throws MissingPrimaryKeyError, NotNullViolation, DataError for objects that no statement could store
 */
export function decompose(graph: FlushGraph, changes: NetChanges, dialect: Dialect, made: MadeValues): Decomposition {
  const rows = new RowBuilder(graph, changes, dialect, made);
  decomposeDeletes(rows);
  new InsertRows(rows).decompose();
  new UpdateRows(rows).decompose();
  decomposeLinks(changes, rows);
  if (changes.deletes.length > 0) noteDeletedReferences(rows.byTable, rows.touched, dialect);
  return rows;
}

/** DELETEs, from the table of the class up to the root's; rows that a new object takes over stay. */
function decomposeDeletes(rows: RowBuilder): void {
  const successors = new Map<Entity, Mapper>();
  for (const [entity, old] of rows.rowSwitches) successors.set(old, mapperOf(entity));
  rows.changes.deletes.forEach((entity) => {
    const { mapper, tables } = rows.plans.ofObject(entity);
    const successor = successors.size === 0 ? undefined : successors.get(entity);
    if (successor === mapper) return;
    for (let i = tables.length - 1; i >= 0; i--) {
      const { writes } = tables[i] as TablePlan; // `i` counts them
      if (successor?.tables.includes(writes.table) === true) continue;
      const key = committedKey(entity, writes);
      const operation = new RowOperation(writes.table, "delete", entity, { key, before: writes });
      nextVersion(operation, mapper);
      rows.add(operation);
    }
  });
}
