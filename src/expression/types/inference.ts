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
export const BIGINT = new BigIntType();
export const DOUBLE = new FloatType("double");
export const TIMESTAMP = new TimestampType();
export const UNTYPED = new UnknownType();
const BYTES = new BytesType();
const JSON_DOCUMENT = new JsonType();

/** The type that a value has by itself, where nothing around it says one. */
export function typeOfValue(value: unknown): SqlType<unknown> {
  switch (typeof value) {
    case "string":
      return TEXT;
    case "number":
      return Number.isSafeInteger(value) ? INTEGER : DOUBLE;
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

const NUMERIC_RANK: Readonly<Record<string, number>> = {
  smallint: 1,
  integer: 2,
  bigint: 3,
  numeric: 4,
  real: 5,
  float: 6,
  double: 6,
};

/** The type of a calculation with operands of two types: of two numeric ones, the wider. */
export function commonType(left: SqlType<unknown>, right: SqlType<unknown>): SqlType<unknown> {
  if (left.name === "unknown") return right;
  const leftRank = NUMERIC_RANK[left.name];
  const rightRank = NUMERIC_RANK[right.name];
  return leftRank !== undefined && rightRank !== undefined && rightRank > leftRank ? right : left;
}
