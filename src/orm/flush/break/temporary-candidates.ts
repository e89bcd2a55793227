import { randomBytes, randomInt, randomUUID } from "node:crypto";
import {
  BigIntType,
  BytesType,
  DateTimeType,
  DateType,
  EnumerationType,
  FloatType,
  IntegerType,
  JsonType,
  NumericType,
  type SqlType,
  StringType,
  TimestampType,
  TimeType,
  UuidType,
} from "../../../expression/index.ts";
import { randomText, textsIn, textsLike } from "./temporary-texts.ts";

/** What is known of the values that a CHECK constraint allows. */
export interface Hints {
  /** Values in the constraint, and what the row has in the other columns of it. */
  readonly literals: readonly unknown[];
  /** A value that it allows: what the row has. */
  readonly present: unknown;
  /** There is a constraint that only the database understands: what is like the row's own value is the best guess. */
  readonly isOpaque: boolean;
}

const TRIES = 8;
const MANY = 24;

/**
 * Values for a row to hold for a moment, those first that rows rarely have. Whether one fits is for others to say.
 * @param hints null: no CHECK constraint restricts the values
 */
export function* candidates(type: SqlType<unknown>, hints: Hints | null): Generator<unknown> {
  if (type instanceof StringType) yield* texts(type.length ?? TEXT_LENGTH, hints);
  else if (type instanceof IntegerType) yield* integers(type, hints);
  else if (type instanceof BigIntType) yield* bigints(type, hints);
  else if (type instanceof FloatType) yield* numbers(hints, (least, greatest) => real(type, least, greatest), 2 ** 40);
  else if (type instanceof NumericType) yield* decimals(type, hints);
  else if (type instanceof DateType) yield* days(hints, randomDay, (date) => date.toISOString().slice(0, 10));
  else if (type instanceof DateTimeType)
    yield* days(hints, randomInstant, (date) =>
      date.toISOString().replace(/\d\d\dZ$/, () => `${randomInt(100, 1000)}`),
    );
  else if (type instanceof TimestampType)
    yield* days(
      hints,
      () => new Date(randomMillis()),
      (date) => date,
    );
  else if (type instanceof TimeType) yield* several(MANY, randomTime);
  else if (type instanceof UuidType) yield* several(TRIES, randomUUID);
  else if (type instanceof EnumerationType) yield* type.values;
  else if (type instanceof BytesType)
    yield* several(MANY, () => new Uint8Array(randomBytes(Math.min(type.length ?? 16, 16))));
  else if (type instanceof JsonType) yield* several(1, () => ({}));
  else if (type.native !== null) yield* several(TRIES, ...NATIVE_TEXTS);
}

/** Types of whose values there are a thousand million or more in the range that rows rarely use. */
export function hasManyValues(type: SqlType<unknown>): boolean {
  if (type instanceof StringType) return type.length === null || type.length >= 8;
  if (type instanceof IntegerType) return type.name === "integer" && type.native === null;
  return type instanceof BigIntType || type instanceof UuidType;
}

/** One of them from that range, for types that have so many. */
export function distantValue(type: SqlType<unknown>): unknown {
  if (type instanceof StringType) return tildeText(type.length ?? TEXT_LENGTH);
  if (type instanceof IntegerType) return randomInt(INTEGER_RANGE.least, INTEGER_RANGE.least + 2 ** 30);
  if (type instanceof BigIntType) return type.native === null ? -bigDistance() : bigDistance();
  return randomUUID();
}

/** Is it unlikely that a row has the value: is it random, and from the range that rows rarely use? */
export function isRarelyUsed(type: SqlType<unknown>, value: unknown): boolean {
  if (typeof value === "number") return Math.abs(value) >= (type.name === "smallint" ? FAR_OF_SMALL : FAR);
  if (typeof value === "bigint") return value >= 2n ** 61n || value <= -(2n ** 61n);
  if (value instanceof Date) return value.getTime() < LONG_AGO;
  if (value instanceof Uint8Array) return value.length >= LONG;
  if (typeof value !== "string" || type instanceof EnumerationType) return false;
  if (type instanceof StringType) return value.startsWith("~") && value.length >= LONG;
  if (type instanceof NumericType) return Math.abs(Number(value)) >= FAR;
  if (type instanceof DateType || type instanceof DateTimeType) return Date.parse(value.slice(0, 10)) < LONG_AGO;
  return true; // of all others, they are random
}

