import { describeValue, SqlType, type ValueKey } from "../sql-type.ts";

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

  validate(value: unknown): string | null {
    return value instanceof Uint8Array ? null : `expected a Uint8Array, got ${describeValue(value)}`;
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
