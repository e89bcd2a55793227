import { randomBytes, randomInt, randomUUID } from "node:crypto";
import {
  evaluate,
  FloatType,
  IntegerType,
  NumericType,
  type SqlType,
  StringType,
  UNKNOWN,
} from "../../../expression/index.ts";
import { type Column, columnOf } from "../../../schema/index.ts";

const TRIES = 8;

/**
 * A value that a row may hold in a NOT NULL unique column for a moment: it fits the column's type, length and checks, and
 * no row has it. Rows that are not loaded cannot be asked, so it is random and from a range that programs rarely use.
 * A column that says `parkValue` gives its own.
 * @returns undefined if there is no such value: enumerations, booleans, checks that refuse what was tried
 */
export function temporaryValue(column: Column<unknown>): unknown {
  const { parkValue } = column;
  if (parkValue !== null) return parkValue();
  for (let i = 0; i < TRIES; i++) {
    const value = candidate(column);
    if (value === undefined) return undefined;
    if (column.sqlType.validate(value) === null && passesChecks(column, value)) return value;
  }
  return undefined;
}

function candidate(column: Column<unknown>): unknown {
  const type = column.sqlType;
  if (type instanceof StringType) return randomText(type.length ?? 32);
  if (type instanceof FloatType) return -randomInt(2 ** 40) - Math.random();
  if (type instanceof NumericType) return randomDecimal(type);
  switch (type.name) {
    case "smallint":
      return type.native === null ? -randomInt(1, 32_768) : undefined;
    case "integer":
      return type.native === null ? -randomInt(2 ** 30, 2 ** 31 - 1) : randomOf(type);
    case "bigint":
      // Without a sign, there is as much room above.
      return type.native === null ? -(2n ** 62n) - BigInt(randomInt(2 ** 47)) : 2n ** 63n + BigInt(randomInt(2 ** 47));
    case "uuid":
      return randomUUID();
    case "bytes":
      return new Uint8Array(randomBytes(16));
    case "date":
      return randomDay();
    case "datetime":
      return `${randomDay()}T${twoDigits(randomInt(24))}:${twoDigits(randomInt(60))}:00.${randomInt(100_000, 1_000_000)}`;
    case "timestamp":
      return new Date(-randomInt(2 ** 44, 2 ** 44 + 2 ** 43));
    default:
      return undefined;
  }
}

/** The types of one database have a range of their own; rows rarely use the upper half of it. */
function randomOf(type: SqlType<unknown>): number | undefined {
  if (!(type instanceof IntegerType) || type.native === null) return undefined;
  const { least, greatest } = type.native;
  return randomInt(Math.ceil((least + greatest) / 2), greatest + 1);
}

/** Characters that no collation folds together, and none of which needs escaping. */
function randomText(length: number): string {
  const token = `~${randomBytes(Math.ceil(Math.min(length, 32) / 2)).toString("hex")}`;
  return token.slice(0, Math.min(length, 32));
}

function randomDecimal({ precision, scale }: NumericType): string {
  const digits = Math.max(1, Math.min((precision ?? 18) - (scale ?? 0), 14));
  return `-${randomInt(1, 10 ** digits)}`;
}

function randomDay(): string {
  return `${randomInt(1000, 1500)}-${twoDigits(randomInt(1, 13))}-${twoDigits(randomInt(1, 29))}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

/** Checks that depend on other columns too cannot be decided here and are taken to hold. */
function passesChecks(column: Column<unknown>, value: unknown): boolean {
  return column.table.checks.every(
    ({ condition }) => evaluate(condition, (element) => (columnOf(element) === column ? value : UNKNOWN)) !== false,
  );
}
