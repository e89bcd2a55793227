import { ArgumentError } from "../../errors/index.ts";

/** Which bounds of a range belong to it: `[` and `]` do, `(` and `)` do not. */
export type RangeBounds = "[)" | "[]" | "(]" | "()";

const BOUNDS: ReadonlySet<string> = new Set(["[)", "[]", "(]", "()"]);

/**
 * Everything between two values. A bound that is null leaves that side open. Immutable.
 *
 * PostgreSQL writes ranges of whole numbers and of days in the form `[)`: what was stored as `[1,5]` comes back as `[1,6)`,
 * which is the same range.
 *
 * @example
 * ```ts
 * import { Range } from "alkahest/postgresql";
 *
 * new Range(1, 5); // 1 to 4
 * new Range(1, 5, "[]"); // 1 to 5
 * new Range(1, null); // from 1 on
 * Range.empty<number>(); // nothing
 * ```
 */
export class Range<T> {
  readonly lower: T | null;
  readonly upper: T | null;
  readonly bounds: RangeBounds;
  readonly isEmpty: boolean;

  /**
   * @param bounds which bounds belong to the range; one that is null never does
   * @param isEmpty `Range.empty()` makes such a range
   * @throws ArgumentError for other bounds
   */
  constructor(lower: T | null, upper: T | null, bounds: RangeBounds = "[)", isEmpty = false) {
    if (!BOUNDS.has(bounds)) {
      throw new ArgumentError(`The bounds of a Range are "[)", "[]", "(]" or "()", not ${JSON.stringify(bounds)}.`);
    }
    this.lower = lower;
    this.upper = upper;
    // One of the two characters that there are on each side.
    this.bounds = `${lower === null ? "(" : bounds[0]}${upper === null ? ")" : bounds[1]}` as RangeBounds;
    this.isEmpty = isEmpty;
    Object.freeze(this);
  }

  /** The range without any value. */
  static empty<T>(): Range<T> {
    return new Range<T>(null, null, "()", true);
  }

  /** As PostgreSQL reads it: `["1","5")`, `empty`. */
  toString(): string {
    return this.isEmpty ? "empty" : writeRange(this, textOf);
  }

  toJSON(): string {
    return this.toString();
  }
}

function textOf(bound: unknown): string {
  return bound instanceof Date ? bound.toISOString() : String(bound);
}

/** The range as PostgreSQL reads it; `write` makes the text of a bound. */
export function writeRange<T>({ lower, upper, bounds }: Range<T>, write: (bound: T) => string): string {
  const quoted = (bound: T | null) => (bound === null ? "" : `"${write(bound).replace(/["\\]/g, "\\$&")}"`);
  return `${bounds[0]}${quoted(lower)},${quoted(upper)}${bounds[1]}`;
}

const TEXT = /^([[(])("(?:[^"\\]|\\.|"")*"|[^,]*),("(?:[^"\\]|\\.|"")*"|[^,]*)([\])])$/s;

/**
 * Reads a range as PostgreSQL writes it; `read` makes the bound of its text.
 * @returns undefined for what is no range
 */
export function readRange<T>(text: string, read: (bound: string) => T): Range<T> | undefined {
  if (text === "empty") return Range.empty();
  const parts = TEXT.exec(text);
  if (parts === null) return undefined;
  const [, open, lower = "", upper = "", close] = parts;
  const bound = (part: string) => (part === "" ? null : read(unquoted(part)));
  // The expression lets nothing else through.
  return new Range(bound(lower), bound(upper), `${open}${close}` as RangeBounds);
}

function unquoted(part: string): string {
  if (!part.startsWith('"')) return part;
  return part.slice(1, -1).replace(/\\(.)|""/gs, (_, escaped: string | undefined) => escaped ?? '"');
}
