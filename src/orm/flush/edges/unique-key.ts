import type { Capabilities } from "../../../engine/capabilities.ts";
import {
  CollateExpression,
  ColumnElement,
  type SqlExpression,
  StringType,
  TextFragment,
  transform,
  visit,
} from "../../../expression/index.ts";
import { type Column, columnOf, type Table, type UniqueKey } from "../../../schema/index.ts";
import { type FoldText, foldingIn, isCaseless, lowerAscii } from "../../../schema/same-texts.ts";

/** One member of a unique key: a column, or an expression over columns, which a computed column is too. */
export interface UniqueKeyPart {
  readonly column: Column<unknown> | null;
  /** Over columns that are written: in the place of computed ones stands what they are computed of. */
  readonly expression: SqlExpression<unknown>;
  /** The column, or those in the expression. */
  readonly columns: readonly Column<unknown>[];
  /** There is SQL as text in it, which may name other columns. */
  readonly hasText: boolean;
}

/** A unique key as the planner reads it. */
export interface UniqueKeyFacts {
  readonly parts: readonly UniqueKeyPart[];
  /** The predicate, over columns that are written. */
  readonly where: SqlExpression<unknown> | null;
  /** Every column that decides which slot a row holds: members, columns of expressions, columns of the predicate. */
  readonly dependsOn: readonly Column<unknown>[];
  /** Columns that are compared as they are, in every row, and NULL is equal to nothing. */
  readonly isPlain: boolean;
}

const known = new WeakMap<UniqueKey, UniqueKeyFacts>();

export function factsOf(uniqueKey: UniqueKey): UniqueKeyFacts {
  let facts = known.get(uniqueKey);
  if (facts === undefined) {
    facts = derive(uniqueKey);
    known.set(uniqueKey, facts);
  }
  return facts;
}

function derive(uniqueKey: UniqueKey): UniqueKeyFacts {
  const parts = membersOf(uniqueKey).map((member) => {
    const expression = overWritten(member);
    const column = expression instanceof ColumnElement ? columnOf(expression) : null;
    return { column, expression, columns: columnsIn(expression), hasText: hasText(expression) };
  });
  const where = uniqueKey.where === null ? null : overWritten(uniqueKey.where);
  const dependsOn = new Set(parts.flatMap(({ columns }) => columns));
  if (where !== null) for (const column of columnsIn(where)) dependsOn.add(column);
  const isPlain = where === null && !uniqueKey.nullsNotDistinct && parts.every(({ column }) => column !== null);
  return { parts, where, dependsOn: [...dependsOn], isPlain };
}

/** The members of a unique key as they were declared. */
export function membersOf({ columns, expressions }: UniqueKey): readonly SqlExpression<unknown>[] {
  return columns ?? expressions;
}

/** The expression with what computed columns are computed of in their place: no object knows what these have. */
function overWritten(expression: SqlExpression<unknown>): SqlExpression<unknown> {
  return transform(expression, (node) => {
    const computed = node instanceof ColumnElement ? columnOf(node).computed : null;
    return computed === null ? undefined : overWritten(computed.expression);
  });
}

function hasText(expression: SqlExpression<unknown>): boolean {
  let found = false;
  visit(expression, (node) => {
    if (node instanceof TextFragment) found = true;
  });
  return found;
}

function columnsIn(expression: SqlExpression<unknown>): readonly Column<unknown>[] {
  const columns = new Set<Column<unknown>>();
  visit(expression, (node) => {
    if (node instanceof ColumnElement) columns.add(columnOf(node));
  });
  return [...columns];
}

/** What unique keys depend on besides the rows. */
export interface UniqueKeyDialect {
  /** By this name columns say their collations. */
  readonly name: string;
  readonly capabilities: Pick<Capabilities, "textsFold" | "partialIndexes" | "expressionIndexes">;
}

/** Does the database have the unique key? An index that it cannot have may have been left out (`skipIfUnsupported`). */
export function exists({ where, columns }: UniqueKey, { capabilities }: UniqueKeyDialect): boolean {
  return (where === null || capabilities.partialIndexes) && (columns !== null || capabilities.expressionIndexes);
}

/** Which texts the database takes for the same in a member of a unique key. */
export interface MemberFolding {
  /** What is equal for sure. */
  readonly exact: FoldText;
  /** Others may be equal, too: accents, letters beyond ASCII. */
  readonly isForgiving: boolean;
}

/** Null if it tells all texts apart. */
export function foldingOf(
  member: SqlExpression<unknown>,
  { name, capabilities }: UniqueKeyDialect,
): MemberFolding | null {
  if (member instanceof CollateExpression) return foldingUnder(member.collation);
  if (!(member instanceof ColumnElement)) return null;
  const column = columnOf(member);
  const collation = column.collationIn(name);
  if (collation !== null) return foldingUnder(collation);
  return capabilities.textsFold && column.sqlType instanceof StringType ? USUAL : null;
}

function foldingUnder(collation: string): MemberFolding | null {
  const exact = foldingIn(collation);
  return exact === null ? null : { exact, isForgiving: isCaseless(collation) };
}

/** That of the database, or of the table: only the database knows whether spaces at the end count. */
const USUAL: MemberFolding = { exact: lowerAscii, isForgiving: true };

/** The columns of a table's unique keys that depend on some of `columns`. */
export function columnsSharingKeys(table: Table, columns: readonly Column<unknown>[]): readonly Column<unknown>[] {
  const keys = table.uniqueKeys.map((key) => factsOf(key).dependsOn);
  return keys.filter((dependsOn) => dependsOn.some((column) => columns.includes(column))).flat();
}
