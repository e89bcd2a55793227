import { instanceRuntime } from "../../../src/orm/instance/index.ts";
import type { RelationshipProperty } from "../../../src/orm/mapping/index.ts";
import { mapperOf, setInstanceRuntime } from "../../../src/orm/mapping/index.ts";

setInstanceRuntime(instanceRuntime);

/** The relationship of a class by its name. */
export function relationship(mappedClass: object, name: string): RelationshipProperty {
  const property = mapperOf(mappedClass).property(name);
  if (property.kind === "relationship") return property;
  throw new Error(`${name} is a column.`);
}

/** The pairs of a relationship as text: `child.parent_id -> parent.id`. */
export function pairs(property: RelationshipProperty): string[] {
  return property.pairs.map(({ local, remote }) => `${local.fullName} -> ${remote.fullName}`);
}

/** Does nothing: says that a class is declared for its effects only. */
export function declared(..._classes: readonly object[]): void {}
