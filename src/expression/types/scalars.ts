import { describeValue, type NativeName, SqlType, type ValueKey } from "../sql-type.ts";

export class BooleanType extends SqlType<boolean> {
  readonly name = "boolean";

  validate(value: unknown): string | null {
    return typeof value === "boolean" ? null : `expected true or false, got ${describeValue(value)}`;
  }

  keyOf(value: unknown): ValueKey {
    return Boolean(value);
  }
}

/** Binary data as `Uint8Array`; a `Buffer` is one. */
export class BytesType extends SqlType<Uint8Array> {
  readonly name = "bytes";
  override readonly native: NativeName | null;
  /** The most bytes; null: no limit. */
  readonly length: number | null;

  constructor(native: NativeName | null = null, length: number | null = null) {
    super();
    this.native = native;
    this.length = length;
  }

  override describe(): string {
    return this.native?.ddl.toLowerCase() ?? this.name;
  }

  validate(value: unknown): string | null {
    if (!(value instanceof Uint8Array)) return `expected a Uint8Array, got ${describeValue(value)}`;
    if (this.length === null || value.length <= this.length) return null;
    return `expected at most ${this.length} bytes, got ${value.length}`;
  }

  keyOf(value: unknown): ValueKey {
    if (!(value instanceof Uint8Array)) return String(value);
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("latin1");
  }

  override copy(value: unknown): object | null {
    return value instanceof Uint8Array ? value.slice() : null;
  }
}

/** The type of an expression whose type only the database knows: raw SQL, functions that nothing is known of. */
export class UnknownType extends SqlType<unknown> {
  readonly name = "unknown";

  validate(): string | null {
    return null;
  }

  keyOf(value: unknown): ValueKey {
    switch (typeof value) {
      case "string":
      case "number":
      case "bigint":
      case "boolean":
        return value;
      default:
        return value instanceof Date ? value.toISOString() : (JSON.stringify(value) ?? String(value));
    }
  }
}
