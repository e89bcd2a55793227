import { ArgumentError } from "../errors/index.ts";
import type { Column } from "../schema/column.ts";
import type { Table } from "../schema/table.ts";
import type {
  ArrayStatement,
  BatchConflict,
  BatchStatement,
  ConflictContext,
  RepeatedInsert,
} from "./batch-statement.ts";
import type { CompilerDialect } from "./compiler-dialect.ts";
import { type CompoundPart, compoundStatement } from "./compound-statement.ts";
import { tableName } from "./table-name.ts";

/**
 * Writes the statements of the flush. They have few shapes and many rows, so their text is made from column lists and a
 * row count, without statement nodes in between, and remembered.
 *
 * A dialect overrides the protected methods where its SQL differs.
 */
export class BatchCompiler {
  protected readonly dialect: CompilerDialect;
  readonly #memory = new WeakMap<Table, Map<string, BatchStatement>>();

  constructor(dialect: CompilerDialect) {
    this.dialect = dialect;
  }

  /**
   * `INSERT INTO t (a, b) VALUES (?, ?), (?, ?) RETURNING id`. Parameters: row by row, in the order of `columns`.
   *
   * @param columns none: one row made of defaults only (`DEFAULT VALUES`)
   * @param returning the columns of the rows that come back, in no promised order
   * @param onConflict makes it an upsert; the parameters of `assign` come after those of the rows
   * @param givesIdentity the rows bring values for columns that are GENERATED ALWAYS AS IDENTITY
   * @throws ArgumentError for several rows without any column: no database can write that
   */
  insert(
    table: Table,
    columns: readonly Column[],
    rowCount: number,
    returning: readonly Column[] = [],
    onConflict: BatchConflict | null = null,
    givesIdentity = false,
  ): BatchStatement {
    const conflict = onConflict === null ? "" : conflictShape(onConflict);
    return this.#remember(
      table,
      `i${shape(columns)}*${rowCount}r${shape(returning)}${conflict}${givesIdentity ? "o" : ""}`,
      () => {
        if (columns.length === 0 && rowCount !== 1) {
          throw new ArgumentError(
            `${rowCount} rows of "${table.name}" without any column need ${rowCount} statements.`,
          );
        }
        const target = `INSERT INTO ${tableName(this.dialect, table)}`;
        const numbers = this.#numbers();
        const source =
          columns.length === 0
            ? this.emptyInsert()
            : `(${this.names(columns)})${givesIdentity ? this.overriding() : ""} ${this.insertedRows(columns, rowCount, returning, numbers)}`;
        const conflictClause =
          onConflict === null
            ? ""
            : ` ${this.conflictClause(onConflict, { table, columns, nextPlaceholder: numbers })}`;
        return {
          sql: `${target} ${source}${conflictClause}${this.#returning(returning)}`,
          order: "rows",
          parameterCount: columns.length * rowCount + (onConflict?.assign?.length ?? 0),
        };
      },
    );
  }

  /**
   * An INSERT whose text is the same for any number of rows, since its parameters are arrays, one a column; null where
   * {@link insert} is as good.
   *
   * @param returning the columns of the rows that come back, in no promised order
   */
  insertFromArrays(
    _table: Table,
    _columns: readonly Column[],
    _rowCount: number,
    _returning: readonly Column[],
  ): ArrayStatement | null {
    return null;
  }

  /**
   * The INSERT of one row, to be executed for each of many; null where a list of rows is as good.
   *
   * @param returning the columns of the rows that come back, in the order of the rows given
   */
  insertRepeated(
    _table: Table,
    _columns: readonly Column[],
    _rowCount: number,
    _returning: readonly Column[],
  ): RepeatedInsert | null {
    return null;
  }

  /** The UPDATE of one row, as {@link update} makes it, to be executed for each of many; null where that is no better. */
  updateRepeated(
    _table: Table,
    _keyColumns: readonly Column[],
    _setColumns: readonly Column[],
    _rowCount: number,
  ): BatchStatement | null {
    return null;
  }

  /**
   * Sets columns to values of their own for each row, which is found by its key (and, if given among the key columns,
   * by the version that it was loaded with). One row: `UPDATE t SET a = ? WHERE k = ?`, order `setFirst`. Several:
   * `WITH v(k0, s0) AS (VALUES (?, ?), ...) UPDATE t SET a = v.s0 FROM v WHERE t.k = v.k0`, order `rows`, keys first.
   *
   * @throws ArgumentError for several rows where the database has no UPDATE ... FROM (`capabilities.updateFrom`)
   */
  update(
    table: Table,
    keyColumns: readonly Column[],
    setColumns: readonly Column[],
    rowCount: number,
    returning: readonly Column[] = [],
  ): BatchStatement {
    const key = `u${shape(keyColumns)}=${shape(setColumns)}*${rowCount}r${shape(returning)}`;
    return this.#remember(table, key, () => {
      const parameterCount = (keyColumns.length + setColumns.length) * rowCount;
      const tail = this.#returning(returning);
      if (rowCount === 1) {
        const numbers = this.#numbers();
        const sql = `UPDATE ${tableName(this.dialect, table)} SET ${this.#assignments(table, setColumns, numbers)} WHERE ${this.#keyCondition(keyColumns, numbers)}${tail}`;
        return { sql, order: "setFirst", parameterCount };
      }
      if (!this.dialect.capabilities.updateFrom) {
        throw new ArgumentError(
          `${this.dialect.name} has no UPDATE ... FROM: write the ${rowCount} rows of "${table.name}" one by one.`,
        );
      }
      return {
        sql: this.updateFromValues(table, keyColumns, setColumns, rowCount) + tail,
        order: "rows",
        parameterCount,
      };
    });
  }

  /**
   * An UPDATE whose text is the same for any number of rows, since its parameters are arrays, one a column, those of
   * the key first; null where {@link update} is as good.
   */
  updateFromArrays(
    _table: Table,
    _keyColumns: readonly Column[],
    _setColumns: readonly Column[],
    _rowCount: number,
  ): ArrayStatement | null {
    return null;
  }

  /**
   * Sets columns to the same values in all rows: `UPDATE t SET fk = ? WHERE k IN (?, ?)`. Parameters: the values to
   * set, then the keys row by row.
   */
  updateConstant(
    table: Table,
    setColumns: readonly Column[],
    keyColumns: readonly Column[],
    rowCount: number,
  ): BatchStatement {
    return this.#remember(table, `k${shape(setColumns)}=${shape(keyColumns)}*${rowCount}`, () => {
      const numbers = this.#numbers();
      const set = this.#assignments(table, setColumns, numbers);
      return {
        sql: `UPDATE ${tableName(this.dialect, table)} SET ${set} WHERE ${this.#keysCondition(keyColumns, rowCount, numbers)}`,
        order: "setFirst",
        parameterCount: setColumns.length + keyColumns.length * rowCount,
      };
    });
  }

  /** `DELETE FROM t WHERE k IN (?, ?)`. Parameters: the keys row by row. */
  delete(table: Table, keyColumns: readonly Column[], rowCount: number): BatchStatement {
    return this.#remember(table, `d${shape(keyColumns)}*${rowCount}`, () => ({
      sql: `DELETE FROM ${tableName(this.dialect, table)} WHERE ${this.#keysCondition(keyColumns, rowCount, this.#numbers())}`,
      order: "rows",
      parameterCount: keyColumns.length * rowCount,
    }));
  }

  /**
   * A DELETE whose text is the same for any number of rows, since its parameters are arrays, one a key column; null
   * where {@link delete} is as good.
   */
  deleteFromArrays(_table: Table, _keyColumns: readonly Column[], _rowCount: number): ArrayStatement | null {
    return null;
  }

  /**
   * Follows a changed key in all rows that refer to it, loaded or not: `UPDATE child SET fk = ? WHERE fk = ?`.
   * Parameters: the new values, then the old ones.
   */
  propagate(table: Table, columns: readonly Column[]): BatchStatement {
    return this.#remember(table, `p${shape(columns)}`, () => {
      const numbers = this.#numbers();
      const set = this.#assignments(table, columns, numbers);
      return {
        sql: `UPDATE ${tableName(this.dialect, table)} SET ${set} WHERE ${this.#keyCondition(columns, numbers)}`,
        order: "setFirst",
        parameterCount: columns.length * 2,
      };
    });
  }

  /** `SELECT 1 FROM t WHERE k IN (?, ?) FOR UPDATE`: locks rows, and tells how many there are. Parameters: the keys row by row. */
  lock(table: Table, keyColumns: readonly Column[], rowCount: number): BatchStatement {
    return this.#remember(table, `l${shape(keyColumns)}*${rowCount}`, () => {
      const lock = this.dialect.capabilities.selectForUpdate ? " FOR UPDATE" : "";
      return {
        sql: `SELECT 1 FROM ${tableName(this.dialect, table)} WHERE ${this.#keysCondition(keyColumns, rowCount, this.#numbers())}${lock}`,
        order: "rows",
        parameterCount: keyColumns.length * rowCount,
      };
    });
  }

  /**
   * One statement of several parts, see {@link compoundStatement}. It is rare and seldom the same, so it is not
   * remembered.
   * @param take is given each value in the order in which it stands in the text
   */
  compound(parts: readonly CompoundPart[], take: (column: Column, value: unknown) => void): string {
    const numbers = this.#numbers();
    return compoundStatement(this.dialect, parts, (column, value) => {
      take(column, value);
      return this.value(column, numbers());
    });
  }

  /**
   * A query for the next keys that a column counts up to, one row each; one parameter: how many.
   * @throws ArgumentError where the database has no sequences (`capabilities.sequences`)
   */
  drawKeys(column: Column): BatchStatement {
    throw new ArgumentError(`${this.dialect.name} draws no keys beforehand: ${column.fullName} counts up by INSERT.`);
  }

  /** Says that given values count where the database generates them always; empty where it does not mind. */
  protected overriding(): string {
    return "";
  }

  /** What follows `INSERT INTO t (a, b)`. */
  protected insertedRows(
    columns: readonly Column[],
    rowCount: number,
    _returning: readonly Column[],
    nextPlaceholder: () => string,
  ): string {
    const rows = repeat(rowCount, () => `(${columns.map(nextPlaceholder).join(", ")})`);
    return `VALUES ${rows.join(", ")}`;
  }

  /** The placeholder of a value for the column inside a VALUES list that is no INSERT's, where nothing tells its type. */
  protected value(_column: Column, placeholder: string): string {
    return placeholder;
  }

  /** What follows `INSERT INTO t` when there is no column to write. */
  protected emptyInsert(): string {
    return "DEFAULT VALUES";
  }

  /** The upsert clause. */
  protected conflictClause(conflict: BatchConflict, { table, nextPlaceholder }: ConflictContext): string {
    const { target, set, increment = [], assign = [] } = conflict;
    const name = tableName(this.dialect, table);
    const assignments = [
      ...set.map((column) => `${this.name(column)} = excluded.${this.name(column)}`),
      ...increment.map((column) => `${this.name(column)} = ${name}.${this.name(column)} + 1`),
      ...assign.map((column) => `${this.name(column)} = ${nextPlaceholder()}`),
    ];
    const written = [...set, ...increment, ...assign];
    const action = written.length === 0 ? "NOTHING" : `UPDATE SET ${this.#withIdle(table, written, assignments)}`;
    return `ON CONFLICT (${this.names(target)}) DO ${action}`;
  }

  /** One UPDATE that gives each row values of its own, without RETURNING. */
  protected updateFromValues(
    table: Table,
    keyColumns: readonly Column[],
    setColumns: readonly Column[],
    rowCount: number,
  ): string {
    const numbers = this.#numbers();
    const columns = [...keyColumns, ...setColumns];
    const rows = repeat(rowCount, () => `(${columns.map((column) => this.value(column, numbers())).join(", ")})`);
    const names = sourceNames(keyColumns, setColumns);
    return `WITH v(${names}) AS (VALUES ${rows.join(", ")}) ${this.updateFrom(table, keyColumns, setColumns, "v")}`;
  }

  /** `UPDATE t SET a = v.s0 FROM v WHERE t.k = v.k0`, the rows named as {@link sourceNames} says. */
  protected updateFrom(
    table: Table,
    keyColumns: readonly Column[],
    setColumns: readonly Column[],
    source: string,
  ): string {
    const name = tableName(this.dialect, table);
    const assignments = setColumns.map((column, index) => `${this.name(column)} = v.s${index}`);
    const set = this.#withIdle(table, setColumns, assignments);
    const where = keyColumns.map((column, index) => `${name}.${this.name(column)} = v.k${index}`).join(" AND ");
    return `UPDATE ${name} SET ${set} FROM ${source} WHERE ${where}`;
  }

  /** The condition that finds rows by composite keys. */
  protected compositeKeys(keyColumns: readonly Column[], tuples: readonly string[]): string {
    return `(${this.names(keyColumns)}) IN (VALUES ${tuples.join(", ")})`;
  }

  /** The columns that an UPDATE of others sets to what they are, which the database needs to check foreign keys right. */
  protected idleColumns(_table: Table, _written: readonly Column[]): readonly Column[] {
    return [];
  }

  /** The column's name as it is written in SQL. */
  protected name(column: Column): string {
    return this.dialect.quote(column.name);
  }

  protected names(columns: readonly Column[]): string {
    return columns.map((column) => this.name(column)).join(", ");
  }

  #numbers(): () => string {
    let number = 0;
    return () => this.dialect.placeholder(++number);
  }

  #assignments(table: Table, columns: readonly Column[], numbers: () => string): string {
    return this.#withIdle(
      table,
      columns,
      columns.map((column) => `${this.name(column)} = ${numbers()}`),
    );
  }

  #withIdle(table: Table, written: readonly Column[], assignments: readonly string[]): string {
    const name = tableName(this.dialect, table);
    const idle = this.idleColumns(table, written).map(
      (column) => `${this.name(column)} = ${name}.${this.name(column)}`,
    );
    return [...assignments, ...idle].join(", ");
  }

  #keyCondition(columns: readonly Column[], numbers: () => string): string {
    return columns.map((column) => `${this.name(column)} = ${numbers()}`).join(" AND ");
  }

  #keysCondition(columns: readonly Column[], rowCount: number, numbers: () => string): string {
    const [only] = columns;
    if (only === undefined) throw new ArgumentError("A batch that finds rows by their keys needs a key column.");
    if (rowCount === 1) return this.#keyCondition(columns, numbers);
    if (columns.length === 1) return `${this.name(only)} IN (${repeat(rowCount, numbers).join(", ")})`;
    if (!this.dialect.capabilities.rowValues) {
      return repeat(rowCount, () => `(${this.#keyCondition(columns, numbers)})`).join(" OR ");
    }
    return this.compositeKeys(
      columns,
      repeat(rowCount, () => `(${columns.map((column) => this.value(column, numbers())).join(", ")})`),
    );
  }

  #returning(columns: readonly Column[]): string {
    return columns.length === 0 ? "" : ` RETURNING ${this.names(columns)}`;
  }

  #remember(table: Table, key: string, write: () => BatchStatement): BatchStatement {
    const statements = this.#memory.get(table) ?? new Map<string, BatchStatement>();
    this.#memory.set(table, statements);
    const known = statements.get(key);
    if (known !== undefined) return known;
    // Row counts are many, and the texts of large batches long: keep those of this table that were made last.
    const oldest = statements.keys().next();
    if (statements.size >= 200 && !oldest.done) statements.delete(oldest.value);
    const statement = write();
    statements.set(key, statement);
    return statement;
  }
}

/** The names of the columns that an UPDATE finds its rows by, and takes its values from. */
export function sourceNames(keyColumns: readonly Column[], setColumns: readonly Column[]): string {
  return [...keyColumns.map((_, index) => `k${index}`), ...setColumns.map((_, index) => `s${index}`)].join(", ");
}

function conflictShape({ target, set, increment = [], assign = [] }: BatchConflict): string {
  return `c${shape(target)}=${shape(set)}+${shape(increment)}:${shape(assign)}`;
}

function repeat(count: number, make: () => string): string[] {
  return Array.from({ length: count }, make);
}

/** The columns of one table, as a part of a key. */
function shape(columns: readonly Column[]): string {
  return columns.map((column) => column.index).join(",");
}
