import { describeValue, SqlType, type ValueKey } from "../sql-type.ts";

/** Arrays of values of one type, for databases that have them. Elements may be null. */
export class ArrayType<T = unknown> extends SqlType<T[]> {
  readonly name = "array";
  readonly element: SqlType<T>;

  constructor(element: SqlType<T>) {
    super();
    this.element = element;
  }

  override get cacheKey(): string {
    return `array<${this.element.cacheKey}>`;
  }

  override describe(): string {
    return `array of ${this.element.describe()}`;
  }

  validate(value: unknown): string | null {
    if (!Array.isArray(value)) return `expected an array, got ${describeValue(value)}`;
    for (const [index, element] of value.entries()) {
      const reason = element === null ? null : this.element.validate(element);
      if (reason !== null) return `element ${index}: ${reason}`;
    }
    return null;
  }

  keyOf(value: unknown): ValueKey {
    if (!Array.isArray(value)) return String(value);
    return JSON.stringify(value.map((element) => (element === null ? null : elementKey(this.element.keyOf(element)))));
  }

  override copy(value: unknown): object | null {
    return Array.isArray(value) ? value.map((element: unknown) => this.element.copy(element) ?? element) : null;
  }
}

/** JSON has no bigint; the type keeps 1 and "1" apart. */
function elementKey(key: ValueKey): unknown {
  return typeof key === "bigint" ? { bigint: String(key) } : key;
}
