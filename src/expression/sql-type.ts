import { ArgumentError } from "../errors/index.ts";

declare const typeOfValues: unique symbol;

/** The canonical form of a value as a hash key: equal values have equal keys, whatever JavaScript type carries them. */
export type ValueKey = string | number | bigint | boolean;

/** How the one database that has a type calls it. */
export interface NativeName {
  /** The name of the dialect: `postgresql`, `mysql`, `sqlite`. */
  readonly dialect: string;
  /** The type as CREATE TABLE spells it. */
  readonly ddl: string;
  /** The type as CAST spells it, where that is not the same. */
  readonly cast?: string;
}

/** Something that says which SQL type it has: a type itself, or a column definition such as `integer()`. */
export interface TypeSource<T> {
  readonly sqlType: SqlType<T>;
}

/**
 * A type of SQL values, and what JavaScript values of it mean: which can be stored, and which are equal.
 *
 * How the type is spelled in DDL, and how values are converted for a driver, differ between databases and are the
 * dialect's to say.
 */
export abstract class SqlType<T> implements TypeSource<T> {
  /** Exists in types only. */
  declare readonly [typeOfValues]: T;
  /** The name of the kind of type: dialects have an entry for each. */
  abstract readonly name: string;
  /** Set for types that only one database has; null: every dialect has a spelling of its own for it. */
  readonly native: NativeName | null = null;

  /** A type is the source of itself, so that `cast` takes both types and column definitions. */
  get sqlType(): this {
    return this;
  }

  /** Equal for types that are spelled and converted alike in every database. */
  get cacheKey(): string {
    return this.describe();
  }

  /** The type in words for messages, e.g. `varchar(50)`. */
  describe(): string {
    return this.name;
  }

  /**
   * Can the value be stored?
   *
   * @param value anything but null, which is no matter of the type
   * @returns null if it can; else the reason, to be put behind the name of the column: `expected a string, got the number 5`
   */
  abstract validate(value: unknown): string | null;

  /** Are two stored values the same to the database? Neither is null. */
  equals(a: unknown, b: unknown): boolean {
    return a === b || this.keyOf(a) === this.keyOf(b);
  }

  /** The canonical form of a value, for hash tables. Never called with null. */
  abstract keyOf(value: unknown): ValueKey;

  /**
   * A copy of a value that a program can change in place, to compare it with later.
   * @returns null for values of types that cannot be changed in place, such as numbers
   */
  copy(_value: unknown): object | null {
    return null;
  }
}

/**
 * The type that is meant.
 *
 * @param place what takes it, e.g. `cast()`
 * @throws ArgumentError for what says no type, such as `integer` without its parentheses
 */
export function typeFrom<T>(place: string, source: TypeSource<T>): SqlType<T> {
  // Callers without types may have given anything.
  const type: unknown = (source as TypeSource<T> | null | undefined)?.sqlType;
  if (type instanceof SqlType) return type;
  throw new ArgumentError(`${place} takes a type, such as integer() or varchar(50), not ${describeValue(source)}.`);
}

/** The JavaScript value in words, for messages: `the number 5`, `null`, `an array`. */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case "string": {
      const text = JSON.stringify(value);
      return `the string ${text.length > 60 ? `${text.slice(0, 56)}..."` : text}`;
    }
    case "number":
    case "boolean":
    case "bigint":
      return `the ${typeof value} ${value}`;
    case "symbol":
      return "a symbol";
    case "function":
      return "a function";
    case "undefined":
      return "undefined";
    case "object":
      return value === null ? "null" : describeObject(value);
  }
}

function describeObject(value: object): string {
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? "an invalid Date" : `the Date ${value.toISOString()}`;
  }
  if (Array.isArray(value)) return "an array";
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  if (typeof name !== "string" || name === "" || name === "Object") return "a plain object";
  return `${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}`;
}
