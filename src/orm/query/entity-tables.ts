import type { ColumnElement, FromClause } from "../../expression/from.ts";
import { and, type SqlExpression } from "../../expression/sql-expression.ts";
import type { Column, Table } from "../../schema/index.ts";
import { Alias } from "../../statement/alias.ts";
import { Join, membersOf } from "../../statement/join.ts";
import type { Mapper } from "../mapping/index.ts";

/** One LEFT JOIN. */
export interface OuterJoin {
  readonly target: FromClause;
  readonly on: SqlExpression<boolean>;
}

/**
 * Where the columns of a class are in a statement: in its tables, or in aliases of them. Tables of subclasses are joined
 * when their columns are asked for.
 */
export class EntityTables {
  readonly #members: FromClause[];
  readonly #isAliased: boolean;
  /** The tables of subclasses that had to be joined, in order. */
  readonly subclassJoins: OuterJoin[] = [];

  private constructor(members: readonly FromClause[], isAliased: boolean) {
    this.#members = [...members];
    this.#isAliased = isAliased;
  }

  /** The tables as a statement has them in FROM. */
  static of(from: FromClause, mapper: Mapper): EntityTables {
    const members = membersOf(from);
    return new EntityTables(members, !members.includes(mapper.table));
  }

  /** Aliases of the tables, to be joined by whoever asks. */
  static aliased(mapper: Mapper): EntityTables {
    return new EntityTables(
      mapper.tables.map((table) => new Alias(table, null)),
      true,
    );
  }

  /** Does a FROM element of the statement have this column? */
  has(column: Column<unknown>): boolean {
    return this.#find(column) !== undefined;
  }

  /** The column as the statement has it. */
  readonly columnOf = (column: Column<unknown>): ColumnElement<unknown> => {
    const found = this.#find(column);
    // Whoever asks has had the table joined.
    if (found === undefined) throw new Error(`The statement has no ${column.table.fullName}.${column.name}.`);
    return found;
  };

  /** The FROM element that stands for a table. */
  memberOf(table: Table): FromClause {
    const member = this.#members.find((one) => one === table || (one instanceof Alias && one.source === table));
    if (member === undefined) throw new Error(`The statement does not join ${table.fullName}.`);
    return member;
  }

  /** Joins the tables that a subclass has and this class has not. Rows of other classes have NULLs there. */
  joinSubclass(mapper: Mapper): void {
    for (let i = 0; i < mapper.tables.length; i++) {
      const table = mapper.tables[i] as Table; // i is in bounds
      if (this.#stands(table)) continue;
      const member = this.#isAliased ? new Alias(table, null) : table;
      this.#members.push(member);
      this.subclassJoins.push({ target: member, on: this.keyCondition(mapper, table) });
    }
  }

  /** The condition that joins the table of a subclass to that of its parent. */
  keyCondition(mapper: Mapper, table: Table): SqlExpression<boolean> {
    const conditions = table.primaryKey.map((column) => {
      const { columns } = mapper.columnProperty(column);
      // A shared key lists the columns of the subclasses first: the next one is the parent's.
      const inherited = columns[columns.indexOf(column) + 1];
      if (inherited === undefined) throw new Error(`${mapper.name} does not share its key with its parent.`);
      return this.columnOf(column).eq(this.columnOf(inherited));
    });
    return and(...conditions);
  }

  /** The condition that joins the table of a parent to that of its subclass. */
  parentCondition(mapper: Mapper, parent: Table): SqlExpression<boolean> {
    const table = mapper.tables[mapper.tables.indexOf(parent) + 1];
    if (table === undefined) throw new Error(`No table of ${mapper.name} extends ${parent.fullName}.`);
    return this.keyCondition(mapper, table);
  }

  #find(column: Column<unknown>): ColumnElement<unknown> | undefined {
    for (const member of this.#members) {
      if (member === column.table) return column;
      if (member instanceof Alias) {
        const found = member.columns.find(({ origin }) => origin === column);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  #stands(table: Table): boolean {
    return this.#members.some(
      (member) => member === table || (member instanceof Alias && member.columns[0]?.origin === table.columns[0]),
    );
  }
}

/** A FROM element with outer joins behind it. */
export function withOuterJoins(from: FromClause, joins: readonly OuterJoin[]): FromClause {
  return joins.reduce<FromClause>((left, { target, on }) => new Join(left, target, on, "left"), from);
}
