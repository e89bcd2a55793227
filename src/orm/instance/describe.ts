import { ArgumentError } from "../../errors/index.ts";
import { shortened, showValue } from "../../expression/show-value.ts";
import { describeValue } from "../../expression/sql-type.ts";
import { findMapper, mapperOf } from "../mapping/index.ts";
import type { Entity } from "./entity.ts";
import { identityKeyFrom } from "./identity.ts";
import { readRaw } from "./raw.ts";

/** Is it an object of a mapped class? */
export function isEntity(value: unknown): value is Entity {
  return typeof value === "object" && value !== null && "$status" in value && "$changes" in value;
}

/**
 * An object of a mapped class as what the ORM sees in it.
 * @throws ArgumentError for anything else
 */
export function entityOf(value: object): Entity {
  if (isEntity(value)) return value;
  throw new ArgumentError(`Expected an object of a mapped class, got ${describeMember(value)}.`);
}

/** An object for messages: `User#5`, `Entry#(1, "a")`, `User (new)`. */
export function describe(entity: Entity): string {
  const mapper = mapperOf(entity);
  let values = mapper.primaryKey.map((property) => readRaw(entity, property));
  if (identityKeyFrom(mapper, values) === null) {
    if (entity.$key === null) return `${mapper.name} (new)`;
    // A part of the key was emptied: the object is known by that of its row.
    values = mapper.primaryKey.map((property, i) => entity.$changes?.committed(property, values[i]) ?? values[i]);
  }
  const [only] = values;
  if (values.length > 1) return `${mapper.name}#(${values.map(showKey).join(", ")})`;
  return `${mapper.name}#${typeof only === "string" ? shortened(only) : showKey(only)}`;
}

function showKey(value: unknown): string {
  return typeof value === "bigint" ? String(value) : showValue(value);
}

/** Anything that somebody took for an object of a mapped class, for messages. */
export function describeMember(value: unknown): string {
  if (isEntity(value)) return describe(value);
  const isClass = typeof value === "function" && findMapper(value) !== undefined;
  return isClass ? `the class ${value.name}` : describeValue(value);
}
