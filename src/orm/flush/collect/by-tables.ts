import type { Entity } from "../../instance/index.ts";
import { type Mapper, mapperOf } from "../../mapping/index.ts";
import { getOrAdd } from "../get-or-add.ts";
import type { NetChanges } from "./net-changes.ts";

/**
 * The same changes with new objects one class after the other, so that what is known of a class is looked up once. Those of
 * one hierarchy, which share a table, stay in the order in which they were added: it is that of their rows.
 */
export function byTables(changes: NetChanges): NetChanges {
  const groups = new Map<Mapper, Entity[]>();
  let lastRoot: Mapper | null = null;
  let group: Entity[] = [];
  changes.inserts.forEach((entity) => {
    const { root } = mapperOf(entity);
    if (root !== lastRoot) {
      group = getOrAdd(groups, root, () => []);
      lastRoot = root;
    }
    group.push(entity);
  });
  const [first = group, ...others] = groups.values();
  return others.length === 0 ? changes : { ...changes, inserts: first.concat(...others) };
}
