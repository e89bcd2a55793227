import { ArgumentError } from "../../errors/index.ts";
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
  throw new ArgumentError(`Expected an object of a mapped class, got ${describeValue(value)}.`);
}

/** An object for messages: `User#5`, `Entry#(1, "a")`, `User (new)`. */
export function describe(entity: Entity): string {
  const mapper = mapperOf(entity);
  const values = mapper.primaryKey.map((property) => readRaw(entity, property));
  if (identityKeyFrom(mapper, values) === null) return `${mapper.name} (new)`;
  const [only] = values;
  return values.length === 1
    ? `${mapper.name}#${String(only)}`
    : `${mapper.name}#(${values.map(describeValue).join(", ")})`;
}

/** Any value for messages, short. */
export function describeValue(value: unknown): string {
  if (isEntity(value)) return describe(value);
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === "function") return findMapper(value) === undefined ? "a function" : `the class ${value.name}`;
  if (Array.isArray(value)) return "an array";
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== "object" || value === null) return String(value);
  const name: unknown = value.constructor?.name;
  return typeof name === "string" && name !== "Object" ? `an object of class ${name}` : "a plain object";
}