const FAR = 2 ** 29;
const FAR_OF_SMALL = 2 ** 14;
const LONG = 8;
const LONG_AGO = Date.UTC(1500, 0);

/** Of the types that one database has, those whose values are texts of a known form: the type says which it takes. */
const NATIVE_TEXTS: readonly (() => string)[] = [
  () => `${randomInstant()}Z`,
  () =>
    `${randomBytes(6)
      .toString("hex")
      .replace(/..(?!$)/g, "$&:")}`,
  () => `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}`,
  () => randomText(32),
];

function* several(times: number, ...makers: readonly (() => unknown)[]): Generator<unknown> {
  for (let i = 0; i < times; i++) for (const make of makers) yield make();
}

const TEXT_LENGTH = 32;

function tildeText(length: number): string {
  return `~${randomText(length - 1)}`;
}

function* texts(length: number, hints: Hints | null): Generator<unknown> {
  if (hints !== null) yield* textsIn(length, hints);
  if (hints?.isOpaque === true) yield* textsLike(hints);
  if (length > 1) yield* several(TRIES, () => tildeText(length));
  yield* several(MANY, () => randomText(length));
  if (hints !== null) yield* textsLike(hints);
  // Of so few, every one may be needed.
  if (length === 1) for (let code = 126; code > 32; code--) yield String.fromCharCode(code);
}

const INTEGER_RANGE = { least: -(2 ** 31) + 1, greatest: 2 ** 31 - 1 };
const SMALLINT_RANGE = { least: -32_767, greatest: 32_767 };

function* integers(type: IntegerType, hints: Hints | null): Generator<unknown> {
  const { least, greatest } = type.native ?? (type.name === "smallint" ? SMALLINT_RANGE : INTEGER_RANGE);
  const between = (from: number, to: number): number | undefined => {
    const [low, high] = [Math.max(Math.ceil(from), least), Math.min(Math.floor(to), greatest)];
    return low < high ? randomInt(low, high + 1) : low === high ? low : undefined;
  };
  // The outer quarter on each side; types without a sign have one side.
  const quarter = Math.floor((greatest - least) / 4);
  const below = (): number | undefined => (least < 0 ? between(least, least + quarter) : undefined);
  const above = (): number | undefined => between(greatest - quarter, greatest);
  yield* sides(below, above, hints);
  if (hints !== null) yield* amongLiterals(hints, between, 1);
  yield* several(MANY, () => between(least, greatest));
  const start = between(least, greatest - IN_A_ROW);
  if (start !== undefined) yield* inARow((i) => start + i);
}

/** All remainders of a division by as many. */
const IN_A_ROW = 64;

/** Of values that lie at random, an expression may make the same; of those in a row it mostly makes others. */
function* inARow(at: (i: number) => unknown): Generator<unknown> {
  for (let i = 0; i < IN_A_ROW; i++) yield at(i);
}

function bigDistance(): bigint {
  return 2n ** 62n + BigInt(randomInt(2 ** 47));
}

function* bigints(type: BigIntType, hints: Hints | null): Generator<unknown> {
  yield* sides(() => (type.native === null ? -bigDistance() : undefined), bigDistance, hints);
  const exact = (from: number, to: number): bigint | undefined => {
    const [low, high] = [Math.ceil(Math.max(from, -(2 ** 46))), Math.floor(Math.min(to, 2 ** 46))];
    return low <= high ? BigInt(randomInt(low, high + 1)) : undefined;
  };
  if (hints !== null) yield* amongLiterals(hints, exact, 1);
  const start = bigDistance();
  yield* inARow((i) => start + BigInt(i));
}

function* numbers(
  hints: Hints | null,
  between: (least: number, greatest: number) => unknown,
  far: number,
): Generator<unknown> {
  yield* sides(
    () => between(-far, -1),
    () => between(1, far),
    hints,
  );
  if (hints !== null) yield* amongLiterals(hints, between, 1);
}

function real(type: FloatType, least: number, greatest: number): number {
  const value = least + (greatest - least) * Math.random();
  return type.name === "real" ? Math.fround(value) : value;
}

/** Most digits that a random number has here. */
const MOST_DIGITS = 14;

