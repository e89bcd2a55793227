import { describeValue, type NativeName, SqlType, type ValueKey } from "../sql-type.ts";

/**
 * Says why the text cannot be stored anywhere; null if it can. Half of a surrogate pair is no character, and nothing that
 * UTF-8 can write: it would come back as another one.
 */
export function malformed(text: string): string | null {
  if (text.isWellFormed()) return null;
  return `expected well-formed text, got ${describeValue(text)} with half of a surrogate pair`;
}

/** Text: `varchar(50)`, `varchar()`, `char(2)`, `text()`. */
export class StringType extends SqlType<string> {
  readonly name: "varchar" | "char" | "text";
  /** The most characters (code points); null: no limit. */
  readonly length: number | null;
  override readonly native: NativeName | null;

  constructor(
    name: "varchar" | "char" | "text" = "text",
    length: number | null = null,
    native: NativeName | null = null,
  ) {
    super();
    this.name = name;
    this.length = length;
    this.native = native;
  }

  override describe(): string {
    if (this.native !== null) return this.native.ddl.toLowerCase();
    return this.length === null ? this.name : `${this.name}(${this.length})`;
  }

  validate(value: unknown): string | null {
    if (typeof value !== "string") return `expected a string, got ${describeValue(value)}`;
    // A string never has more code points than code units: only long ones have to be counted.
    if (this.length !== null && value.length > this.length) {
      const characters = [...value].length;
      if (characters > this.length) {
        return `expected at most ${this.length} characters, got ${characters}: ${describeValue(value)}`;
      }
    }
    return malformed(value);
  }

  /** Two strings need no canonical form to be told apart, and large flushes compare many. */
  override equals(a: unknown, b: unknown): boolean {
    if (typeof a === "string" && typeof b === "string" && this.name !== "char") return a === b;
    return super.equals(a, b);
  }

  /** Blanks at the end of a `char(n)` are what fills it up. */
  keyOf(value: unknown): ValueKey {
    return this.name === "char" ? String(value).replace(/ +$/, "") : String(value);
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** UUIDs as strings with hyphens; upper and lower case are the same. */
export class UuidType extends SqlType<string> {
  readonly name = "uuid";

  validate(value: unknown): string | null {
    if (typeof value === "string" && UUID.test(value)) return null;
    return `expected a UUID such as "123e4567-e89b-12d3-a456-426614174000", got ${describeValue(value)}`;
  }

  keyOf(value: unknown): ValueKey {
    return String(value).toLowerCase();
  }
}

/** One of a fixed set of strings. */
export class EnumerationType<V extends string = string> extends SqlType<V> {
  readonly name = "enumeration";
  readonly values: readonly V[];

  constructor(values: readonly V[]) {
    super();
    this.values = Object.freeze([...values]);
  }

  override describe(): string {
    return `enumeration(${this.values.map((value) => JSON.stringify(value)).join(", ")})`;
  }

  /** The most characters that a value has. */
  get length(): number {
    return Math.max(1, ...this.values.map((value) => value.length));
  }

  validate(value: unknown): string | null {
    if (this.values.some((known) => known === value)) return null;
    const known = this.values.map((one) => JSON.stringify(one)).join(", ");
    return `expected one of ${known}, got ${describeValue(value)}`;
  }

  keyOf(value: unknown): ValueKey {
    return String(value);
  }
}
