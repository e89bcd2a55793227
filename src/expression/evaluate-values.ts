import type { SqlType, ValueKey } from "./sql-type.ts";

/** The result of an evaluation that only the database can do. */
export const UNKNOWN: unique symbol = Symbol("alkahest.unknown");

// Truth values are true, false, null (SQL's unknown) and UNKNOWN (one of the three, but which is not known here).

/** The value as a condition. */
export function truthOf(value: unknown): unknown {
  if (typeof value === "boolean" || value === null) return value;
  return typeof value === "number" || typeof value === "bigint" ? Number(value) !== 0 : UNKNOWN;
}

export function notOf(truth: unknown): unknown {
  return typeof truth === "boolean" ? !truth : truth;
}

export function andOf(a: unknown, b: unknown): unknown {
  if (a === false || b === false) return false;
  if (a === UNKNOWN || b === UNKNOWN) return UNKNOWN;
  return a === null || b === null ? null : true;
}

export function orOf(a: unknown, b: unknown): unknown {
  return notOf(andOf(notOf(a), notOf(b)));
}

/** `a = b` */
export function isSame(type: SqlType<unknown>, a: unknown, b: unknown): unknown {
  if (a === null || b === null) return null;
  if (a === UNKNOWN || b === UNKNOWN || isNaNumber(a) || isNaNumber(b)) return UNKNOWN;
  if (type.name === "json") return UNKNOWN; // some databases compare documents, some texts, some refuse
  if (a === b) return true;
  if (typeof a === "string" && typeof b === "string") return isSameText(type, a, b);
  if (isNumber(a) && isNumber(b)) return !(a < b) && !(a > b); // exact between number and bigint
  if (typeof a !== typeof b) return UNKNOWN;
  return type.equals(a, b) ? true : type.name === "custom" ? UNKNOWN : false;
}

/**
 * Different texts are surely different only if no collation takes them for the same; those that a type takes for the
 * same (UUIDs, decimal numbers) are the same only in databases that have the type.
 */
function isSameText(type: SqlType<unknown>, a: string, b: string): unknown {
  const isExact = type.name === "enumeration" || type.name === "date";
  return !isExact && (foldText(a) === foldText(b) || type.equals(a, b)) ? UNKNOWN : false;
}

/** What remains of a text for the most forgiving collation: no case, no accents, no spaces at the end. */
export function foldText(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text.toLowerCase().trimEnd();
  return text
    .normalize("NFKD")
    .replace(/[\p{M}\p{Cf}]/gu, "")
    .toUpperCase() // makes ß to SS
    .toLowerCase()
    .replace(/[łøđðħæœ]/g, (letter) => BARE_LETTERS[letter] ?? letter)
    .trimEnd();
}

/** Letters that Unicode takes for letters of their own, and collations for others with a stroke, or for two. */
const BARE_LETTERS: Readonly<Record<string, string>> = { ł: "l", ø: "o", đ: "d", ð: "d", ħ: "h", æ: "ae", œ: "oe" };

/**
 * `a < b`, `a <= b`, `a > b`, `a >= b`
 * @param guesses also of texts, if collations are likely to agree
 */
export function compare(type: SqlType<unknown>, operator: string, a: unknown, b: unknown, guesses: boolean): unknown {
  if (a === null || b === null) return null;
  if (a === UNKNOWN || b === UNKNOWN || isNaNumber(a) || isNaNumber(b)) return UNKNOWN;
  let order = a === b ? 0 : orderOf(type, a, b);
  if (order === UNKNOWN && guesses && typeof a === "string" && typeof b === "string") order = likelyOrder(type, a, b);
  if (order === UNKNOWN) return UNKNOWN;
  switch (operator) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    default:
      return order >= 0;
  }
}

/**
 * Texts have an order only in a collation. Decimal numbers are calculated with where the database has no such type: more
 * digits than {@link EXACT_DIGITS} may not count there.
 */
function orderOf(type: SqlType<unknown>, a: unknown, b: unknown): number | typeof UNKNOWN {
  if (isNumber(a) && isNumber(b)) return a < b ? -1 : a > b ? 1 : 0;
  if (a instanceof Date && b instanceof Date) return a.getTime() - b.getTime();
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b);
  if (typeof a !== "string" || typeof b !== "string") return UNKNOWN;
  if (type.name === "date") return a < b ? -1 : 1;
  return type.name === "numeric" ? orderOfDecimals(a, b) : UNKNOWN;
}

/** How many digits of a decimal number every database compares. */
const EXACT_DIGITS = 15;

