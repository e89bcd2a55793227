import type { SqlType } from "../sql-type.ts";
import { JsonType } from "./json.ts";
import { BigIntType, FloatType, IntegerType } from "./numbers.ts";
import { BooleanType, BytesType, UnknownType } from "./scalars.ts";
import { StringType } from "./strings.ts";
import { TimestampType } from "./temporal.ts";

/** The types of expressions that have no column to take them from; one instance each. */
export const TEXT = new StringType("text");
export const BOOLEAN = new BooleanType();
export const INTEGER = new IntegerType();
const LONG = new IntegerType("long");
export const BIGINT = new BigIntType();
export const DOUBLE = new FloatType("double");
export const TIMESTAMP = new TimestampType();
export const UNTYPED = new UnknownType();
const BYTES = new BytesType();
export const JSON_DOCUMENT = new JsonType();

/** The type that a value has by itself, where nothing around it says one. */
export function typeOfValue(value: unknown): SqlType<unknown> {
  switch (typeof value) {
    case "string":
      return TEXT;
    case "number":
      return typeOfNumber(value);
    case "bigint":
      return BIGINT;
    case "boolean":
      return BOOLEAN;
    default:
      if (value instanceof Date) return TIMESTAMP;
      if (value instanceof Uint8Array) return BYTES;
      return value === null ? UNTYPED : JSON_DOCUMENT;
  }
}

/** Databases with types for parameters take an integer for one of 32 bits. */
function typeOfNumber(value: number): SqlType<unknown> {
  if (!Number.isSafeInteger(value)) return DOUBLE;
  return value >= -(2 ** 31) && value < 2 ** 31 ? INTEGER : LONG;
}

/**
 * The type of a value beside an expression of another: the same, which says how the value is written. Beside integers, a
 * number that is none of them (a fraction, one that is too large) keeps its own.
 */
export function typeBeside(type: SqlType<unknown>, value: unknown): SqlType<unknown> {
  if (type.name === "unknown") return typeOfValue(value);
  if (!(type instanceof IntegerType) || typeof value !== "number" || !Number.isFinite(value)) return type;
  const own = typeOfNumber(value);
  return own === INTEGER && type.validate(value) === null ? type : own;
}

const NUMERIC_RANK: Readonly<Record<string, number>> = {
  smallint: 1,
  integer: 2,
  long: 3,
  bigint: 4,
  numeric: 5,
  real: 6,
  float: 7,
  double: 7,
};

/** The type of a calculation with operands of two types: of two numeric ones, the wider. */
export function commonType(left: SqlType<unknown>, right: SqlType<unknown>): SqlType<unknown> {
  if (left.name === "unknown") return right;
  const leftRank = NUMERIC_RANK[left.name];
  const rightRank = NUMERIC_RANK[right.name];
  return leftRank !== undefined && rightRank !== undefined && rightRank > leftRank ? right : left;
}
