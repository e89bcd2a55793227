import type { Column } from "../../../schema/index.ts";
import { committedValue, type Entity } from "../../instance/index.ts";
import { mapperOf, type RelationshipProperty } from "../../mapping/index.ts";
import type { LinkChange, NetChanges } from "../collect/net-changes.ts";
import { getOrAdd } from "../get-or-add.ts";
import { checkReferred } from "./check-references.ts";
import { RowOperation } from "./operation.ts";
import type { RowBuilder } from "./row-builder.ts";
import { upsertLink } from "./upsert.ts";

type Secondary = NonNullable<RelationshipProperty["secondary"]>;

/** One row for each pair of a many-to-many relationship, however many sides and lists tell of it. */
export function decomposeLinks(changes: NetChanges, rows: RowBuilder): void {
  const written = new Map<Entity, Map<Entity, Set<unknown>>>();
  for (const change of changes.links) {
    const link = united(change, rows);
    const { secondary } = link.property;
    if (secondary === null) continue;
    if (link.target !== null && !isFirst(written, link, secondary)) continue;
    if (link.kind === "add" && link.target !== null) checkReferred(link.owner, link.property, link.target);
    rows.add(link.kind === "add" ? insertLink(rows, link, secondary) : deleteLink(link, secondary));
  }
}

/** The pair of those objects that have rows. */
function united(link: LinkChange, rows: RowBuilder): LinkChange {
  const [owner, target] = [rows.survivorOf(link.owner), link.target === null ? null : rows.survivorOf(link.target)];
  return owner === link.owner && target === link.target ? link : { ...link, owner, target };
}

/** Both sides of a relationship report the same pair: it counts once, seen from the side whose column comes first. */
function isFirst(
  written: Map<Entity, Map<Entity, Set<unknown>>>,
  { owner, target, kind }: LinkChange,
  secondary: Secondary,
): boolean {
  if (target === null) return true;
  const ownFirst = position(secondary.local) < position(secondary.remote);
  const [a, b] = ownFirst ? [owner, target] : [target, owner];
  const partners = getOrAdd(written, a, () => new Map());
  const kinds = getOrAdd(partners, b, () => new Set());
  const key = `${secondary.table.fullName}/${kind}/${ownFirst ? position(secondary.local) : position(secondary.remote)}`;
  if (kinds.has(key)) return false;
  kinds.add(key);
  return true;
}

function position(pairs: readonly { readonly secondary: Column<unknown> }[]): number {
  return pairs[0]?.secondary.index ?? 0;
}

function insertLink(rows: RowBuilder, { owner, target, mayBeStored }: LinkChange, secondary: Secondary): RowOperation {
  const operation = new RowOperation(secondary.table, "insert", null, { role: "link" });
  for (const pair of secondary.local) operation.after[pair.secondary.index] = rows.valueAfter(owner, pair.local);
  for (const pair of secondary.remote)
    operation.after[pair.secondary.index] = rows.valueAfter(target as Entity, pair.remote); // only removals go without
  if (mayBeStored || rows.mayBeStored(owner) || rows.mayBeStored(target as Entity)) upsertLink(operation); // as above
  return operation;
}

function deleteLink({ owner, target }: LinkChange, secondary: Secondary): RowOperation {
  const keyColumns: Column<unknown>[] = [];
  const before: unknown[] = [];
  const note = (entity: Entity, own: Column<unknown>, column: Column<unknown>): void => {
    keyColumns.push(column);
    const property = mapperOf(entity).findColumnProperty(own);
    before[column.index] = property === null ? null : committedValue(entity, property);
  };
  for (const pair of secondary.local) note(owner, pair.local, pair.secondary);
  if (target !== null) for (const pair of secondary.remote) note(target, pair.remote, pair.secondary);
  const key = keyColumns.map((column) => before[column.index]);
  return new RowOperation(secondary.table, "delete", null, { role: "link", keyColumns, key, before });
}
