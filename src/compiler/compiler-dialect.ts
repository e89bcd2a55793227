import type { SqlType } from "../expression/sql-type.ts";

/** What a database can do, as far as the text of statements depends on it. */
export interface CompilerCapabilities {
  /** `INSERT | UPDATE | DELETE ... RETURNING`. */
  readonly returning: boolean;
  /** `INSERT INTO t (...) VALUES (...), (...)`. */
  readonly multiRowInsert: boolean;
  /** `UPDATE t SET ... FROM other WHERE ...`. */
  readonly updateFrom: boolean;
  /** `SELECT ... FOR UPDATE`; without it, the lock is left out. */
  readonly selectForUpdate: boolean;
  /** `(VALUES (1, 'a')) AS v (id, name)`: an alias may name the columns. */
  readonly derivedColumnNames: boolean;
  /** `DEFAULT` may stand among the values of an INSERT. */
  readonly defaultKeyword: boolean;
  /** `(a, b) IN ((1, 2), ...)` or `(a, b) IN (VALUES (1, 2), ...)`. */
  readonly rowValues: boolean;
  /** `CREATE INDEX ... WHERE condition`. */
  readonly partialIndexes: boolean;
  /** `CREATE INDEX i ON t (lower(a))`. */
  readonly expressionIndexes: boolean;
  /** `UNIQUE NULLS NOT DISTINCT`. */
  readonly nullsNotDistinct: boolean;
  /** `DEFERRABLE INITIALLY DEFERRED` may be written after a foreign key. */
  readonly deferrableForeignKeyDdl: boolean;
  /** `DEFERRABLE INITIALLY DEFERRED` may be written after a unique constraint. */
  readonly deferrableUniqueDdl: boolean;
  /** `ALTER TABLE t ADD CONSTRAINT ...`; without it, a foreign key may name a table that does not exist yet. */
  readonly alterAddForeignKey: boolean;
}

/** What the compilers need to know of a database. A dialect of `engine/` has all of it. */
export interface CompilerDialect {
  /** `sqlite`, `postgresql`, `mysql`, ...; also the key of per-database collations. */
  readonly name: string;
  readonly capabilities: CompilerCapabilities;
  /** The identifier as it is written in SQL: quoted when it has to be. */
  quote(identifier: string): string;
  /** The placeholder of the parameter with this number, counted from 1: `?`, `$1`. */
  placeholder(number: number): string;
  /** The type as it is written in CREATE TABLE and CAST. */
  typeDdl(type: SqlType<unknown>): string;
}
