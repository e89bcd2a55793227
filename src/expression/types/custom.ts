import { describeValue, SqlType, type ValueKey } from "../sql-type.ts";
import { UnknownType } from "./scalars.ts";

/** What `defineType` takes: a type of one's own, stored as something that the driver can bind. */
export interface CustomTypeOptions<T, Stored = unknown> {
  /** The type as CREATE TABLE spells it; an object gives it for each dialect by name. */
  readonly ddl: string | Readonly<Record<string, string>>;
  /** Makes what is stored. Never called with null. */
  readonly bind: (value: T) => Stored;
  /** Makes the value from what was stored. Never called with null. */
  readonly result: (stored: Stored) => T;
  /** Says why a value cannot be stored; null if it can. Without it, a `bind` that throws says so. */
  readonly validate?: (value: unknown) => string | null;
}

let count = 0;

/** A type that a user defined. Values are equal if what is stored is equal. */
export class CustomType<T = unknown, Stored = unknown> extends SqlType<T> {
  readonly name = "custom";
  readonly ddl: string | Readonly<Record<string, string>>;
  readonly bind: (value: T) => Stored;
  readonly result: (stored: Stored) => T;
  readonly #validate: ((value: unknown) => string | null) | undefined;
  readonly #id = ++count;

  constructor(options: CustomTypeOptions<T, Stored>) {
    super();
    this.ddl = options.ddl;
    this.bind = options.bind;
    this.result = options.result;
    this.#validate = options.validate;
  }

  /** Two custom types may be spelled alike and convert differently. */
  override get cacheKey(): string {
    return `custom${this.#id}`;
  }

  override describe(): string {
    return typeof this.ddl === "string" ? this.ddl : (Object.values(this.ddl)[0] ?? this.name);
  }

  validate(value: unknown): string | null {
    if (this.#validate !== undefined) return this.#validate(value);
    try {
      // Whether it is a T is what is to be found out.
      this.bind(value as T);
      return null;
    } catch (error) {
      return `expected a value for ${this.describe()}, got ${describeValue(value)} (${error instanceof Error ? error.message : String(error)})`;
    }
  }

  keyOf(value: unknown): ValueKey {
    // Keys are asked only of values that were validated or loaded.
    return STORED.keyOf(this.bind(value as T));
  }
}

const STORED = new UnknownType();