function orderOfDecimals(a: string, b: string): number | typeof UNKNOWN {
  if ([a, b].some((text) => text.replace(/e.*|\D/gi, "").length > EXACT_DIGITS)) return UNKNOWN;
  const [x, y] = [Number(a), Number(b)];
  return x < y ? -1 : x > y ? 1 : x === y ? 0 : UNKNOWN;
}

/** The order of two different texts, if it is the same by their characters and without case and accents; of times, as they are written in full. */
function likelyOrder(type: SqlType<unknown>, a: string, b: string): number | typeof UNKNOWN {
  if (type.name === "numeric") return UNKNOWN; // its digits are no letters
  if (type.name === "time" || type.name === "datetime") return orderOfKeys(type.keyOf(a), type.keyOf(b));
  const [foldedA, foldedB] = [foldText(a), foldText(b)];
  if (foldedA === foldedB || a < b !== foldedA < foldedB) return UNKNOWN;
  return a < b ? -1 : 1;
}

function orderOfKeys(a: ValueKey, b: ValueKey): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const MAX_BIGINT = 2n ** 63n;

/** `a + b` and the like. */
export function calculate(
  operator: string,
  leftType: SqlType<unknown>,
  rightType: SqlType<unknown>,
  a: unknown,
  b: unknown,
): unknown {
  if (!["+", "-", "*", "/", "%", "||"].includes(operator)) return UNKNOWN;
  if (a === null || b === null) return null;
  if (typeof a === "string" && typeof b === "string") return operator === "||" ? a + b : UNKNOWN;
  if (operator === "||") return UNKNOWN;
  if (typeof a === "bigint" && typeof b === "bigint") return calculateBigInts(operator, a, b);
  if (typeof a !== "number" || typeof b !== "number" || leftType.name === "real" || rightType.name === "real") {
    return UNKNOWN;
  }
  const areIntegers = Number.isInteger(a) && Number.isInteger(b);
  switch (operator) {
    case "+":
      return exact(a + b, areIntegers);
    case "-":
      return exact(a - b, areIntegers);
    case "*":
      return exact(a * b, areIntegers);
    case "/":
      // Some databases drop the fraction, some do not.
      return b !== 0 && areIntegers && a % b === 0 ? exact(a / b, true) : UNKNOWN;
    default:
      return b !== 0 && areIntegers ? exact(a % b, true) : UNKNOWN;
  }
}

/** Beyond what is exact, databases go on in other ways than JavaScript. */
function exact(result: number, fromIntegers: boolean): unknown {
  if (fromIntegers ? !Number.isSafeInteger(result) : !Number.isFinite(result)) return UNKNOWN;
  return result === 0 ? 0 : result;
}

function calculateBigInts(operator: string, a: bigint, b: bigint): unknown {
  if (operator === "/" || operator === "%") {
    if (b === 0n || (operator === "/" && a % b !== 0n)) return UNKNOWN;
    return operator === "/" ? a / b : a % b;
  }
  const result = operator === "+" ? a + b : operator === "-" ? a - b : a * b;
  return result >= -MAX_BIGINT && result < MAX_BIGINT ? result : UNKNOWN;
}

/** `text LIKE pattern ESCAPE escapeCharacter` */
export function matchesLike(
  text: unknown,
  pattern: unknown,
  escapeCharacter: string | null,
  ignoresCase: boolean,
): unknown {
  if (text === null || pattern === null) return null;
  if (typeof text !== "string" || typeof pattern !== "string") return UNKNOWN;
  if (escapeCharacter === null && pattern.includes("\\")) return UNKNOWN; // an escape in some databases
  if (likePattern(pattern, escapeCharacter)?.test(text) ?? false) return true;
  const matchesFolded = likePattern(foldText(pattern), escapeCharacter)?.test(foldText(text)) ?? true;
  if (!matchesFolded) return false;
  const isAscii = /^[\x20-\x7e]*$/.test(text + pattern);
  const matchesLowerCase = likePattern(pattern.toLowerCase(), escapeCharacter)?.test(text.toLowerCase()) ?? false;
  return ignoresCase && isAscii && matchesLowerCase ? true : UNKNOWN;
}

/** The pattern as a regular expression; null if it ends within an escape. */
function likePattern(pattern: string, escapeCharacter: string | null): RegExp | null {
  let source = "";
  let escaped = false;
  for (const character of pattern) {
    if (!escaped && character === escapeCharacter) escaped = true;
    else if (!escaped && character === "%") source += ".*";
    else if (!escaped && character === "_") source += ".";
    else {
      source += character.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
      escaped = false;
    }
  }
  return escaped ? null : new RegExp(`^${source}$`, "su");
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function isNaNumber(value: unknown): boolean {
  return typeof value === "number" && Number.isNaN(value);
}
