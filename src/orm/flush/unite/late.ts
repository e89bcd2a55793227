import { type Entity, identityKeyFrom, readRaw, writeRaw } from "../../instance/index.ts";
import { mapperOf, type Property } from "../../mapping/index.ts";
import type { NetChanges } from "../collect/net-changes.ts";
import type { FlushContext } from "../context.ts";
import { type RowOperation, resolve } from "../decompose/operation.ts";
import { United } from "./united.ts";

/**
 * New objects whose upsert has met a row that another object of the session stands for, which nobody could know before:
 * its target was not loaded, or somebody else has changed the row. They become one with that object, which then shows
 * the row.
 * @returns what is united, those of before included
 */
export function uniteLate(
  context: FlushContext,
  { upserts, united }: NetChanges,
  rowsOf: (entity: Entity) => readonly RowOperation[],
): United {
  const late = new Map<Entity, Entity>();
  const entering = new Map<string, Entity>();
  for (const entity of upserts) {
    const mapper = mapperOf(entity);
    const rows = rowsOf(entity);
    const [root] = rows;
    if (root === undefined || root.conflict === null) continue;
    const key = identityKeyFrom(
      mapper,
      mapper.root.table.primaryKey.map(({ index }) => root.generated?.[index] ?? resolve(root.after[index])),
    );
    if (key === null) continue;
    const text = `${mapper.root.table.fullName}/${typeof key}:${key}`;
    const other = context.identityMap.get(mapper, key) ?? entering.get(text);
    entering.set(text, other ?? entity);
    if (other === undefined || other === entity) continue;
    late.set(entity, other);
    show(context, other, rows);
  }
  if (late.size === 0) return united;
  const survivors = new Map(
    [...united.survivors].map(([entity, survivor]) => [entity, late.get(survivor) ?? survivor]),
  );
  return new United(new Map([...survivors, ...late]), united.values);
}

/** Shows the row that came back, also where the object was updated by itself: updates run before what is inserted. */
function show(context: FlushContext, entity: Entity, rows: readonly RowOperation[]): void {
  const mapper = mapperOf(entity);
  const before = new Map<Property, unknown>();
  for (const { table, generated } of rows) {
    for (const column of table.columns) {
      const property = mapper.findColumnProperty(column);
      const value = generated?.[column.index];
      if (property === null || value === undefined) continue;
      before.set(property, readRaw(entity, property));
      writeRaw(entity, property, value);
    }
  }
  context.undo.record(entity, before);
}
