import { ArgumentError } from "../errors/index.ts";
import { assertList, assertOptions, type OptionNames } from "../expression/check-arguments.ts";
import { collectBinds } from "../expression/fingerprint.ts";
import { FromClause } from "../expression/from.ts";
import { declareFields, Node } from "../expression/node.ts";
import { type BindParameter, type Condition, SqlExpression, toCell } from "../expression/sql-expression.ts";
import type { SqlType } from "../expression/sql-type.ts";
import { copyWith } from "../expression/traverse.ts";
import type { Column } from "../schema/column.ts";
import type { Table } from "../schema/table.ts";
import { expressionsOf, recordOf } from "./arguments.ts";
import { aliasedColumns } from "./derived-column.ts";
import { DmlStatement } from "./dml-statement.ts";
import { type DmlTarget, dmlTarget, targetColumn } from "./dml-target.ts";
import type { ColumnValues, ExcludedColumns } from "./dml-types.ts";
import type { FromSource } from "./from-source.ts";
import type { Result } from "./result-types.ts";
import type { SelectBase } from "./select-base.ts";

/** In a VALUES list, the place of a column for which its row has no value. */
export class DefaultValue extends SqlExpression<unknown> {
  readonly kind = "defaultValue";
  readonly sqlType: SqlType<unknown>;

  constructor(sqlType: SqlType<unknown>) {
    super();
    this.sqlType = sqlType;
  }

  static {
    declareFields(DefaultValue, { sqlType: "type" });
  }
}

/** The row that an upsert could not insert, as its SET and WHERE see it. */
export class Excluded extends FromClause {
  readonly kind = "excluded";
  readonly name = "excluded";
  readonly table: Table;
  readonly columns: FromClause["columns"];

  constructor(table: Table) {
    super();
    this.table = table;
    this.columns = aliasedColumns(this, table.columns);
  }

  static {
    declareFields(Excluded, { table: "reference" });
  }
}

/** `ON CONFLICT (...) DO NOTHING | UPDATE SET ... WHERE ...`. */
export class ConflictClause extends Node {
  readonly kind = "conflict";
  /** The columns, or expressions of an index, of the unique key that decides; empty: any. */
  readonly targets: readonly SqlExpression<unknown>[];
  /** The condition of a partial unique index. */
  readonly targetCondition: SqlExpression<unknown> | null;
  /** The values in that condition: they are written out, so the text depends on them. */
  readonly targetValues: readonly string[];
  /** Empty: DO NOTHING. */
  readonly setColumns: readonly Column[];
  readonly setValues: readonly SqlExpression<unknown>[];
  /** Which rows to update. */
  readonly condition: SqlExpression<unknown> | null;

  constructor(parts: Pick<ConflictClause, "targets" | "targetCondition" | "setColumns" | "setValues" | "condition">) {
    super();
    this.targets = parts.targets;
    this.targetCondition = parts.targetCondition;
    this.targetValues = parts.targetCondition === null ? [] : collectBinds(parts.targetCondition).map(valueText);
    this.setColumns = parts.setColumns;
    this.setValues = parts.setValues;
    this.condition = parts.condition;
  }

  static {
    declareFields(ConflictClause, {
      targets: "nodes",
      targetCondition: "node",
      targetValues: "value",
      setColumns: "nodes",
      setValues: "nodes",
      condition: "node",
    });
  }
}

