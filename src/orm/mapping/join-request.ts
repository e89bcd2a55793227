import { MappingError } from "../../errors/index.ts";
import type { ColumnElement } from "../../expression/from.ts";
import type { SqlExpression } from "../../expression/sql-expression.ts";
import { describeValue } from "../../expression/sql-type.ts";
import { Column, type Table } from "../../schema/index.ts";
import type { Candidate } from "./foreign-key-candidates.ts";
import { describeForeignKey, type Side } from "./foreign-key-candidates.ts";
import type { Mapper } from "./mapper.ts";
import type { RelationKind } from "./relation-definition.ts";

/** What is to be found out about the join of a relationship, with all that was written about it on both sides. */
export interface JoinRequest {
  /** The attribute. */
  readonly name: string;
  readonly kind: RelationKind;
  readonly backPopulates: string | null;
  /** The class that has the relationship. */
  readonly near: Mapper;
  /** Its target. */
  readonly far: Mapper;
  /** The association table of a many-to-many. */
  readonly through: Table | null;
  readonly primaryJoin: SqlExpression<unknown> | null;
  readonly secondaryJoin: SqlExpression<unknown> | null;
  readonly foreignKeys: readonly Column<unknown>[] | null;
  /** Columns known to be on the target's side. */
  readonly remoteSide: readonly Column<unknown>[] | null;
  /** Columns known to be on this side, because the inverse says that they are its target's. */
  readonly localSide: readonly Column<unknown>[] | null;
  /** Which class must have the foreign key by what was declared; null if it may be either. */
  readonly wanted: Side | null;
  readonly viewOnly: boolean;
}

/** `User.addresses`, for messages. */
export function labelOf({ near, name }: JoinRequest): string {
  return `${near.name}.${name}`;
}

/** The line of a shape that declares a relationship. */
export function declarationLine(
  name: string,
  kind: RelationKind,
  target: string,
  options: Record<string, string>,
): string {
  const entries = Object.entries(options).map(([option, text]) => `${option}: ${text}`);
  const last = entries.length === 0 ? "" : `, { ${entries.join(", ")} }`;
  return `get ${name}() { return ${kind}(${target}${last}); }`;
}

/** The relationship of `request` written in another way. */
export function rewritten(request: JoinRequest, kind: RelationKind, more: Record<string, string> = {}): string {
  const { name, far, backPopulates } = request;
  return declarationLine(name, kind, far.name, {
    ...(backPopulates === null ? {} : { backPopulates: JSON.stringify(backPopulates) }),
    ...more,
  });
}

/** `[Message.c.senderId]`: columns as one would write them in an option. */
export function asOption(columns: readonly Column<unknown>[], mappers: readonly Mapper[]): string {
  return `[${columns.map((column) => columnText(column, mappers)).join(", ")}]`;
}

export function columnText(column: Column<unknown>, mappers: readonly Mapper[]): string {
  for (const mapper of mappers) {
    const property = mapper.findColumnProperty(column);
    if (property !== null) return `${mapper.name}.c.${property.name}`;
  }
  return `${column.table.name}.c.${column.key}`;
}

/**
 * The schema column behind an attribute or a table's column that was given in an option.
 * @throws MappingError if it is none
 */
export function optionColumn(element: unknown, option: string, label: string): Column<unknown> {
  // Anything may have been given; only what has an origin is a column.
  const origin: unknown = (element as Partial<ColumnElement<unknown>> | null | undefined)?.origin;
  if (origin instanceof Column) return origin;
  throw new MappingError(`${option} of ${label} takes columns such as User.c.id, not ${describeValue(element)}.`);
}

/**
 * The columns of an option that takes a list of them.
 * @throws MappingError for what is no list, such as one column alone
 */
export function optionColumns(elements: unknown, option: string, label: string): readonly Column<unknown>[] {
  if (Array.isArray(elements)) return elements.map((element) => optionColumn(element, option, label));
  throw new MappingError(
    `${option} of ${label} takes a list of columns, not ${describeValue(elements)}: write [User.c.id] for one of them.`,
  );
}

