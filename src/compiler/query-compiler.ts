import { CompileError } from "../errors/index.ts";
import { ColumnElement, type FromClause } from "../expression/from.ts";
import type { QueryNode } from "../expression/node.ts";
import { Label, OrderBy, type SqlExpression } from "../expression/sql-expression.ts";
import { Table } from "../schema/table.ts";
import { Alias } from "../statement/alias.ts";
import { Cte, CteSelf } from "../statement/cte.ts";
import { DmlStatement } from "../statement/dml-statement.ts";
import { Excluded } from "../statement/insert.ts";
import { Join, membersOf } from "../statement/join.ts";
import type { LockClause } from "../statement/lock.ts";
import type { OutputColumn } from "../statement/output-columns.ts";
import { Select } from "../statement/select.ts";
import { CompoundSelect, type SelectBase } from "../statement/select-base.ts";
import { criteriaOf } from "../statement/select-criteria.ts";
import { fromsOf } from "../statement/select-froms.ts";
import { Subquery } from "../statement/subquery.ts";
import { ValuesTable } from "../statement/values.ts";
import type { Compilation } from "./compilation.ts";
import { ExpressionCompiler } from "./expression-compiler.ts";
import { tableName } from "./table-name.ts";

/** Whether the columns of a query get names that others refer to. */
export type Naming = "result" | "derived" | "none";

const JOIN_WORDS: Readonly<Record<Join["joinKind"], string>> = {
  inner: "JOIN",
  left: "LEFT JOIN",
  full: "FULL JOIN",
  cross: "CROSS JOIN",
};

/** Writes SELECT, what combines several, and everything that can stand in FROM. */
export abstract class QueryCompiler extends ExpressionCompiler {
  /** An INSERT, UPDATE or DELETE inside another statement. */
  protected abstract dml(statement: DmlStatement<unknown, unknown>, c: Compilation): string;

  protected query(query: QueryNode, c: Compilation, isCorrelated: boolean): string {
    return c.within(isCorrelated ? c.enclosing : [], () => c.qualified(() => this.select(query, c, "none")));
  }

  /** A query, without parentheses around it. */
  protected select(query: QueryNode, c: Compilation, naming: Naming): string {
    if (query instanceof Select) return this.simpleSelect(query, c, naming);
    if (query instanceof CompoundSelect) return this.compoundSelect(query, c, naming);
    if (query instanceof DmlStatement) return this.dml(query, c);
    throw new CompileError(`${c.dialect.name} has no SQL for a query of the kind "${query.kind}".`);
  }

  protected simpleSelect(query: Select<unknown>, c: Compilation, naming: Naming): string {
    const froms = this.#correlatedFroms(query, c.enclosing);
    // Subqueries in expressions can refer to everything here and further out.
    const inside = [...c.enclosing, ...froms.flatMap(membersOf)];
    return c.within(inside, () => {
      const { outputs } = query;
      const conditions = [...query.conditions, ...criteriaOf(query)];
      const parts = [
        `SELECT ${this.distinct(query, c)}${outputs.map((one) => this.output(one, c, naming)).join(", ")}`,
      ];
      // Subqueries in FROM do not see each other, unless they are lateral.
      if (froms.length > 0) parts.push(`FROM ${froms.map((from) => this.from(from, c)).join(", ")}`);
      if (conditions.length > 0) parts.push(`WHERE ${this.allOf(conditions, c)}`);
      if (query.groupings.length > 0) parts.push(`GROUP BY ${this.list(query.groupings, c)}`);
      if (query.havingConditions.length > 0) parts.push(`HAVING ${this.allOf(query.havingConditions, c)}`);
      const tail = c.ordering(orderingNames(outputs), () => this.tail(query, c));
      if (tail !== "") parts.push(tail);
      if (query.lock !== null && c.dialect.capabilities.selectForUpdate) parts.push(this.lock(query.lock, c));
      return parts.join(" ");
    });
  }

  /** What stands between SELECT and the columns. */
  protected distinct({ isDistinct, distinctOn }: Select<unknown>, c: Compilation): string {
    if (!isDistinct) return "";
    return distinctOn.length === 0 ? "DISTINCT " : `DISTINCT ON (${this.list(distinctOn, c)}) `;
  }

  /** One of the columns of a query. */
  protected output({ name, naturalName, isNamed, expression }: OutputColumn, c: Compilation, naming: Naming): string {
    const text = this.expression(expression, c);
    const isNeeded = naming === "derived" || (naming === "result" && isNamed);
    if (!(expression instanceof Label) && (!isNeeded || name === naturalName)) return text;
    return `${text} AS ${c.dialect.quote(name)}`;
  }

