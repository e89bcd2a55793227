import { CompileError } from "../errors/index.ts";
import type { SqlType } from "../expression/sql-type.ts";
import { CustomType } from "../expression/types/custom.ts";
import { NativeType } from "../expression/types/native.ts";
import type { Processor, ValueLimit } from "./dialect.ts";

/** How one kind of type lives in one database. */
export interface TypeStorage {
  /** Its name in CREATE TABLE. */
  ddl(type: SqlType<unknown>): string;
  bind(type: SqlType<unknown>): Processor | null;
  result(type: SqlType<unknown>): Processor | null;
  /** What the database cannot hold of what the type allows; without it, it holds everything. */
  readonly limit?: (type: SqlType<unknown>) => ValueLimit | null;
}

/** Which database it is, and how each kind of type lives in it. */
export interface DialectTypesOptions<S extends TypeStorage> {
  /** The name of the dialect, as native types and types of one's own say it. */
  readonly dialect: string;
  /** The database as messages call it. */
  readonly title: string;
  /** By the name of the kind of type. */
  readonly storages: Readonly<Record<string, S>>;
}

/**
 * The types of one database. Processors are the same function every time, so that callers may compare and keep them.
 */
export class DialectTypes<S extends TypeStorage = TypeStorage> {
  readonly #options: DialectTypesOptions<S>;
  readonly #binders = new WeakMap<SqlType<unknown>, Processor | null>();
  readonly #readers = new WeakMap<SqlType<unknown>, Processor | null>();
  readonly #limits = new WeakMap<SqlType<unknown>, ValueLimit | null>();

  constructor(options: DialectTypesOptions<S>) {
    this.#options = options;
  }

  /** @throws CompileError for a type that the database does not have */
  storageOf(type: SqlType<unknown>): S {
    const { dialect, title, storages } = this.#options;
    const storage = storages[type.name];
    if (type.native !== null && type.native.dialect !== dialect) {
      throw new CompileError(
        `${title} has no ${type.describe()}, which is a type of ${type.native.dialect}: use a type that every database has.`,
      );
    }
    if (storage !== undefined) return storage;
    throw new CompileError(`${title} has no type for ${type.describe()}. A json() column holds arrays and objects.`);
  }

  /** The type as CREATE TABLE spells it. */
  ddl(type: SqlType<unknown>): string {
    const storage = this.storageOf(type);
    return type.native?.ddl ?? storage.ddl(type);
  }

  bind(type: SqlType<unknown>): Processor | null {
    return remembered(this.#binders, type, () => this.storageOf(type).bind(type));
  }

  result(type: SqlType<unknown>): Processor | null {
    return remembered(this.#readers, type, () => this.storageOf(type).result(type));
  }

  limit(type: SqlType<unknown>): ValueLimit | null {
    return remembered(this.#limits, type, () => this.storageOf(type).limit?.(type) ?? null);
  }
}

function remembered<T>(memory: WeakMap<SqlType<unknown>, T>, type: SqlType<unknown>, make: () => T): T {
  const known = memory.get(type);
  if (known !== undefined) return known;
  const made = make();
  memory.set(type, made);
  return made;
}

/** How types of one's own live in a database. */
export function customStorage(dialect: string, title: string, bindUnknown: Processor): TypeStorage {
  return {
    ddl: (type) => {
      const ddl = type instanceof CustomType ? type.ddl : "";
      const text = typeof ddl === "string" ? ddl : ddl[dialect];
      if (text !== undefined) return text;
      throw new CompileError(
        `The type ${type.describe()} does not say how ${title} spells it: add { ${dialect}: "..." } to its ddl.`,
      );
    },
    bind: (type) => (type instanceof CustomType ? (value) => bindUnknown(type.bind(value)) : null),
    result: (type) => (type instanceof CustomType ? (value) => type.result(value) : null),
  };
}

/** How kinds of types that only this database has live in it: as they say themselves. */
export const nativeStorage: TypeStorage = {
  ddl: (type) => type.describe(),
  bind: (type) => (type instanceof NativeType ? type.binder : null),
  result: (type) => (type instanceof NativeType ? type.reader : null),
};
