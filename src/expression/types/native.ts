import { type NativeName, SqlType, type ValueKey } from "../sql-type.ts";

/** What {@link NativeType} is made of. None of the functions is ever called with null. */
export interface NativeTypeOptions<T> extends NativeName {
  /** Says why a value cannot be stored; null if it can. */
  readonly validate: (value: unknown) => string | null;
  /** Makes what the driver binds; without it, the value is that. */
  readonly bind?: (value: T) => unknown;
  /** Makes the value of what the driver gives; without it, the text is the value. */
  readonly result?: (stored: unknown) => T;
  /** The canonical form of a value that has several; without it, the value as text. */
  readonly key?: (value: T) => ValueKey;
  /** A copy of a value that can be changed in place. */
  readonly copy?: (value: T) => object;
}

let count = 0;

/** A kind of type that one database has and the others have nothing like. */
export class NativeType<T = unknown> extends SqlType<T> {
  readonly name = "native";
  override readonly native: NativeName;
  readonly #options: NativeTypeOptions<T>;
  readonly #id = ++count;

  constructor(options: NativeTypeOptions<T>) {
    super();
    this.native = options;
    this.#options = options;
  }

  /** Two types may be spelled alike and convert differently. */
  override get cacheKey(): string {
    return `native${this.#id}`;
  }

  override describe(): string {
    return this.native.ddl.toLowerCase();
  }

  validate(value: unknown): string | null {
    return this.#options.validate(value);
  }

  keyOf(value: unknown): ValueKey {
    const { key } = this.#options;
    // Keys are asked only of values that were validated or loaded.
    return key === undefined ? String(value) : key(value as T);
  }

  override copy(value: unknown): object | null {
    // Values to copy were validated or loaded.
    return this.#options.copy?.(value as T) ?? null;
  }

  /** What makes a value bindable; null when it is. */
  get binder(): ((value: unknown) => unknown) | null {
    const { bind } = this.#options;
    if (bind === undefined) return null;
    return (value) => {
      const reason = this.validate(value);
      if (reason !== null) throw new TypeError(reason);
      return bind(value as T); // it was just validated
    };
  }

  /** What makes a value of the driver's answer; null when it is one. */
  get reader(): ((stored: unknown) => unknown) | null {
    return this.#options.result ?? null;
  }
}