  /**
   * Queries combined. Parts are bare SELECTs, since not every database allows parentheses around them: one with an order
   * or a limit of its own, or combined by another operator, is wrapped.
   */
  protected compoundSelect(query: CompoundSelect<unknown>, c: Compilation, naming: Naming): string {
    const parts = [query.first, ...query.others].map((part, index) =>
      this.#isBare(part, query, index)
        ? this.select(part, c, index === 0 ? naming : "none")
        : this.#wrapped(part, c, naming),
    );
    const text = parts.join(` ${query.operator} `);
    const tail = c.ordering(compoundOrderingNames(query), () => this.tail(query, c));
    return tail === "" ? text : `${text} ${tail}`;
  }

  /** ORDER BY, LIMIT and OFFSET. */
  protected tail(query: SelectBase<unknown>, c: Compilation): string {
    const parts: string[] = [];
    if (query.orderings.length > 0) {
      const orderings = query.orderings.map((one) =>
        one instanceof OrderBy ? this.orderBy(one, c) : this.ordering(one, c),
      );
      parts.push(`ORDER BY ${orderings.join(", ")}`);
    }
    const limit = this.limit(query.limitCount, query.offsetCount, c);
    if (limit !== "") parts.push(limit);
    return parts.join(" ");
  }

  /** LIMIT and OFFSET; empty for neither. */
  protected limit(limit: SqlExpression<unknown> | null, offset: SqlExpression<unknown> | null, c: Compilation): string {
    const parts: string[] = [];
    if (limit !== null) parts.push(`LIMIT ${this.operand(limit, 1, c)}`);
    if (offset !== null) parts.push(`OFFSET ${this.operand(offset, 1, c)}`);
    return parts.join(" ");
  }

  protected lock({ strength, of, wait }: LockClause, c: Compilation): string {
    const tables = of.flatMap(membersOf).map((from) => this.qualifier(from, c));
    return `FOR ${strength}${tables.length === 0 ? "" : ` OF ${tables.join(", ")}`}${wait === null ? "" : ` ${wait}`}`;
  }

  protected qualifier(from: FromClause, c: Compilation): string {
    if (from instanceof Table) return tableName(c.dialect, from);
    if (from instanceof Excluded) return this.excluded();
    return c.dialect.quote(this.#nameOf(from, c));
  }

  /** How an upsert refers to the row that it could not insert. */
  protected excluded(): string {
    return "excluded";
  }

  /** An element of FROM. */
  protected from(from: FromClause, c: Compilation): string {
    if (from instanceof Table) return tableName(c.dialect, from);
    if (from instanceof Join) return this.join(from, c);
    if (from instanceof Alias) return this.alias(from, c);
    if (from instanceof Subquery) return `${this.subquery(from, c)} AS ${this.qualifier(from, c)}`;
    if (from instanceof Cte) {
      this.cte(from, c);
      return this.qualifier(from, c);
    }
    if (from instanceof CteSelf) return this.qualifier(from, c);
    if (from instanceof ValuesTable) return this.values(from, this.qualifier(from, c), c);
    return this.otherFrom(from, c);
  }

  /** An element of FROM of a kind that is not standard; a dialect with kinds of its own overrides it. */
  protected otherFrom(from: FromClause, c: Compilation): string {
    throw new CompileError(`${c.dialect.name} cannot select from something of the kind "${from.kind}".`);
  }

  protected alias(from: Alias, c: Compilation): string {
    const { source } = from;
    const name = this.qualifier(from, c);
    if (source instanceof ValuesTable) return this.values(source, name, c);
    return `${source instanceof Subquery ? this.subquery(source, c) : this.from(source, c)} AS ${name}`;
  }

  protected join({ left, right, on, joinKind }: Join, c: Compilation): string {
    const rightText = right instanceof Join ? `(${this.from(right, c)})` : this.from(right, c);
    const condition = on === null ? "" : ` ON ${this.expression(on, c)}`;
    return `${this.from(left, c)} ${JOIN_WORDS[joinKind]} ${rightText}${condition}`;
  }

  /** A subquery without its name. */
  protected subquery(from: Subquery, c: Compilation): string {
    // A lateral subquery refers to what stands before it; any other one to nothing outside.
    const text = c.within(from.lateral ? c.enclosing : [], () => this.select(from.query, c, "derived"));
    return `${from.lateral ? "LATERAL " : ""}(${text})`;
  }

  protected cte(from: Cte, c: Compilation): void {
    const { query, self, operator, recursiveQuery, columns } = from;
    const name = this.#nameOf(from, c);
    if (self !== null) c.name(self, name);
    c.addCte(from, name, self !== null, () => {
      const quoted = c.dialect.quote(name);
      const list = columns.map((column) => c.dialect.quote(column.name)).join(", ");
      const first = query instanceof DmlStatement ? this.dmlInCte(query, c) : this.select(query, c, "derived");
      if (recursiveQuery === null && query instanceof DmlStatement) return `${quoted}(${list}) AS (${first})`;
      if (recursiveQuery === null) return `${quoted} AS (${first})`;
      return `${quoted}(${list}) AS (${first} ${operator} ${this.select(recursiveQuery, c, "none")})`;
    });
  }

  /** A statement that writes, in WITH. */
  protected dmlInCte(statement: DmlStatement<unknown, unknown>, c: Compilation): string {
    if (!c.dialect.capabilities.dataModifyingCte) {
      throw new CompileError(`${c.dialect.name} has no INSERT, UPDATE or DELETE in WITH: execute two statements.`);
    }
    c.writesInCte = true;
    return c.qualified(() => this.dml(statement, c));
  }

  /** Rows written out. Without names in the alias, the first of several SELECTs names the columns. */
  protected values(from: ValuesTable, name: string, c: Compilation): string {
    const names = from.columnNames.map((name) => c.dialect.quote(name));
    const cells = from.cells.map((cell) => this.expression(cell, c));
    const rows = Array.from({ length: cells.length / from.width }, (_, row) =>
      cells.slice(row * from.width, (row + 1) * from.width),
    );
    if (c.dialect.capabilities.derivedColumnNames) {
      const tuples = rows.map((row) => `(${row.join(", ")})`);
      return `(VALUES ${tuples.join(", ")}) AS ${name} (${names.join(", ")})`;
    }
    const selects = rows.map((row, index) =>
      index === 0
        ? `SELECT ${row.map((cell, column) => `${cell} AS ${names[column]}`).join(", ")}`
        : `SELECT ${row.join(", ")}`,
    );
    return `(${selects.join(" UNION ALL ")}) AS ${name}`;
  }

  #nameOf(from: FromClause, c: Compilation): string {
    const ownName = "name" in from && typeof from.name === "string" ? from.name : null;
    const base = from instanceof Alias && from.source instanceof Table ? from.source.name : "anon";
    return c.nameOf(from, ownName, base);
  }

