import { ArgumentError } from "../errors/index.ts";
import { assertList } from "../expression/check-arguments.ts";
import { type ColumnElement, FromClause } from "../expression/from.ts";
import { suggestion } from "../expression/near-match.ts";
import { declareFields } from "../expression/node.ts";
import { type SqlExpression, toCell } from "../expression/sql-expression.ts";
import { SqlType, type TypeSource } from "../expression/sql-type.ts";
import { recordOf } from "./arguments.ts";
import { DerivedColumn } from "./derived-column.ts";
import { columnsByKey } from "./from-columns.ts";

type ValuesColumns = Readonly<Record<string, TypeSource<unknown>>>;
type ColumnsOf<V extends ValuesColumns> = {
  readonly [K in keyof V]: ColumnElement<V[K] extends TypeSource<infer T> ? T | null : never>;
};
type RowOf<V extends ValuesColumns> = {
  readonly [K in keyof V]: V[K] extends TypeSource<infer T> ? T | SqlExpression<T> | null : never;
};

/** Rows written out to select from: `(VALUES (1, 'a'), (2, 'b')) AS v (id, name)`. */
export class ValuesTable<C = unknown> extends FromClause {
  readonly kind = "values";
  readonly name: string | null;
  readonly columnNames: readonly string[];
  readonly width: number;
  /** Row after row. */
  readonly cells: readonly SqlExpression<unknown>[];
  readonly columns: readonly ColumnElement<unknown>[];
  readonly c: C;

  constructor(types: ValuesColumns, rows: readonly Readonly<Record<string, unknown>>[], name: string | null) {
    super();
    const names = Object.keys(recordOf("values()", types));
    assertList("values()", rows, "values({ id: integer() }, [{ id: 1 }])");
    if (names.length === 0 || rows.length === 0) throw new ArgumentError("values() needs a column and a row.");
    this.name = name;
    this.columnNames = names;
    this.width = names.length;
    const columns = names.map((one) => new DerivedColumn(this, one, typeOf(types, one), null));
    this.columns = columns;
    this.cells = rows.flatMap((row) => {
      assertKeys(row, names);
      return columns.map((column) => toCell(row[column.name] ?? null, column.sqlType));
    });
    // The columns were made from the types that C is computed from.
    this.c = columnsByKey(columns) as C;
  }

  static {
    declareFields(ValuesTable, { name: "value", columnNames: "value", width: "value", cells: "nodes" });
  }
}

/**
 * Rows written out as something to select from or to join.
 *
 * @param columns the name and the type of each column
 * @param rows objects with these keys; what is missing is NULL
 * @throws ArgumentError without a column or a row, and for a key that is no column
 *
 * @example
 * ```ts
 * import { integer, select, values, varchar } from "alkahest";
 *
 * const sizes = values({ id: integer(), label: varchar(1) }, [{ id: 1, label: "S" }, { id: 2, label: "M" }], "sizes");
 * select(sizes.c.label).where(sizes.c.id.eq(2));
 * ```
 */
export function values<V extends ValuesColumns>(
  columns: V,
  rows: readonly RowOf<V>[],
  name?: string,
): ValuesTable<ColumnsOf<V>> {
  return new ValuesTable<ColumnsOf<V>>(columns, rows, name ?? null);
}

function typeOf(types: ValuesColumns, name: string): TypeSource<unknown>["sqlType"] {
  const type = types[name]?.sqlType;
  if (type instanceof SqlType) return type;
  throw new ArgumentError(`values() takes a type for each column, such as { ${name}: integer() }.`);
}

function assertKeys(row: unknown, names: readonly string[]): void {
  for (const key of Object.keys(recordOf("values()", row))) {
    if (!names.includes(key)) throw new ArgumentError(`values() has no column "${key}".${suggestion(key, names)}`);
  }
}