function* decimals({ precision, scale }: NumericType, hints: Hints | null): Generator<unknown> {
  const behind = precision === null ? 0 : Math.min(scale ?? 0, MOST_DIGITS);
  const digits = Math.max(1, Math.min(precision ?? MOST_DIGITS, MOST_DIGITS));
  const greatest = 10 ** digits - 1;
  const unit = 10 ** -behind;
  const between = (from: number, to: number): string | undefined => {
    const low = Math.max(Math.ceil(from / unit - 1e-9), -greatest);
    const high = Math.min(Math.floor(to / unit + 1e-9), greatest);
    return low <= high ? shifted(randomInt(low, high + 1), behind) : undefined;
  };
  yield* sides(
    () => between(-greatest * unit, -unit),
    () => between(unit, greatest * unit),
    hints,
  );
  if (hints !== null) yield* amongLiterals(hints, between, unit);
}

/** The decimal number `units` with its point moved to the left. */
function shifted(units: number, behind: number): string {
  if (behind === 0) return String(units);
  const digits = String(Math.abs(units)).padStart(behind + 1, "0");
  return `${units < 0 ? "-" : ""}${digits.slice(0, -behind)}.${digits.slice(-behind)}`;
}

/** Below first, unless a CHECK constraint is more likely to allow what is above. */
function* sides(below: () => unknown, above: () => unknown, hints: Hints | null): Generator<unknown> {
  const isPositive = hints !== null && !(Number(hints.present) < 0);
  yield* several(TRIES, isPositive ? above : below);
  yield* several(TRIES, isPositive ? below : above);
}

/** What lies between the literals, next to them, and the literals. */
function* amongLiterals(
  { literals, present }: Hints,
  between: (least: number, greatest: number) => unknown,
  step: number,
): Generator<unknown> {
  const all = [...literals, present].filter((value) => value !== null && value !== "" && typeof value !== "boolean");
  const sorted = [...new Set(all.map(Number))].filter(Number.isFinite).sort((a, b) => a - b);
  for (const [i, low] of sorted.entries()) {
    const high = sorted[i + 1];
    if (high === undefined) continue;
    const isNarrow = (high - low) / step <= MANY;
    // Counted: next to a number that is large enough, there is none.
    if (isNarrow) for (let i = 1; i * step < high - low; i++) yield between(low + i * step, low + i * step);
    else yield* several(MANY, () => between(low + step, high - step));
  }
  const [least = 0, greatest = 0] = [sorted[0], sorted.at(-1)];
  for (let reach = 1000; reach >= 1; reach /= 10) {
    yield* several(TRIES, () => between(greatest + step, greatest + reach * step));
    yield* several(TRIES, () => between(least - reach * step, least - step));
  }
  for (const value of sorted) yield* [value, value + step, value - step].map((near) => between(near, near));
}

const DAY = 86_400_000;

/** Long ago and, where a CHECK constraint may not allow that, far ahead, near what it says, and between. */
function* days(hints: Hints | null, longAgo: () => unknown, of: (date: Date) => unknown): Generator<unknown> {
  const between = (from: number, to: number): unknown =>
    from < to ? of(new Date(from + Math.floor(Math.random() * (to - from)))) : undefined;
  const farAhead = (): unknown => between(Date.UTC(6000, 0), Date.UTC(9000, 0));
  const times = [...(hints?.literals ?? []), hints?.present]
    .map(millisOf)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  // What is between two values that are allowed mostly is as well.
  if (hints !== null)
    for (const [i, time] of times.entries()) yield* several(TRIES, () => between(time + 1, (times[i + 1] ?? time) - 1));
  yield* several(MANY, longAgo, farAhead);
  for (const time of times)
    for (const reach of [DAY, 30 * DAY, 3650 * DAY])
      yield* several(
        TRIES,
        () => between(time + 1, time + reach),
        () => between(time - reach, time - 1),
      );
}

function millisOf(value: unknown): number {
  if (value instanceof Date) return value.getTime();
  return typeof value === "string" ? Date.parse(value.length > 10 ? `${value.replace(" ", "T")}Z` : value) : Number.NaN;
}

function randomMillis(): number {
  return -randomInt(2 ** 44, 2 ** 44 + 2 ** 43);
}

function randomDay(): string {
  return `${randomInt(1000, 1500)}-${twoDigits(randomInt(1, 13))}-${twoDigits(randomInt(1, 29))}`;
}

function randomTime(): string {
  return `${twoDigits(randomInt(24))}:${twoDigits(randomInt(60))}:${twoDigits(randomInt(60))}.${randomInt(100_000, 1_000_000)}`;
}

function randomInstant(): string {
  return `${randomDay()}T${randomTime()}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