  /** FROM without what a subquery refers to outside of it. */
  #correlatedFroms(query: Select<unknown>, enclosing: readonly FromClause[]): readonly FromClause[] {
    const froms = fromsOf(query);
    if (query.correlated !== null) return froms.filter((from) => !query.correlated?.includes(from));
    if (froms.length < 2) return froms;
    const own = froms.filter(
      (from) => query.froms.includes(from) || !membersOf(from).every((member) => enclosing.includes(member)),
    );
    if (own.length > 0) return own;
    // All are found outside: it selects from what its columns are of, and its conditions refer to the rest.
    const selected = fromsOf({ froms: [], items: query.items, conditions: [] });
    if (selected.length > 0 && selected.length < froms.length) return selected;
    throw new CompileError(
      "A subquery selects only from what the enclosing query selects from: say with correlate() what it refers to.",
    );
  }

  #isBare(part: SelectBase<unknown>, query: CompoundSelect<unknown>, index: number): boolean {
    if (part.orderings.length > 0 || part.limitCount !== null || part.offsetCount !== null) return false;
    return !(part instanceof CompoundSelect) || (index === 0 && part.operator === query.operator);
  }

  #wrapped(part: SelectBase<unknown>, c: Compilation, naming: Naming): string {
    const subquery = new Subquery(part, null, false);
    const columns = subquery.columns.map((column) =>
      this.output({ name: column.name, naturalName: column.name, isNamed: false, expression: column }, c, naming),
    );
    return `SELECT ${columns.join(", ")} FROM ${this.from(subquery, c)}`;
  }
}

/** ORDER BY can name what has a label. */
function orderingNames(outputs: readonly OutputColumn[]): ReadonlyMap<SqlExpression<unknown>, string> {
  const names = new Map<SqlExpression<unknown>, string>();
  for (const { name, expression } of outputs) if (expression instanceof Label) names.set(expression, name);
  return names;
}

/** ORDER BY of combined queries sees nothing but the names of the result. */
function compoundOrderingNames(query: CompoundSelect<unknown>): ReadonlyMap<SqlExpression<unknown>, string> {
  const names = new Map<SqlExpression<unknown>, string>();
  for (const ordering of query.orderings) {
    const expression = ordering instanceof OrderBy ? ordering.expression : ordering;
    const output = query.outputs.find(
      (one) =>
        one.expression === expression ||
        (expression instanceof ColumnElement &&
          one.expression instanceof ColumnElement &&
          one.expression.table === expression.table &&
          one.expression.name === expression.name),
    );
    if (output !== undefined) names.set(expression, output.name);
  }
  return names;
}
