import type { Column } from "../schema/column.ts";
import type { Table } from "../schema/table.ts";
import type { CompilerDialect } from "./compiler-dialect.ts";
import { tableName } from "./table-name.ts";

/** One row that gets new values. */
export interface RowChange {
  readonly keyColumns: readonly Column[];
  readonly key: readonly unknown[];
  readonly columns: readonly Column[];
  readonly values: readonly unknown[];
  /** The primary key that the row has afterwards. */
  readonly keyAfter: readonly unknown[];
}

/** Values of some columns that become others, in every row that has them. */
export interface ValueMove {
  readonly columns: readonly Column[];
  readonly changes: readonly { readonly before: readonly unknown[]; readonly after: readonly unknown[] }[];
}

/** One part of a statement that writes several tables. */
export type CompoundPart =
  | {
      readonly kind: "insert";
      readonly table: Table;
      readonly columns: readonly Column[];
      readonly rows: readonly (readonly unknown[])[];
      /** They bring values for columns that are GENERATED ALWAYS AS IDENTITY. */
      readonly givesIdentity: boolean;
    }
  | {
      readonly kind: "delete";
      readonly table: Table;
      readonly keyColumns: readonly Column[];
      readonly keys: readonly (readonly unknown[])[];
    }
  | {
      readonly kind: "update";
      readonly table: Table;
      readonly rows: readonly RowChange[];
      /** The same rows may be among those that move: no database writes a row twice in one statement. */
      readonly moves: readonly ValueMove[];
    };

/** Takes a value for the statement and gives what stands for it in the text. */
export type BindValue = (column: Column, value: unknown) => string;

/**
 * `WITH c0 AS (UPDATE a ...), c1 AS (UPDATE b ...) SELECT ...`: parts that the database takes for one statement, at whose
 * end it checks foreign keys. Its one row has the number of rows of each part; of an update with moves, those of its `rows`.
 */
export function compoundStatement(dialect: CompilerDialect, parts: readonly CompoundPart[], bind: BindValue): string {
  const writer = new PartWriter(dialect, bind);
  const names = parts.map((_, i) => `c${i}`);
  const texts = parts.map((part, i) => `${names[i]} AS (${writer.write(part)})`);
  const counts = names.map((name) => `(SELECT count(*) FROM ${name} WHERE own)`);
  return `WITH ${texts.join(", ")} SELECT ${counts.join(", ")}`;
}

class PartWriter {
  readonly #dialect: CompilerDialect;
  readonly #bind: BindValue;

  constructor(dialect: CompilerDialect, bind: BindValue) {
    this.#dialect = dialect;
    this.#bind = bind;
  }

  write(part: CompoundPart): string {
    switch (part.kind) {
      case "insert": {
        const rows = part.rows.map((row) => this.#tuple(part.columns, row));
        const names = part.columns.map((column) => this.#name(column)).join(", ");
        const target = `INSERT INTO ${tableName(this.#dialect, part.table)} (${names})`;
        const overriding = part.givesIdentity ? " OVERRIDING SYSTEM VALUE" : "";
        return `${target}${overriding} VALUES ${rows.join(", ")} RETURNING true AS own`;
      }
      case "delete": {
        const condition = this.#anyOf(part.keys.map((key) => this.#equals(part.keyColumns, key)));
        return `DELETE FROM ${tableName(this.#dialect, part.table)} WHERE ${condition} RETURNING true AS own`;
      }
      case "update":
        return this.#update(part);
    }
  }

  #update({ table, rows, moves }: Extract<CompoundPart, { kind: "update" }>): string {
    const head = `UPDATE ${tableName(this.#dialect, table)} SET`;
    const moved = moves.flatMap(({ columns, changes }) => changes.map((change) => ({ columns, ...change })));
    const [row] = rows;
    const [move] = moved;
    if (rows.length === 1 && row !== undefined && move === undefined) {
      return `${head} ${this.#assign(row.columns, row.values)} WHERE ${this.#equals(row.keyColumns, row.key)} RETURNING true AS own`;
    }
    if (moved.length === 1 && move !== undefined && row === undefined) {
      return `${head} ${this.#assign(move.columns, move.after)} WHERE ${this.#equals(move.columns, move.before)} RETURNING false AS own`;
    }
    // The branches of one column: what a row is to have itself comes before what it follows.
    const branches = new Map<Column, string[]>();
    const add = (column: Column, condition: string, value: unknown): void => {
      const own = branches.get(column) ?? [];
      branches.set(column, own);
      own.push(`WHEN ${condition} THEN ${this.#bind(column, value)}`);
    };
    for (const { keyColumns, key, columns, values } of rows)
      for (const [i, column] of columns.entries()) add(column, this.#equals(keyColumns, key), values[i]);
    for (const { columns, before, after } of moved)
      for (const [i, column] of columns.entries()) add(column, this.#equals(columns, before), after[i]);
    const assignments = [...branches].map(
      ([column, cases]) => `${this.#name(column)} = CASE ${cases.join(" ")} ELSE ${this.#name(column)} END`,
    );
    const conditions = [
      ...rows.map(({ keyColumns, key }) => this.#equals(keyColumns, key)),
      ...moved.map(({ columns, before }) => this.#equals(columns, before)),
    ];
    const own =
      rows.length === 0 ? "false" : this.#anyOf(rows.map(({ keyAfter }) => this.#equals(table.primaryKey, keyAfter)));
    return `${head} ${assignments.join(", ")} WHERE ${this.#anyOf(conditions)} RETURNING ${own} AS own`;
  }

  #assign(columns: readonly Column[], values: readonly unknown[]): string {
    return columns.map((column, i) => `${this.#name(column)} = ${this.#bind(column, values[i])}`).join(", ");
  }

  #equals(columns: readonly Column[], values: readonly unknown[]): string {
    return columns.map((column, i) => `${this.#name(column)} = ${this.#bind(column, values[i])}`).join(" AND ");
  }

  #anyOf(conditions: readonly string[]): string {
    return conditions.length === 1 ? `${conditions[0]}` : conditions.map((condition) => `(${condition})`).join(" OR ");
  }

  #tuple(columns: readonly Column[], values: readonly unknown[]): string {
    return `(${columns.map((column, i) => this.#bind(column, values[i])).join(", ")})`;
  }

  #name(column: Column): string {
    return this.#dialect.quote(column.name);
  }
}