/** A text that other values do not have. */
function valueText({ value }: BindParameter<unknown>): string {
  if (value instanceof Date) return String(value.getTime());
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Which unique key a conflict is about. */
export interface ConflictTarget {
  /** Its columns (`User.c.email`), or the expressions of a unique index. */
  readonly target: readonly SqlExpression<any>[];
  /** The condition of a partial unique index, as the index has it: its values become part of the statement's text. */
  readonly targetWhere?: Condition;
}

/** What to do about a row that is there already. */
export interface ConflictUpdate<C> extends ConflictTarget {
  /** New values by column key, or a function that makes them from the row that could not be inserted. */
  readonly set: ColumnValues<C> | ((excluded: ExcludedColumns<C>) => ColumnValues<C>);
  /** Rows for which it does not hold stay as they are. */
  readonly where?: Condition;
}

const CONFLICT_TARGET: OptionNames<ConflictTarget> = { target: true, targetWhere: true };
const CONFLICT_UPDATE: OptionNames<ConflictUpdate<unknown>> = { ...CONFLICT_TARGET, set: true, where: true };

/**
 * `INSERT`, made by {@link insert}. Immutable: every method answers a new one. `C` are the columns by key.
 */
export class Insert<C = unknown, R = never, Items = never> extends DmlStatement<R, Items> {
  readonly kind = "insert";
  readonly columns: readonly Column[] = [];
  /** The values of all rows, one row after the other, in the order of `columns`. */
  readonly cells: readonly SqlExpression<unknown>[] = [];
  readonly rowCount: number = 0;
  /** The query that gives the rows, instead of values. */
  readonly source: SelectBase<unknown> | null = null;
  readonly conflict: ConflictClause | null = null;

  /**
   * The rows to insert, by column key. Rows of one statement may have different keys: a row that lacks one gets the
   * column's default. An empty object inserts a row of defaults. More rows than one statement has room for are sent in
   * several, one after the other: then a row cannot refer to one of the same table that comes much later.
   *
   * @throws ArgumentError for an unknown key, or without a row
   */
  values(rows: ColumnValues<C> | readonly ColumnValues<C>[]): Insert<C, R, Items> {
    const list = [rows].flat().map((row) => recordOf("values()", row));
    if (list.length === 0) throw new ArgumentError("values() needs at least one row.");
    const columns = new Map<string, Column>();
    for (const row of list) {
      for (const key of Object.keys(row)) {
        if (row[key] !== undefined && !columns.has(key)) columns.set(key, targetColumn(this.target, key, "values()"));
      }
    }
    const entries = [...columns];
    const cells = list.flatMap((row) =>
      entries.map(([key, { sqlType }]) =>
        row[key] === undefined ? new DefaultValue(sqlType) : toCell(row[key], sqlType),
      ),
    );
    return copyWith(this, { columns: entries.map(([, column]) => column), cells, rowCount: list.length, source: null });
  }

  /**
   * Inserts the rows of a query: `INSERT INTO t (a, b) SELECT ...`. Columns that it does not fill get their defaults; a
   * `default()` that is a function is called once for all rows.
   *
   * @param keys the columns to fill, in the order of the query's columns
   * @throws ArgumentError for an unknown key, or when the numbers of columns differ
   */
  fromSelect(keys: readonly (keyof C & string)[], source: SelectBase<unknown>): Insert<C, R, Items> {
    const columns = keys.map((key) => targetColumn(this.target, key, "fromSelect()"));
    if (columns.length !== source.outputs.length) {
      throw new ArgumentError(`fromSelect() names ${columns.length} columns, the query has ${source.outputs.length}.`);
    }
    return copyWith(this, { columns, cells: [], rowCount: 0, source });
  }

  /** Leaves rows out that are there already: by the unique key named, or by any. */
  onConflictDoNothing(target?: ConflictTarget): Insert<C, R, Items> {
    if (target !== undefined) assertOptions("onConflictDoNothing()", target, CONFLICT_TARGET);
    const conflict = new ConflictClause({ ...conflictTarget(target), setColumns: [], setValues: [], condition: null });
    return copyWith(this, { conflict });
  }

  /**
   * Changes rows that are there already instead of inserting them.
   *
   * @throws ArgumentError without a target or values to set, or for an unknown key
   */
  onConflictDoUpdate(options: ConflictUpdate<C>): Insert<C, R, Items> {
    assertOptions("onConflictDoUpdate()", options, CONFLICT_UPDATE);
    const { set, where } = options;
    const values = typeof set === "function" ? set(excludedColumns<C>(this.target)) : set;
    const { columns, values: setValues } = assignmentsOf(this.target, values, "onConflictDoUpdate({ set })");
    const [condition = null] = where === undefined ? [] : expressionsOf("onConflictDoUpdate", [where]);
    const target = conflictTarget(options);
    if (target.targets.length === 0 || columns.length === 0) {
      throw new ArgumentError("onConflictDoUpdate() needs the columns of a unique key as target, and values to set.");
    }
    return copyWith(this, { conflict: new ConflictClause({ ...target, setColumns: columns, setValues, condition }) });
  }

  /** Returns something of the inserted (or updated) rows, in no promised order. */
  returning<const A extends readonly unknown[]>(...what: A): Insert<C, Result<A>, A> {
    // The statement is the same; its rows are what was asked for.
    return this.withReturning(what) as Insert<C, unknown, unknown> as Insert<C, Result<A>, A>;
  }

  static {
    declareFields(Insert, {
      table: "reference",
      columns: "nodes",
      rowCount: "value",
      cells: "nodes",
      source: "node",
      conflict: "node",
      items: "nodes",
      shape: "value",
      keys: "value",
    });
  }
}

function excludedColumns<C>({ table, columns }: DmlTarget): ExcludedColumns<C> {
  const excluded = new Excluded(table);
  const byKey = [...columns].map(([key, { index }]) => [key, excluded.columns[index]]);
  // Its columns are those of the target, by the same keys.
  return Object.fromEntries(byKey) as ExcludedColumns<C>;
}

/** Values by key as columns and expressions, in the order given. Keys whose value is undefined do not count. */
export function assignmentsOf(
  target: DmlTarget,
  given: object,
  place: string,
): { columns: readonly Column[]; values: readonly SqlExpression<unknown>[] } {
  const entries = Object.entries(recordOf(place, given)).filter(([, value]) => value !== undefined);
  const columns = entries.map(([key]) => targetColumn(target, key, place));
  return { columns, values: entries.map(([, value], index) => toCell(value, typeAt(columns, index))) };
}

function typeAt(columns: readonly Column[], index: number): SqlType<unknown> {
  const column = columns[index];
  if (column === undefined) throw new ArgumentError("There are more values than columns.");
  return column.sqlType;
}

function conflictTarget(target: ConflictTarget | undefined): Pick<ConflictClause, "targets" | "targetCondition"> {
  if (target !== undefined) assertList("The target of a conflict", target?.target, "target: [User.c.email]");
  const [targetCondition = null] =
    target?.targetWhere === undefined ? [] : expressionsOf("targetWhere", [target.targetWhere]);
  return { targets: target === undefined ? [] : expressionsOf("onConflict", target.target), targetCondition };
}

/**
 * `INSERT INTO` a table or the table of a mapped class. Give the rows with `values()` or `fromSelect()`; a session's
 * `add` is what knows objects, relationships and cascades.
 *
 * @throws ArgumentError for anything but a table or a class mapped to one table
 *
 * @example
 * ```ts
 * import { createEngine, insert, integer, MetaData, Table, varchar } from "alkahest";
 *
 * const metadata = new MetaData();
 * const users = new Table("users", metadata, { id: integer().primaryKey(), name: varchar(50) });
 * const engine = createEngine("sqlite::memory:");
 * await metadata.createAll(engine);
 *
 * await engine.begin(async (connection) => {
 *   await connection.execute(
 *     insert(users)
 *       .values([{ id: 1, name: "ed" }, { id: 2, name: "wendy" }])
 *       .onConflictDoUpdate({ target: [users.c.id], set: (excluded) => ({ name: excluded.name }) }),
 *   );
 * });
 * ```
 */
export function insert<C>(target: FromSource & { readonly c: C }): Insert<C> {
  return new Insert<C>(dmlTarget(target, "insert()"));
}
