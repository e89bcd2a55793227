import type { Compilation } from "../../compiler/compilation.ts";
import type { CompilerDialect } from "../../compiler/compiler-dialect.ts";
import { precedenceOf } from "../../compiler/precedence.ts";
import type { Naming } from "../../compiler/query-compiler.ts";
import { StatementCompiler } from "../../compiler/statement-compiler.ts";
import { tableName } from "../../compiler/table-name.ts";
import { CompileError } from "../../errors/index.ts";
import type { ColumnElement, FromClause } from "../../expression/from.ts";
import type { QueryNode } from "../../expression/node.ts";
import { type ExtractExpression, type FunctionCall, type JsonPart, Star } from "../../expression/nodes.ts";
import {
  BinaryExpression,
  BindParameter,
  type CastExpression,
  Label,
  type OrderBy,
  type SqlExpression,
} from "../../expression/sql-expression.ts";
import { copyWith } from "../../expression/traverse.ts";
import { NumericType } from "../../expression/types/numbers.ts";
import type { Column } from "../../schema/column.ts";
import { Alias } from "../../statement/alias.ts";
import { Cte } from "../../statement/cte.ts";
import type { DmlStatement } from "../../statement/dml-statement.ts";
import { ConflictClause, Excluded, type Insert } from "../../statement/insert.ts";
import type { Join } from "../../statement/join.ts";
import { LockClause } from "../../statement/lock.ts";
import type { Select } from "../../statement/select.ts";
import type { Subquery } from "../../statement/subquery.ts";
import { Update } from "../../statement/update.ts";
import { assertOnlyTarget } from "./conflict-keys.ts";
import { castDdl, stringLiteral } from "./types.ts";

/** What the compiler asks its dialect beyond capabilities. */
export interface MysqlCompilerDialect extends CompilerDialect {
  readonly isMariaDb: boolean;
}

const INTEGERS = new Set(["integer", "smallint", "long", "bigint"]);

/** Functions under other names. */
const FUNCTION_NAMES: Readonly<Record<string, string>> = { length: "char_length", random: "rand" };

/** Operators that are written as functions: nothing binds more tightly. */
const CALLS = new Set(["||", "IS DISTINCT FROM"]);

/** Statements in the SQL of MariaDB and MySQL. */
export class MysqlStatementCompiler extends StatementCompiler {
  readonly #mysql: MysqlCompilerDialect;

  constructor(dialect: MysqlCompilerDialect) {
    super(dialect);
    this.#mysql = dialect;
  }

  /** The drivers write decimals as texts, which would be compared as floating-point numbers. */
  override expression(node: SqlExpression<unknown>, c: Compilation): string {
    if (!(node instanceof BindParameter) || !(node.sqlType instanceof NumericType) || c.writesValuesOut) {
      return super.expression(node, c);
    }
    return `CAST(${c.literal(node)} AS ${castDdl(new NumericType())})`;
  }

  protected override precedence(node: SqlExpression<unknown>): number {
    if (node instanceof BinaryExpression && CALLS.has(node.operator)) return Number.POSITIVE_INFINITY;
    return super.precedence(node);
  }

  protected override binary(node: BinaryExpression<unknown>, c: Compilation): string {
    const { left, operator, right } = node;
    if (operator === "||") return `concat(${this.expression(left, c)}, ${this.expression(right, c)})`;
    // `/` makes a fraction of integers, too.
    if (operator === "/" && INTEGERS.has(left.sqlType.name) && INTEGERS.has(right.sqlType.name)) {
      const own = precedenceOf(operator);
      return `${this.operand(left, own, c)} DIV ${this.operand(right, own + 1, c)}`;
    }
    if (operator === "IS NOT DISTINCT FROM" || operator === "IS DISTINCT FROM") {
      // It binds as tightly as other comparisons.
      const [first, second] = [left, right].map((side) => this.operand(side, precedenceOf("=") + 1, c));
      return operator === "IS DISTINCT FROM" ? `(NOT (${first} <=> ${second}))` : `${first} <=> ${second}`;
    }
    return super.binary(node, c);
  }

  protected override stringLiteral(value: string): string {
    return stringLiteral(value);
  }

  protected override cast({ expression, sqlType }: CastExpression<unknown>, c: Compilation): string {
    return `CAST(${this.expression(expression, c)} AS ${castDdl(sqlType)})`;
  }

  /** The row that could not be inserted is known by a function. */
  protected override column(column: ColumnElement<unknown>, c: Compilation): string {
    if (column.table instanceof Excluded) return `VALUES(${c.dialect.quote(column.name)})`;
    return super.column(column, c);
  }

