import { CompileError } from "../errors/index.ts";
import type { Replacement } from "../expression/fingerprint.ts";
import type { FromClause } from "../expression/from.ts";
import { type BindParameter, SqlExpression } from "../expression/sql-expression.ts";
import { shortenName } from "../schema/naming.ts";
import type { CompiledBind } from "./compiled.ts";
import type { CompilerDialect } from "./compiler-dialect.ts";

/** Cannot occur in SQL: it marks where a placeholder goes while the text is put together out of order. */
const MARK = "\u0000";

/** The state of one compilation: the parameters found so far, the names given, and where in the statement we are. */
export class Compilation {
  readonly dialect: CompilerDialect;
  /** The number of each literal, in the order in which the fingerprint lists them. */
  readonly #ordinals: ReadonlyMap<BindParameter<unknown>, number>;
  readonly #replace: Replacement | null;
  readonly #binds: CompiledBind[] = [];
  readonly #names = new Map<FromClause, string>();
  readonly #takenNames: Set<string>;
  /** The common table expressions met so far, written or being written, by name. */
  #ctes = new Map<string, FromClause>();
  #cteTexts: string[] = [];
  #isRecursive = false;
  /** Does each outermost query write WITH before itself, where the statement as a whole can have none? */
  hasOwnHeads = false;
  /** Names in the result that ORDER BY can use for expressions. */
  orderingNames: ReadonlyMap<SqlExpression<unknown>, string> = new Map();
  /** FROM elements of the enclosing queries, which a subquery in an expression may refer to. */
  enclosing: readonly FromClause[] = [];
  /** Are columns written with the name of their table? */
  qualify = true;
  /** Does a common table expression change rows? */
  writesInCte = false;
  /** Are values part of the text? DDL takes no parameters, and the condition of an index is found by its text. */
  writesValuesOut = false;

  constructor(
    dialect: CompilerDialect,
    ordinals: ReadonlyMap<BindParameter<unknown>, number>,
    takenNames: Iterable<string>,
    replace: Replacement | null = null,
  ) {
    this.dialect = dialect;
    this.#ordinals = ordinals;
    this.#replace = replace;
    this.#takenNames = new Set(takenNames);
  }

  /** A placeholder for a literal of the statement. */
  literal(parameter: BindParameter<unknown>): string {
    const ordinal = this.#ordinals.get(parameter);
    // What a dialect's compiler adds on its own is no literal of the statement, and the same each time; so is what is written
    // out.
    if (ordinal === undefined || this.writesValuesOut)
      return this.bind({ kind: "fixed", value: parameter.value, type: parameter.sqlType });
    return this.bind({ kind: "literal", ordinal, type: parameter.sqlType });
  }

  /** What a parameter of raw SQL stands for, if its value was given apart. */
  given(parameter: SqlExpression<unknown>): SqlExpression<unknown> | null {
    const given = this.#replace?.(parameter);
    return given instanceof SqlExpression ? given : null;
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
      this.name(from, name);
    }
    return name;
  }

  /** Says by which name the statement refers to it. */
  name(from: FromClause, name: string): void {
    this.#names.set(from, name);
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

  /** Runs `write` with names for ORDER BY to use. */
  ordering<T>(names: ReadonlyMap<SqlExpression<unknown>, string>, write: () => T): T {
    const before = this.orderingNames;
    this.orderingNames = names;
    try {
      return write();
    } finally {
      this.orderingNames = before;
    }
  }

  /**
   * Adds a common table expression to the head of the statement, once. Those that it uses itself are met while it is
   * written, and so come before it.
   */
  addCte(cte: FromClause, name: string, isRecursive: boolean, write: () => string): void {
    const known = this.#ctes.get(name);
    if (known === cte) return;
    if (known !== undefined) throw new CompileError(`There are two different common table expressions "${name}".`);
    this.#ctes.set(name, cte);
    this.#isRecursive ||= isRecursive;
    this.#cteTexts.push(this.within([], write));
  }

  /** Runs `write`, which makes a query, and puts what it adds to WITH before that. */
  withOwnHead(write: () => string): string {
    const outer = { ctes: this.#ctes, texts: this.#cteTexts, isRecursive: this.#isRecursive };
    this.#ctes = new Map();
    this.#cteTexts = [];
    this.#isRecursive = false;
    this.hasOwnHeads = false;
    try {
      const text = write();
      return this.#head() + text;
    } finally {
      this.#ctes = outer.ctes;
      this.#cteTexts = outer.texts;
      this.#isRecursive = outer.isRecursive;
      this.hasOwnHeads = true;
    }
  }

  /** Runs `write` with column names alone, as RETURNING, DDL and the target of an upsert want them. */
  unqualified<T>(write: () => T): T {
    return this.#qualifying(false, write);
  }

  /** Runs `write` with the names of tables before those of columns, as every query has them. */
  qualified<T>(write: () => T): T {
    return this.#qualifying(true, write);
  }

  /**
   * Adds the head, replaces the marks by placeholders, numbered from left to right, and orders the binds likewise. Where
   * placeholders have numbers, a literal that is used twice is one parameter: PostgreSQL would not take `GROUP BY a + $2`
   * for the `a + $1` that is selected.
   */
  finish(text: string): { sql: string; binds: readonly CompiledBind[]; writesInCte: boolean } {
    const binds: CompiledBind[] = [];
    const isNumbered = this.dialect.placeholder(1) !== this.dialect.placeholder(2);
    const numbers = new Map<number, number>();
    const sql = this.#replaceMarks(this.#head() + text, (bind) => {
      const known = isNumbered && bind.kind === "literal" ? numbers.get(bind.ordinal) : undefined;
      if (known !== undefined) return this.dialect.placeholder(known);
      binds.push(bind);
      if (bind.kind === "literal") numbers.set(bind.ordinal, binds.length);
      return this.dialect.placeholder(binds.length);
    });
    return { sql, binds, writesInCte: this.writesInCte };
  }

  /** Replaces the marks by what `write` makes of each bind. */
  inline(text: string, write: (bind: CompiledBind) => string): string {
    return this.#replaceMarks(text, write);
  }

  #replaceMarks(text: string, write: (bind: CompiledBind) => string): string {
    const parts = text.split(MARK);
    for (let index = 1; index < parts.length; index += 2) {
      const bind = this.#binds[Number(parts[index])];
      if (bind === undefined) throw new CompileError("A name or a piece of SQL contains a NUL character.");
      parts[index] = write(bind);
    }
    return parts.join("");
  }

  #head(): string {
    if (this.#cteTexts.length === 0) return "";
    return `WITH ${this.#isRecursive ? "RECURSIVE " : ""}${this.#cteTexts.join(", ")} `;
  }

  #qualifying<T>(qualify: boolean, write: () => T): T {
    const before = this.qualify;
    this.qualify = qualify;
    try {
      return write();
    } finally {
      this.qualify = before;
    }
  }

  #newName(base: string): string {
    for (let number = 1; ; number++) {
      const name = shortenName(`${base}_${number}`);
      if (this.#takenNames.has(name)) continue;
      this.#takenNames.add(name);
      return name;
    }
  }
}
