import { ColumnElement } from "../../expression/from.ts";
import { and, type SqlExpression } from "../../expression/sql-expression.ts";
import { transform, visit } from "../../expression/traverse.ts";
import { Column, type ForeignKeyConstraint, type Table } from "../../schema/index.ts";

/** A column of this side and the column of the other side that holds the same value. */
export interface ColumnPair {
  readonly local: Column<unknown>;
  readonly remote: Column<unknown>;
}

/** The association table of a many-to-many relationship, and which of its columns refers to what. */
export interface Secondary {
  readonly table: Table;
  /** To the class that has the relationship. */
  readonly local: readonly { readonly local: Column<unknown>; readonly secondary: Column<unknown> }[];
  /** To its target. */
  readonly remote: readonly { readonly remote: Column<unknown>; readonly secondary: Column<unknown> }[];
}

/** One of the conditions, joined by AND, of which a join consists: two columns of equal value, or any other. */
export type JoinTerm =
  | { readonly kind: "equal"; readonly near: Column<unknown>; readonly far: Column<unknown> }
  | {
      readonly kind: "other";
      readonly expression: SqlExpression<boolean>;
      /** The columns in it that belong to the far side. */
      readonly far: ReadonlySet<Column<unknown>>;
    };

/** Finds the column that stands for a schema column in the FROM element at hand: itself, or that of an alias. */
export type ColumnAdapter = (column: Column<unknown>) => ColumnElement<unknown>;

const asItIs: ColumnAdapter = (column) => column;

/** What a join condition is made of. */
export interface JoinConditionInit {
  /** Between the two classes; or, with an association table, between the class and that. */
  readonly terms: readonly JoinTerm[];
  /** With an association table: between the target (near) and that (far). */
  readonly targetTerms?: readonly JoinTerm[];
  readonly pairs: readonly ColumnPair[];
  readonly secondary?: Secondary | null;
  readonly foreignKey: ForeignKeyConstraint | null;
}

/**
 * How a class is joined to another one by a relationship, independent of the tables being themselves or aliases: the
 * conditions are built for the FROM elements at hand, which is what makes self-referential joins possible.
 */
export class JoinCondition {
  readonly pairs: readonly ColumnPair[];
  readonly secondary: Secondary | null;
  readonly foreignKey: ForeignKeyConstraint | null;
  readonly #terms: readonly JoinTerm[];
  readonly #targetTerms: readonly JoinTerm[];

  constructor(init: JoinConditionInit) {
    this.pairs = init.pairs;
    this.secondary = init.secondary ?? null;
    this.foreignKey = init.foreignKey;
    this.#terms = init.terms;
    this.#targetTerms = init.targetTerms ?? [];
  }

  /**
   * Is it nothing but the pairs? Then rows can be looked up by the values of the pairs alone; else by a join, too.
   */
  get isPlain(): boolean {
    const pairs = this.secondary === null ? this.pairs.length : this.secondary.local.length;
    const targetPairs = this.secondary?.remote.length ?? 0;
    return (
      this.#terms.length === pairs &&
      this.#targetTerms.length === targetPairs &&
      [...this.#terms, ...this.#targetTerms].every(({ kind }) => kind === "equal")
    );
  }

  /** The join between the tables themselves, with that of the association table. */
  get condition(): SqlExpression<boolean> {
    return and(this.direct(asItIs, asItIs), ...(this.secondary === null ? [] : [this.target(asItIs, asItIs)]));
  }

  /**
   * From the class to its target; with an association table, from the class to that.
   * @param near finds the columns of the class
   * @param far finds those of the target, or of the association table
   */
  direct(near: ColumnAdapter, far: ColumnAdapter): SqlExpression<boolean> {
    return build(this.#terms, near, far);
  }

  /** From the association table to the target. */
  target(secondary: ColumnAdapter, target: ColumnAdapter): SqlExpression<boolean> {
    return build(this.#targetTerms, target, secondary);
  }

  /** The same join from the other side; only for those without an association table. */
  reversed(): JoinCondition {
    return new JoinCondition({
      terms: this.#terms.map((term) =>
        term.kind === "equal"
          ? { kind: "equal", near: term.far, far: term.near }
          : { kind: "other", expression: term.expression, far: otherColumns(term) },
      ),
      pairs: this.pairs.map(({ local, remote }) => ({ local: remote, remote: local })),
      foreignKey: this.foreignKey,
    });
  }
}

function build(terms: readonly JoinTerm[], near: ColumnAdapter, far: ColumnAdapter): SqlExpression<boolean> {
  return and(
    ...terms.map((term) => {
      if (term.kind === "equal") return near(term.near).eq(far(term.far));
      return transform(term.expression, (node) => {
        if (!(node instanceof ColumnElement)) return undefined;
        const column = node.origin;
        if (!(column instanceof Column)) return undefined;
        return term.far.has(column) ? far(column) : near(column);
      });
    }),
  );
}

function otherColumns(term: JoinTerm & { kind: "other" }): ReadonlySet<Column<unknown>> {
  return new Set(columnsOf(term.expression).filter((column) => !term.far.has(column)));
}

/** The schema columns that an expression mentions. */
export function columnsOf(expression: SqlExpression<unknown>): readonly Column<unknown>[] {
  const columns = new Set<Column<unknown>>();
  visit(expression, (node) => {
    if (node instanceof ColumnElement && node.origin instanceof Column) columns.add(node.origin);
  });
  return [...columns];
}
