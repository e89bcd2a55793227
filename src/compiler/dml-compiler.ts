import { CompileError } from "../errors/index.ts";
import type { FromClause } from "../expression/from.ts";
import type { SqlExpression } from "../expression/sql-expression.ts";
import type { Column } from "../schema/column.ts";
import type { ColumnDefault } from "../schema/column-definition.ts";
import type { Table } from "../schema/table.ts";
import { Delete } from "../statement/delete.ts";
import type { DmlStatement } from "../statement/dml-statement.ts";
import { type ConflictClause, DefaultValue, Insert } from "../statement/insert.ts";
import { Select } from "../statement/select.ts";
import type { SelectBase } from "../statement/select-base.ts";
import { criteriaOf } from "../statement/select-criteria.ts";
import { mentionedFroms } from "../statement/select-froms.ts";
import { ExpressionItem } from "../statement/select-item.ts";
import { Update } from "../statement/update.ts";
import type { Compilation } from "./compilation.ts";
import { QueryCompiler } from "./query-compiler.ts";
import { defaultedColumns, SelectedDefault } from "./selected-default.ts";
import { tableName } from "./table-name.ts";

/** Writes INSERT, UPDATE and DELETE. */
export abstract class DmlCompiler extends QueryCompiler {
  /** An expression with its values written out, as DDL has it. */
  protected abstract writtenOut(expression: SqlExpression<unknown>, c: Compilation): string;

  protected dml(statement: DmlStatement<unknown, unknown>, c: Compilation): string {
    if (statement instanceof Insert) return this.insert(statement, c);
    if (statement instanceof Update) return this.update(statement, c);
    if (statement instanceof Delete) return this.delete(statement, c);
    throw new CompileError(`${c.dialect.name} has no SQL for a statement of the kind "${statement.kind}".`);
  }

  protected insert(statement: Insert<unknown, unknown, unknown>, c: Compilation): string {
    const { table, source, conflict } = statement;
    const parts = [`INSERT INTO ${tableName(c.dialect, table)}`];
    parts.push(source === null ? this.insertedRows(statement, c) : this.insertedQuery(statement, source, c));
    if (conflict !== null) parts.push(this.conflict(conflict, c));
    const returning = this.returning(statement, c, false);
    if (returning !== "") parts.push(returning);
    return parts.join(" ");
  }

  /**
   * The columns of an INSERT and the query that gives its rows; the defaults of columns that it does not fill among them,
   * made once for all rows.
   */
  protected insertedQuery(
    { table, columns, conflict }: Insert<unknown, unknown, unknown>,
    source: SelectBase<unknown>,
    c: Compilation,
  ): string {
    const defaulted = defaultedColumns(table.columns, columns);
    const names = `(${this.names([...columns, ...defaulted.map(({ column }) => column)], c)})`;
    const select = source instanceof Select ? source : null;
    // "SELECT ... ON CONFLICT" could be read as a join: some parsers need a WHERE in between.
    const hasWhere = select !== null && (select.conditions.length > 0 || criteriaOf(select).length > 0);
    const needsWhere = conflict !== null && !hasWhere;
    const where = needsWhere ? " WHERE TRUE" : "";
    const takesWhere = !needsWhere || (select !== null && !hasTail(select));
    if (takesWhere && defaulted.length === 0) return `${names} ${this.select(source, c, "none")}${where}`;
    // Beside DISTINCT or in a query that is wrapped, nothing would tell the type of a value.
    if (takesWhere && select !== null && !select.isDistinct) {
      const added = defaulted.map(({ column, value }) => new ExpressionItem(new SelectedDefault(column, value)));
      return `${names} ${this.select(select.with({ items: [...select.items, ...added] }), c, "none")}${where}`;
    }
    const added = defaulted.map(({ column, value }) => `, ${this.columnDefault(column, value, c)}`);
    const query = this.select(source, c, "derived");
    return `${names} SELECT rows_to_insert.*${added.join("")} FROM (${query}) AS rows_to_insert${where}`;
  }

  protected override otherExpression(node: SqlExpression<unknown>, c: Compilation): string {
    return node instanceof SelectedDefault
      ? this.columnDefault(node.column, node.value, c)
      : super.otherExpression(node, c);
  }

  /** The columns of an INSERT and its VALUES; the defaults of columns without a value among them. */
  protected insertedRows(statement: Insert<unknown, unknown, unknown>, c: Compilation): string {
    const { table, columns, cells } = statement;
    const rowCount = Math.max(statement.rowCount, 1);
    const defaulted = defaultedColumns(table.columns, columns);
    const all = [...columns, ...defaulted.map(({ column }) => column)];
    if (all.length === 0) {
      if (rowCount === 1) return this.emptyInsert();
      throw new CompileError(
        `${rowCount} rows of "${table.fullName}" made of defaults only need a statement each: no database inserts them together.`,
      );
    }
    const rows = Array.from({ length: rowCount }, (_, row) => {
      const given = columns.map((column, index) => this.cell(column, cells[row * columns.length + index], c));
      const added = defaulted.map(({ column, value }) => this.columnDefault(column, value, c));
      return `(${[...given, ...added].join(", ")})`;
    });
    if (rowCount > 1 && !c.dialect.capabilities.multiRowInsert) {
      throw new CompileError(`${c.dialect.name} inserts one row a statement: execute an insert for each.`);
    }
    return `(${this.names(all, c)}) VALUES ${rows.join(", ")}`;
  }

  /** What follows `INSERT INTO t` when there is no column to write. */
  protected emptyInsert(): string {
    return "DEFAULT VALUES";
  }