  protected override orderBy(node: OrderBy<unknown>, c: Compilation): string {
    const { expression, direction, nulls } = node;
    const text = this.ordering(expression, c);
    const rows = `${text}${direction === null ? "" : ` ${direction}`}`;
    if (nulls === null) return rows;
    // The name of a column of the result cannot be a part of an expression.
    const value = expression instanceof Label ? expression.expression : expression;
    return `${this.operand(value, precedenceOf("IS"), c)} IS NULL${nulls === "FIRST" ? " DESC" : ""}, ${rows}`;
  }

  /** There is no FILTER; functions leave out NULL instead. */
  protected override functionCall(node: FunctionCall<unknown>, c: Compilation): string {
    const { name, args, condition } = node;
    if (condition === null) return super.functionCall(node, c);
    const [first, ...rest] = args;
    const value = first === undefined || first instanceof Star ? "1" : this.expression(first, c);
    const texts = [
      `CASE WHEN ${this.expression(condition, c)} THEN ${value} END`,
      ...rest.map((one) => this.expression(one, c)),
    ];
    return this.functionText(name, texts.join(", "), texts.length);
  }

  protected override functionText(name: string, args: string, count: number): string {
    if (name === "now" && args === "") return "CURRENT_TIMESTAMP(3)";
    return super.functionText(FUNCTION_NAMES[name] ?? name, args, count);
  }

  protected override extract(node: ExtractExpression, c: Compilation): string {
    const { field, expression } = node;
    if (field === "dow") return `(dayofweek(${this.expression(expression, c)}) - 1)`;
    return field === "doy" ? `dayofyear(${this.expression(expression, c)})` : super.extract(node, c);
  }

  protected override jsonPart(node: JsonPart<unknown>, c: Compilation): string {
    const document = this.expression(node.document, c);
    const partAt = (path: JsonPart<unknown>["path"]) => `json_extract(${document}, ${this.jsonPath(path)})`;
    const part = partAt(node.path);
    // `[0]` of what is no array is that itself.
    const mayBeNone = node.path.flatMap((step, index) =>
      step === 0 ? [`json_type(${index === 0 ? document : partAt(node.path.slice(0, index))}) <> 'ARRAY'`] : [],
    );
    if (node.asText) mayBeNone.push(`json_type(${part}) = 'NULL'`);
    const value = node.asText ? `json_unquote(${part})` : this.#asWritten(part);
    return mayBeNone.length === 0 ? value : `CASE WHEN ${mayBeNone.join(" OR ")} THEN NULL ELSE ${value} END`;
  }

