import { describeValue, SqlType, type ValueKey } from "../sql-type.ts";

/**
 * A number of either JavaScript type as one key: numbers and bigints of equal value have the same.
 */
export function numberKey(value: unknown): ValueKey {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (typeof value !== "number") return String(value);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return BigInt(value);
  return value === 0 ? 0 : value; // -0 and 0 are one value, and so are all NaN as a key of a Map
}

/** Whole numbers that a JavaScript number holds exactly: `integer()` and `smallint()`. */
export class IntegerType extends SqlType<number> {
  readonly name: "integer" | "smallint";

  constructor(name: "integer" | "smallint" = "integer") {
    super();
    this.name = name;
  }

  validate(value: unknown): string | null {
    if (typeof value !== "number") return `expected a number, got ${describeValue(value)}`;
    if (!Number.isInteger(value)) return `expected a whole number, got ${describeValue(value)}`;
    if (this.name === "smallint" && (value < -32768 || value > 32767)) {
      return `expected a whole number between -32768 and 32767, got ${describeValue(value)}`;
    }
    if (Number.isSafeInteger(value)) return null;
    return `expected a whole number below 2^53, got ${describeValue(value)}; a bigint() column holds larger ones`;
  }

  keyOf(value: unknown): ValueKey {
    return numberKey(value);
  }
}

const BIGINT_LIMIT = 2n ** 63n;

/** Whole numbers of 64 bits, as `bigint`. */
export class BigIntType extends SqlType<bigint> {
  readonly name = "bigint";

  validate(value: unknown): string | null {
    if (typeof value === "number" && Number.isInteger(value)) {
      return `expected a bigint, got ${describeValue(value)}; write ${Number.isSafeInteger(value) ? `${value}n` : `BigInt(${value})`}`;
    }
    if (typeof value !== "bigint") return `expected a bigint, got ${describeValue(value)}`;
    if (value >= -BIGINT_LIMIT && value < BIGINT_LIMIT) return null;
    return `expected a bigint of at most 64 bits, got ${describeValue(value)}`;
  }

  keyOf(value: unknown): ValueKey {
    return numberKey(value);
  }
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Decimal numbers as strings: `numeric(10, 2)`. No digit is ever lost to binary floating point. */
export class NumericType extends SqlType<string> {
  readonly name = "numeric";
  /** Digits in all; null: as many as the database has. */
  readonly precision: number | null;
  /** Digits behind the point. */
  readonly scale: number | null;

  constructor(precision: number | null = null, scale: number | null = null) {
    super();
    this.precision = precision;
    this.scale = scale;
  }

  override describe(): string {
    if (this.precision === null) return "numeric";
    return this.scale === null ? `numeric(${this.precision})` : `numeric(${this.precision}, ${this.scale})`;
  }

  validate(value: unknown): string | null {
    if (typeof value === "string" && DECIMAL.test(value)) return null;
    return `expected a decimal number as a string, such as "12.50", got ${describeValue(value)}`;
  }

  keyOf(value: unknown): ValueKey {
    return typeof value === "string" ? canonicalDecimal(value) : numberKey(value);
  }
}

/** A decimal number without sign of plus, needless zeros and exponent: `+01.50` and `15e-1` are `1.5`. */
function canonicalDecimal(text: string): string {
  if (!DECIMAL.test(text)) return text;
  const [mantissa = "", exponentText = "0"] = text.toLowerCase().split("e");
  const sign = mantissa.startsWith("-") ? "-" : "";
  const [whole = "", fraction = ""] = mantissa.replace(/^[+-]/, "").split(".");
  const exponent = Number(exponentText);
  // Beyond this no database has the number; writing out its zeros would only cost memory.
  if (Math.abs(exponent) > 10_000) return text;
  const digits = whole + fraction;
  const point = whole.length + exponent;
  const padded = point <= 0 ? "0".repeat(1 - point) + digits : digits.padEnd(point, "0");
  const position = point <= 0 ? 1 : point;
  const integer = padded.slice(0, position).replace(/^0+(?=\d)/, "");
  const rest = padded.slice(position).replace(/0+$/, "");
  const number = rest === "" ? integer : `${integer}.${rest}`;
  return number === "0" ? "0" : sign + number;
}

/** Binary floating point: `real()` with 32 bits, `float()` and `double()` with 64. */
export class FloatType extends SqlType<number> {
  readonly name: "real" | "float" | "double";

  constructor(name: "real" | "float" | "double" = "float") {
    super();
    this.name = name;
  }

  validate(value: unknown): string | null {
    return typeof value === "number" ? null : `expected a number, got ${describeValue(value)}`;
  }

  override equals(a: unknown, b: unknown): boolean {
    return a === b || Object.is(a, b) || this.keyOf(a) === this.keyOf(b);
  }

  keyOf(value: unknown): ValueKey {
    // NaN is not equal to itself, but as a key it has to be.
    return Number.isNaN(value) ? "NaN" : numberKey(value);
  }
}
