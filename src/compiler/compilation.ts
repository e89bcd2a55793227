import { CompileError } from "../errors/index.ts";
import type { FromClause } from "../expression/from.ts";
import type { BindParameter } from "../expression/sql-expression.ts";
import type { CompiledBind } from "./compiled.ts";
import type { CompilerDialect } from "./compiler-dialect.ts";

/** Cannot occur in SQL: it marks where a placeholder goes while the text is put together out of order. */
const MARK = "\u0000";

/** The state of one compilation: the parameters found so far, the names given, and where in the statement we are. */
export class Compilation {
  readonly dialect: CompilerDialect;
  /** The number of each literal, in the order in which the fingerprint lists them. */
  readonly #ordinals: ReadonlyMap<BindParameter<unknown>, number>;
  readonly #binds: CompiledBind[] = [];
  readonly #names = new Map<FromClause, string>();
  readonly #takenNames: Set<string>;
  /** The text of common table expressions in the order in which they must be written; null while one is being written. */
  readonly ctes = new Map<FromClause, string | null>();
  /** FROM elements of the enclosing queries, which a subquery in an expression may refer to. */
  enclosing: readonly FromClause[] = [];
  /** Are columns written with the name of their table? */
  qualify = true;

  constructor(
    dialect: CompilerDialect,
    ordinals: ReadonlyMap<BindParameter<unknown>, number>,
    takenNames: Iterable<string>,
  ) {
    this.dialect = dialect;
    this.#ordinals = ordinals;
    this.#takenNames = new Set(takenNames);
  }

  /** A placeholder for a literal of the statement. */
  literal(parameter: BindParameter<unknown>): string {
    const ordinal = this.#ordinals.get(parameter);
    // What a dialect's compiler adds on its own is no literal of the statement, and the same each time.
    if (ordinal === undefined) return this.bind({ kind: "fixed", value: parameter.value, type: parameter.sqlType });
    return this.bind({ kind: "literal", ordinal, type: parameter.sqlType });
  }

  /** A placeholder for the value. */
  bind(bind: CompiledBind): string {
    this.#binds.push(bind);
    return `${MARK}${this.#binds.length - 1}${MARK}`;
  }

  /** The name by which the statement refers to an alias, subquery or the like: its own, or one made up: `users_1`. */
  nameOf(from: FromClause, ownName: string | null, base: string): string {
    let name = this.#names.get(from);
    if (name === undefined) {
      name = ownName ?? this.#newName(base);
      this.#names.set(from, name);
    }
    return name;
  }

  /** Runs `write` within other FROM elements to refer to. */
  within<T>(enclosing: readonly FromClause[], write: () => T): T {
    const before = this.enclosing;
    this.enclosing = enclosing;
    try {
      return write();
    } finally {
      this.enclosing = before;
    }
  }

  /** Runs `write` with column names alone, as DDL and SET want them. */
  unqualified<T>(write: () => T): T {
    const before = this.qualify;
    this.qualify = false;
    try {
      return write();
    } finally {
      this.qualify = before;
    }
  }

  /** Replaces the marks by placeholders, numbered from left to right, and puts the binds into that order. */
  finish(text: string): { sql: string; binds: readonly CompiledBind[] } {
    const binds: CompiledBind[] = [];
    const parts = text.split(MARK);
    for (let index = 1; index < parts.length; index += 2) {
      const bind = this.#binds[Number(parts[index])];
      if (bind === undefined) throw new CompileError("The SQL text contains a NUL character.");
      binds.push(bind);
      parts[index] = this.dialect.placeholder(binds.length);
    }
    return { sql: parts.join(""), binds };
  }

  #newName(base: string): string {
    for (let number = 1; ; number++) {
      const name = `${base}_${number}`;
      if (this.#takenNames.has(name)) continue;
      this.#takenNames.add(name);
      return name;
    }
  }
}