/** The declared direction contradicts the foreign keys. */
export function wrongDirection(request: JoinRequest, found: readonly Candidate[]): MappingError {
  const { near, far, kind } = request;
  const keys = found.map(({ foreignKey }) => describeForeignKey(foreignKey)).join(", ");
  const label = `${labelOf(request)} is declared ${kind}`;
  if (near === far && request.remoteSide !== null) {
    const [columns, other] =
      request.wanted === "near" ? ["the foreign key", "oneToMany"] : ["what the foreign key refers to", "manyToOne"];
    return new MappingError(
      `${label}, but its remoteSide, the columns of the other object, are ${columns} (${keys}): that makes it ${other}. ` +
        `Leave remoteSide out, or write ${rewritten(request, request.wanted === "near" ? "oneToMany" : "manyToOne")}.`,
    );
  }
  if (request.wanted === "near") {
    return new MappingError(
      `${label}, which needs a foreign key of ${near.name} that refers to ${far.name}, but ${far.name} refers to ${near.name} ` +
        `(${keys}): ${article(near.name)} has many ${far.name} objects. Write ${rewritten(request, "oneToMany")}, or oneToOne for one at most.`,
    );
  }
  return new MappingError(
    `${label}, which needs a foreign key of ${far.name} that refers to ${near.name}, but ${near.name} refers to ${far.name} ` +
      `(${keys}): ${article(near.name)} has one ${far.name}. Write ${rewritten(request, "manyToOne")}.`,
  );
}

/** Nothing connects the two classes. */
export function noForeignKey(request: JoinRequest): MappingError {
  const { near, far, kind, wanted } = request;
  const [child, parent] = wanted === "far" ? [far, near] : [near, far];
  const key = parent.primaryKey[0];
  const property = `${parent.name.charAt(0).toLowerCase()}${parent.name.slice(1)}Id`;
  return new MappingError(
    `${labelOf(request)} is declared ${kind}, but no foreign key connects ${near.name} and ${far.name}. Add one to ${child.name}: ` +
      `get ${property}() { return ${typeFunction(key?.column)}.references(${parent.name}.c.${key?.name ?? "id"}); } ` +
      "– or say how they are joined with the options primaryJoin and foreignKeys.",
  );
}

/** Several foreign keys connect the two classes. */
export function ambiguousJoin(request: JoinRequest, found: readonly Candidate[]): MappingError {
  const { near, far } = request;
  const mappers = [near, far];
  const ways = found.map(({ foreignKey, side }) => {
    const isSelfReference = foreignKey.table === foreignKey.referredTable;
    const remote = side === "near" ? foreignKey.referredColumns : foreignKey.columns;
    const option =
      isSelfReference && request.wanted === null
        ? `remoteSide: ${asOption(remote, mappers)}`
        : `foreignKeys: ${asOption(foreignKey.columns, mappers)}`;
    return `${describeForeignKey(foreignKey)} ({ ${option} })`;
  });
  return new MappingError(
    `${labelOf(request)} can follow several foreign keys between ${near.name} and ${far.name}: ${ways.join(", ")}. ` +
      "Choose one with the option given behind it.",
  );
}

/** What was asked for by foreignKeys or remoteSide is not there. */
export function nothingMatches(request: JoinRequest, found: readonly Candidate[]): MappingError {
  const { near, far, foreignKeys, remoteSide } = request;
  const options = [
    ...(foreignKeys === null ? [] : [`foreignKeys: ${asOption(foreignKeys, [near, far])}`]),
    ...(remoteSide === null ? [] : [`remoteSide: ${asOption(remoteSide, [near, far])}`]),
  ];
  const keys = found.map(({ foreignKey }) => describeForeignKey(foreignKey));
  return new MappingError(
    `No foreign key between ${near.name} and ${far.name} matches ${options.join(" and ")} of ${labelOf(request)} as ` +
      `${request.kind}. There are: ${keys.join(", ")}.`,
  );
}

function article(name: string): string {
  return `${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}`;
}

function typeFunction(column: Column<unknown> | undefined): string {
  const type = column?.sqlType.describe() ?? "integer";
  return type.includes("(") ? type : `${type}()`;
}
