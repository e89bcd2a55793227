import { mapperOf } from "../mapping/index.ts";
import { describe, isEntity } from "./describe.ts";
import type { Entity } from "./entity.ts";
import { readRaw } from "./raw.ts";
import { RelationArray } from "./relation-array.ts";

// What `JSON.stringify` and `console.log` show of an object: what is loaded, without running in circles.

/** The objects that are being shown right now, from the outermost inwards. */
const path = new Set<Entity>();

/** `JSON.stringify(object)`: the loaded attributes; what leads back to an object on the path is left out. */
export function toJSON(this: Entity): object {
  return onPath(this, () => {
    const result: { [name: string]: unknown } = {};
    for (const [name, value] of loadedAttributes(this)) result[name] = toPlain(value);
    return result;
  });
}

function toPlain(value: unknown): unknown {
  if (Array.isArray(value) && value.some(isEntity)) return value.map(toPlain);
  // JSON has no integers of that size.
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "object" && value !== null && "toJSON" in value && typeof value.toJSON === "function") {
    const plain: unknown = value.toJSON(""); // a class may have its own, which is to see the path as well
    return plain;
  }
  return value;
}

interface InspectOptions {
  readonly depth?: number | null | undefined;
}

/** `console.log(object)` in Node, Deno and Bun. */
export function inspectEntity(
  this: Entity,
  depth: number,
  options: InspectOptions,
  inspect: (value: unknown, options: InspectOptions) => string,
): string {
  if (depth < 0) return `[${describe(this)}]`;
  return onPath(this, () => {
    const shown: { [name: string]: unknown } = {};
    for (const [name, value] of loadedAttributes(this)) shown[name] = value;
    return `${mapperOf(this).name} ${inspect(shown, options)}`;
  });
}

function* loadedAttributes(entity: Entity): Generator<[name: string, value: unknown]> {
  for (const property of mapperOf(entity).properties) {
    const value = readRaw(entity, property);
    if (value === undefined) continue;
    if (property.kind === "column") yield [property.name, value];
    else if (value instanceof RelationArray) yield [property.name, value.filter((member) => !path.has(member))];
    else if (!path.has(value as Entity)) yield [property.name, value]; // a to-one slot holds an object, or null
  }
}

function onPath<R>(entity: Entity, show: () => R): R {
  path.add(entity);
  try {
    return show();
  } finally {
    path.delete(entity);
  }
}
