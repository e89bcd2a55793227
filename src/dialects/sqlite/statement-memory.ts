/** Statements in one generation; two generations are kept. */
const GENERATION = 100;

/** PRAGMAs act when they are prepared, some of them, and not when they are executed. */
const PRAGMA = /^\s*pragma\b/i;

/**
 * Prepared statements of one connection by their text. It keeps the last hundred or two that were used, in two
 * generations: what is used moves to the young one, and when that is full the old one is dropped. So finding a statement
 * that is used all the time costs one look-up and no bookkeeping.
 */
export class StatementMemory<Statement> {
  readonly #prepare: (sql: string) => Statement;
  #young = new Map<string, Statement>();
  #old = new Map<string, Statement>();

  constructor(prepare: (sql: string) => Statement) {
    this.#prepare = prepare;
  }

  get(sql: string): Statement {
    const known = this.#young.get(sql);
    if (known !== undefined) return known;
    const statement = this.#old.get(sql) ?? this.#prepare(sql);
    if (PRAGMA.test(sql)) return statement;
    if (this.#young.size >= GENERATION) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(sql, statement);
    return statement;
  }
}