  /** MariaDB compares what `json_extract` gives without quotes, and writes spaces into it that parameters do not have. */
  #asWritten(part: string): string {
    return this.#mysql.isMariaDb ? `json_compact(${part})` : part;
  }

  protected override distinct(query: Select<unknown>, c: Compilation): string {
    if (query.distinctOn.length > 0) throw new CompileError("MariaDB and MySQL have no DISTINCT ON.");
    return super.distinct(query, c);
  }

  protected override limit(
    limit: SqlExpression<unknown> | null,
    offset: SqlExpression<unknown> | null,
    c: Compilation,
  ): string {
    const text = super.limit(limit, offset, c);
    // OFFSET alone is a syntax error.
    return limit === null && offset !== null ? `LIMIT 18446744073709551615 ${text}` : text;
  }

  /** Rows are locked whole; MariaDB locks those of all tables. */
  protected override lock({ strength, of, wait }: LockClause, c: Compilation): string {
    const isShared = strength === "SHARE" || strength === "KEY SHARE";
    if (!this.#mysql.isMariaDb) return super.lock(new LockClause(isShared ? "SHARE" : "UPDATE", of, wait), c);
    return `${isShared ? "LOCK IN SHARE MODE" : "FOR UPDATE"}${wait === null ? "" : ` ${wait}`}`;
  }

  protected override join(join: Join, c: Compilation): string {
    if (join.joinKind === "full")
      throw new CompileError("MariaDB and MySQL have no FULL JOIN: combine two left joins.");
    return super.join(join, c);
  }

  protected override subquery(from: Subquery, c: Compilation): string {
    if (from.lateral && this.#mysql.isMariaDb) {
      throw new CompileError("MariaDB has no LATERAL: write the subquery as a column of the result.");
    }
    return super.subquery(from, c);
  }

  /** WITH stands before the queries in it: before INSERT it is a syntax error, in MariaDB also before UPDATE and DELETE. */
  protected override dml(statement: DmlStatement<unknown, unknown>, c: Compilation): string {
    c.hasOwnHeads = true;
    return super.dml(statement, c);
  }

  protected override select(query: QueryNode, c: Compilation, naming: Naming): string {
    if (!c.hasOwnHeads) return super.select(query, c, naming);
    return c.withOwnHead(() => super.select(query, c, naming));
  }

  protected override from(from: FromClause, c: Compilation): string {
    const source = from instanceof Alias ? from.source : from;
    if (!c.hasOwnHeads || !(source instanceof Cte)) return super.from(from, c);
    const query = c.withOwnHead(() => `SELECT * FROM ${super.from(source, c)}`);
    return `(${query}) AS ${this.qualifier(from, c)}`;
  }

  protected override cell(column: Column, value: SqlExpression<unknown> | undefined, c: Compilation): string {
    return value instanceof BindParameter ? c.literal(value) : super.cell(column, value, c);
  }

  protected override assignment(column: Column, value: SqlExpression<unknown>, c: Compilation): string {
    return value instanceof BindParameter ? c.literal(value) : super.assignment(column, value, c);
  }

  protected override emptyInsert(): string {
    return "() VALUES ()";
  }

  protected override insert(statement: Insert<unknown, unknown, unknown>, c: Compilation): string {
    const { conflict, table } = statement;
    if (conflict === null) return super.insert(statement, c);
    if (conflict.targets.length > 0) {
      assertOnlyTarget(statement, conflict.targets, c.dialect.capabilities);
      return super.insert(statement, c);
    }
    // Any column can be set to itself where none is named.
    const targets = table.columns.slice(0, 1);
    return super.insert(copyWith(statement, { conflict: new ConflictClause({ ...conflict, targets }) }), c);
  }

  /** Any unique key decides, which is why no other than the one that is named can be met. Set to itself, a row stays as it is. */
  protected override conflict({ targets, setColumns, setValues, condition }: ConflictClause, c: Compilation): string {
    if (condition !== null) {
      throw new CompileError(
        "The upsert of MariaDB and MySQL takes no condition: write it into the values, as a CASE.",
      );
    }
    if (setColumns.length > 0) return `ON DUPLICATE KEY UPDATE ${this.assignments(setColumns, setValues, c)}`;
    const [target] = targets;
    if (target === undefined) throw new CompileError("An upsert needs a column that it can leave as it is.");
    // INSERT ... SELECT may read other tables with a column of that name.
    const name = c.qualified(() => this.expression(target, c));
    return `ON DUPLICATE KEY UPDATE ${name} = ${name}`;
  }

  protected override update(statement: Update<unknown, unknown, unknown>, c: Compilation): string {
    const { table, columns, newValues, conditions } = statement;
    if (statement.items.length > 0) throw noReturning("UPDATE");
    const others = this.otherFroms(table, [...newValues, ...conditions]);
    if (others.length === 0) return super.update(statement, c);
    return c.within([table, ...others], () => {
      const name = tableName(c.dialect, table);
      const own = (column: Column) => `${name}.${c.dialect.quote(column.name)}`;
      const set = columns.map((column, index) => {
        const value = newValues[index];
        if (value === undefined) throw new CompileError(`There is no value for ${column.fullName}.`);
        return `${own(column)} = ${this.assignment(column, value, c)}`;
      });
      for (const column of table.columns) {
        if (column.onUpdate === null || columns.includes(column)) continue;
        set.push(`${own(column)} = ${this.columnDefault(column, column.onUpdate, c)}`);
      }
      const froms = [name, ...others.map((from) => this.from(from, c))];
      const where = conditions.length === 0 ? "" : ` WHERE ${this.allOf(conditions, c)}`;
      return `UPDATE ${froms.join(", ")} SET ${set.join(", ")}${where}`;
    });
  }

  protected override deleteUsing(others: readonly FromClause[], c: Compilation): string {
    // The table itself is one of those that are joined.
    const all = c.enclosing.filter((from) => !others.includes(from));
    return `USING ${[...all, ...others].map((from) => this.from(from, c)).join(", ")}`;
  }

  protected override returning(statement: DmlStatement<unknown, unknown>, c: Compilation, qualify: boolean): string {
    if (statement.items.length > 0 && (statement instanceof Update || qualify)) {
      throw noReturning(statement instanceof Update ? "UPDATE" : "DELETE ... USING");
    }
    return super.returning(statement, c, qualify);
  }
}

function noReturning(statement: string): CompileError {
  return new CompileError(
    `MariaDB and MySQL have no RETURNING of ${statement}: select the rows in a statement of its own.`,
  );
}
