import { ArgumentError } from "../errors/index.ts";
import { declareFields, Node } from "./node.ts";
import { SqlExpression } from "./sql-expression.ts";

/** Something that rows come from: a table, an alias, a subquery, a join. */
export abstract class FromClause extends Node {
  abstract readonly columns: readonly ColumnElement<unknown>[];

  override get isEntity(): boolean {
    return true;
  }

  /**
   * The column with this name.
   * @throws ArgumentError if there is none, with the names of those that there are
   */
  column(name: string): ColumnElement<unknown> {
    const column = this.columns.find((candidate) => candidate.name === name);
    if (column !== undefined) return column;
    throw new ArgumentError(
      `There is no column "${name}"; there are ${this.columns.map((one) => `"${one.name}"`).join(", ")}.`,
    );
  }
}

/** A column of something that rows come from. */
export abstract class ColumnElement<T> extends SqlExpression<T> {
  /** The name in the database. */
  abstract readonly name: string;
  abstract readonly table: FromClause;
  /** The schema column whose values it has; itself when there is none, as for a computed column of a subquery. */
  abstract readonly origin: ColumnElement<unknown>;

  static {
    declareFields(ColumnElement, { table: "reference", name: "value" });
  }
}