  /** One value of a row. */
  protected cell(column: Column, value: SqlExpression<unknown> | undefined, c: Compilation): string {
    if (value !== undefined && !(value instanceof DefaultValue)) return this.expression(value, c);
    if (column.default !== null) return this.columnDefault(column, column.default, c);
    if (c.dialect.capabilities.defaultKeyword) return "DEFAULT";
    const { serverDefault } = column;
    if (serverDefault !== null) return this.operand(serverDefault, 1, c);
    if (column.nullable || column.autoincrement) return "NULL";
    throw new CompileError(`A row has no value for ${column.fullName}, which has no default.`);
  }

  /** The value that a column declares for rows that have none. */
  protected columnDefault(column: Column, value: ColumnDefault, c: Compilation): string {
    return c.bind({ kind: "default", column, value, type: column.sqlType });
  }

  /** `ON CONFLICT ...`. */
  protected conflict(clause: ConflictClause, c: Compilation): string {
    const { targets, targetCondition, setColumns, setValues, condition } = clause;
    const target = c.unqualified(() => {
      const members = targets.length === 0 ? "" : ` (${this.list(targets, c)})`;
      // Whether the index has this condition is decided before there are values of parameters.
      return targetCondition === null ? members : `${members} WHERE ${this.writtenOut(targetCondition, c)}`;
    });
    if (setColumns.length === 0) return `ON CONFLICT${target} DO NOTHING`;
    const set = this.assignments(setColumns, setValues, c);
    const where = condition === null ? "" : ` WHERE ${this.expression(condition, c)}`;
    return `ON CONFLICT${target} DO UPDATE SET ${set}${where}`;
  }

  protected update(statement: Update<unknown, unknown, unknown>, c: Compilation): string {
    const { table, columns, newValues, conditions } = statement;
    if (columns.length === 0) throw new CompileError(`An UPDATE of "${table.fullName}" needs set().`);
    const others = this.otherFroms(table, [...newValues, ...conditions]);
    if (others.length > 0 && !c.dialect.capabilities.updateFrom) {
      throw new CompileError(
        `${c.dialect.name} has no UPDATE ... FROM: write conditions on other tables as subqueries.`,
      );
    }
    return c.within([table, ...others], () => {
      const set = [this.assignments(columns, newValues, c)];
      for (const column of table.columns) {
        if (column.onUpdate === null || columns.includes(column)) continue;
        set.push(`${c.dialect.quote(column.name)} = ${this.columnDefault(column, column.onUpdate, c)}`);
      }
      const parts = [`UPDATE ${tableName(c.dialect, table)} SET ${set.join(", ")}`];
      if (others.length > 0) parts.push(`FROM ${others.map((from) => this.from(from, c)).join(", ")}`);
      if (conditions.length > 0) parts.push(`WHERE ${this.allOf(conditions, c)}`);
      const returning = this.returning(statement, c, others.length > 0);
      if (returning !== "") parts.push(returning);
      return parts.join(" ");
    });
  }

  protected delete(statement: Delete<unknown, unknown>, c: Compilation): string {
    const { table, conditions } = statement;
    const others = this.otherFroms(table, conditions);
    return c.within([table, ...others], () => {
      const parts = [`DELETE FROM ${tableName(c.dialect, table)}`];
      if (others.length > 0) parts.push(this.deleteUsing(others, c));
      if (conditions.length > 0) parts.push(`WHERE ${this.allOf(conditions, c)}`);
      const returning = this.returning(statement, c, others.length > 0);
      if (returning !== "") parts.push(returning);
      return parts.join(" ");
    });
  }

  /** The other tables that a DELETE looks at; standard SQL has no way to name them. */
  protected deleteUsing(_others: readonly FromClause[], c: Compilation): string {
    throw new CompileError(
      `${c.dialect.name} has no DELETE ... USING: write conditions on other tables as subqueries.`,
    );
  }

  /** Tables that expressions mention besides the one that is written to. */
  protected otherFroms(table: Table, expressions: readonly SqlExpression<unknown>[]): readonly FromClause[] {
    const froms = new Set(expressions.flatMap((expression) => mentionedFroms(expression)));
    froms.delete(table);
    return [...froms];
  }

  protected assignments(columns: readonly Column[], values: readonly SqlExpression<unknown>[], c: Compilation): string {
    return columns
      .map((column, index) => {
        const value = values[index];
        if (value === undefined) throw new CompileError(`There is no value for ${column.fullName}.`);
        return `${c.dialect.quote(column.name)} = ${this.assignment(column, value, c)}`;
      })
      .join(", ");
  }

  /** What a column is set to. */
  protected assignment(_column: Column, value: SqlExpression<unknown>, c: Compilation): string {
    return this.expression(value, c);
  }

  /** RETURNING; empty when nothing is to come back. */
  protected returning(statement: DmlStatement<unknown, unknown>, c: Compilation, qualify: boolean): string {
    if (statement.items.length === 0) return "";
    if (!c.dialect.capabilities.returning) {
      throw new CompileError(`${c.dialect.name} has no RETURNING: select the rows afterwards.`);
    }
    const write = (): string => statement.outputs.map((output) => this.output(output, c, "result")).join(", ");
    return `RETURNING ${qualify ? write() : c.unqualified(write)}`;
  }

  protected names(columns: readonly Column[], c: Compilation): string {
    return columns.map(({ name }) => c.dialect.quote(name)).join(", ");
  }
}

/** Does something follow the place of WHERE? */
function hasTail(query: Select<unknown>): boolean {
  return (
    query.groupings.length > 0 ||
    query.havingConditions.length > 0 ||
    query.orderings.length > 0 ||
    query.limitCount !== null ||
    query.offsetCount !== null ||
    query.lock !== null
  );
}
