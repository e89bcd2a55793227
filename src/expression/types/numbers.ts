import { describeValue, type NativeName, SqlType, type ValueKey } from "../sql-type.ts";

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

/** An integer type that only one database has: its name there, and the values that it can hold. */
export interface NativeInteger<N> extends NativeName {
  readonly least: N;
  readonly greatest: N;
}

const SMALLINT_RANGE = { least: -32_768, greatest: 32_767 };

/**
 * Whole numbers that a JavaScript number holds exactly: `integer()` and `smallint()`. No column is a `long`, which is what
 * a value of more than 32 bits is by itself.
 */
export class IntegerType extends SqlType<number> {
  readonly name: "integer" | "smallint" | "long";
  override readonly native: NativeInteger<number> | null;

  constructor(name: "integer" | "smallint" | "long" = "integer", native: NativeInteger<number> | null = null) {
    super();
    this.name = name;
    this.native = native;
  }

  override describe(): string {
    return this.native?.ddl.toLowerCase() ?? this.name;
  }

  validate(value: unknown): string | null {
    if (typeof value !== "number") return `expected a number, got ${describeValue(value)}`;
    if (!Number.isInteger(value)) return `expected a whole number, got ${describeValue(value)}`;
    const range = this.native ?? (this.name === "smallint" ? SMALLINT_RANGE : null);
    if (range !== null && (value < range.least || value > range.greatest)) {
      return `expected a whole number between ${range.least} and ${range.greatest}, got ${describeValue(value)}`;
    }
    if (Number.isSafeInteger(value)) return null;
    return `expected a whole number below 2^53, got ${describeValue(value)}; a bigint() column holds larger ones`;
  }

  keyOf(value: unknown): ValueKey {
    return numberKey(value);
  }
}

const BIGINT_RANGE = { least: -(2n ** 63n), greatest: 2n ** 63n - 1n };

/** Whole numbers of 64 bits, as `bigint`. */
export class BigIntType extends SqlType<bigint> {
  readonly name = "bigint";
  override readonly native: NativeInteger<bigint> | null;

  constructor(native: NativeInteger<bigint> | null = null) {
    super();
    this.native = native;
  }

  override describe(): string {
    return this.native?.ddl.toLowerCase() ?? this.name;
  }

  validate(value: unknown): string | null {
    if (typeof value === "number" && Number.isInteger(value)) {
      return `expected a bigint, got ${describeValue(value)}; write ${Number.isSafeInteger(value) ? `${value}n` : `BigInt(${value})`}`;
    }
    if (typeof value !== "bigint") return `expected a bigint, got ${describeValue(value)}`;
    const { least, greatest } = this.native ?? BIGINT_RANGE;
    if (value >= least && value <= greatest) return null;
    return this.native === null
      ? `expected a bigint of at most 64 bits, got ${describeValue(value)}`
      : `expected a bigint between ${least} and ${greatest}, got ${describeValue(value)}`;
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
    if (typeof value !== "string" || !DECIMAL.test(value)) {
      return `expected a decimal number as a string, such as "12.50", got ${describeValue(value)}`;
    }
    if (this.precision === null) return null;
    // Some databases would round, some refuse, some store what does not fit.
    const scale = this.scale ?? 0;
    const [whole = "", fraction = ""] = canonicalDecimal(value).replace("-", "").split(".");
    if (fraction.length > scale)
      return `expected at most ${scale} digits behind the point, got ${describeValue(value)}`;
    const most = this.precision - scale;
    if (whole === "0" || whole.length <= most) return null;
    return `expected at most ${most} digits before the point, got ${describeValue(value)}`;
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
