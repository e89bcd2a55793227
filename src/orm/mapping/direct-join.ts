import { MappingError } from "../../errors/index.ts";
import { ColumnElement } from "../../expression/from.ts";
import { BinaryExpression, BooleanList, type SqlExpression } from "../../expression/sql-expression.ts";
import { Column } from "../../schema/index.ts";
import {
  type Candidate,
  candidatesBetween,
  constraintFor,
  refersTo,
  type Side,
  sameColumns,
  termsOf,
} from "./foreign-key-candidates.ts";
import { type ColumnPair, columnsOf, JoinCondition, type JoinTerm } from "./join-condition.ts";
import {
  ambiguousJoin,
  columnText,
  type JoinRequest,
  labelOf,
  noForeignKey,
  nothingMatches,
  wrongDirection,
} from "./join-request.ts";
import type { Mapper } from "./mapper.ts";

/** A join without association table, and which class has the foreign key. */
export interface DirectJoin {
  readonly side: Side;
  readonly join: JoinCondition;
}

/**
 * Finds out how two classes are joined that refer to each other by a foreign key.
 * @throws MappingError when there is no way, several ways, or one against the declared direction
 */
export function resolveDirectJoin(request: JoinRequest): DirectJoin {
  return request.primaryJoin === null ? inferJoin(request) : explicitJoin(request, request.primaryJoin);
}

// ── from the foreign keys ──

function inferJoin(request: JoinRequest): DirectJoin {
  const { near, far, wanted } = request;
  const all = candidatesBetween(near, far);
  const matching = all.filter((candidate) => matches(candidate, request));
  const [only, another] = preferExact(
    matching.filter(({ side }) => wanted === null || side === wanted),
    request,
  );
  if (only === undefined) {
    if (matching.length > 0) throw wrongDirection(request, matching);
    throw all.length > 0 ? nothingMatches(request, all) : noForeignKey(request);
  }
  if (another !== undefined) throw ambiguousJoin(request, matching);
  const terms = termsOf(only);
  // `foreignKeys` may leave out columns of a composite key, which are then compared and never written.
  const written = terms.filter((term) => {
    const referring = only.side === "near" ? term.near : term.far;
    return request.foreignKeys === null || request.foreignKeys.includes(referring);
  });
  return {
    side: only.side,
    join: new JoinCondition({ terms, pairs: written.map(toPair), foreignKey: only.foreignKey }),
  };
}

function matches({ side, foreignKey }: Candidate, { foreignKeys, remoteSide, localSide }: JoinRequest): boolean {
  const [local, remote] =
    side === "near"
      ? [foreignKey.columns, foreignKey.referredColumns]
      : [foreignKey.referredColumns, foreignKey.columns];
  const within = (some: readonly Column<unknown>[] | null, columns: readonly Column<unknown>[]): boolean =>
    some === null || some.every((column) => columns.includes(column));
  return within(foreignKeys, foreignKey.columns) && within(remoteSide, remote) && within(localSide, local);
}

function preferExact(candidates: readonly Candidate[], { foreignKeys }: JoinRequest): readonly Candidate[] {
  if (foreignKeys === null) return candidates;
  const exact = candidates.filter(({ foreignKey }) => sameColumns(foreignKey.columns, foreignKeys));
  return exact.length > 0 ? exact : candidates;
}

function toPair({ near, far }: JoinTerm & { kind: "equal" }): ColumnPair {
  return { local: near, remote: far };
}

// ── from primaryJoin ──

function explicitJoin(request: JoinRequest, primaryJoin: SqlExpression<unknown>): DirectJoin {
  const refers = referringBy(request.foreignKeys);
  const terms = readTerms(primaryJoin, request, (some, other) => orient(some, other, request, refers));
  const equal = terms.filter((term) => term.kind === "equal");
  const sides = equal.map((term) => referringSide(term, request, refers));
  const found = new Set(sides.filter((side) => side !== null));
  const side = [...found][0] ?? (request.viewOnly ? (request.wanted ?? "far") : null);
  if (side === null) throw undecided(request, equal);
  if (found.size > 1) {
    throw new MappingError(
      `primaryJoin of ${labelOf(request)} has foreign keys of both ${request.near.name} and ${request.far.name}. ` +
        "Name those that the relationship is to write with the option foreignKeys.",
    );
  }
  const written = found.size === 0 ? equal : equal.filter((_, index) => sides[index] === side);
  const pairs = written.map(toPair);
  const foreignKey = constraintFor(
    pairs.map(({ local, remote }) =>
      side === "near" ? { referring: local, referred: remote } : { referring: remote, referred: local },
    ),
  );
  if (request.wanted !== null && request.wanted !== side) {
    throw foreignKey === null ? wrongColumns(request, side, written) : wrongDirection(request, [{ side, foreignKey }]);
  }
  return { side, join: new JoinCondition({ terms, pairs, foreignKey }) };
}

type Refers = (column: Column<unknown>, referred: Column<unknown>) => boolean;

/** What decides which of two columns refers to the other: the option foreignKeys, else the foreign keys of the tables. */
function referringBy(foreignKeys: readonly Column<unknown>[] | null): Refers {
  if (foreignKeys === null) return refersTo;
  return (column, referred) =>
    foreignKeys.includes(column) && (!foreignKeys.includes(referred) || refersTo(column, referred));
}

function referringSide(
  { near, far }: JoinTerm & { kind: "equal" },
  { wanted }: JoinRequest,
  refers: Refers,
): Side | null {
  const nearRefers = refers(near, far);
  const farRefers = refers(far, near);
  if (nearRefers && farRefers) return wanted;
  return nearRefers ? "near" : farRefers ? "far" : null;
}

/**
 * Which of two equal columns is on which side: clear by their tables, but for a class that refers to itself, where it
 * follows from the direction that was declared. Null if both are on one side, or nothing says.
 */
function orient(
  some: Column<unknown>,
  other: Column<unknown>,
  request: JoinRequest,
  refers: Refers,
): { near: Column<unknown>; far: Column<unknown> } | null {
  const { near, far, wanted, remoteSide, localSide } = request;
  const forward = has(near, some) && has(far, other);
  const backward = has(near, other) && has(far, some);
  if (!forward && !backward) return null;
  const straight = { near: some, far: other };
  const turned = { near: other, far: some };
  if (forward !== backward) return forward ? straight : turned;
  if (some === other) return straight;
  for (const one of [straight, turned]) {
    const saidRemote = remoteSide?.includes(one.far) === true && !remoteSide.includes(one.near);
    const saidLocal = localSide?.includes(one.near) === true && !localSide.includes(one.far);
    if (saidRemote || saidLocal) return one;
  }
  const someRefers = refers(some, other);
  if (someRefers === refers(other, some)) return null;
  if (wanted === null) {
    throw new MappingError(
      `${labelOf(request)} joins ${near.name} to itself, and either side may be the other: say which columns are the ` +
        `target's, e.g. remoteSide: [${columnText(someRefers ? other : some, [near])}] where this side has the foreign key.`,
    );
  }
  return (wanted === "near") === someRefers ? straight : turned;
}

function has(mapper: Mapper, column: Column<unknown>): boolean {
  return mapper.tables.includes(column.table);
}

/** Takes a condition apart into its terms. */
export function readTerms(
  condition: SqlExpression<unknown>,
  request: JoinRequest,
  orientation: (
    some: Column<unknown>,
    other: Column<unknown>,
  ) => { near: Column<unknown>; far: Column<unknown> } | null,
): readonly JoinTerm[] {
  const parts = condition instanceof BooleanList && condition.operator === "AND" ? condition.operands : [condition];
  return parts.map((part): JoinTerm => {
    const equal = equalColumns(part);
    const oriented = equal === null ? null : orientation(...equal);
    if (oriented !== null) return { kind: "equal", ...oriented };
    const columns = columnsOf(part);
    const stranger = columns.find(
      (column) => !has(request.near, column) && !has(request.far, column) && column.table !== request.through,
    );
    if (stranger !== undefined) {
      const { near, far } = request;
      const classes =
        near === far ? `does not belong to ${near.name}` : `belongs neither to ${near.name} nor to ${far.name}`;
      throw new MappingError(`The join of ${labelOf(request)} mentions ${columnText(stranger, [])}, which ${classes}.`);
    }
    const { remoteSide } = request;
    const far = columns.filter((column) =>
      has(request.near, column) && has(request.far, column)
        ? remoteSide === null || remoteSide.includes(column) // a condition on a class that refers to itself is meant for the target
        : !has(request.near, column),
    );
    // A part of a condition is a condition.
    return { kind: "other", expression: part as SqlExpression<boolean>, far: new Set(far) };
  });
}

function equalColumns(part: SqlExpression<unknown>): [Column<unknown>, Column<unknown>] | null {
  if (!(part instanceof BinaryExpression) || part.operator !== "=") return null;
  const { left, right } = part;
  if (!(left instanceof ColumnElement && right instanceof ColumnElement)) return null;
  return left.origin instanceof Column && right.origin instanceof Column ? [left.origin, right.origin] : null;
}

function undecided(request: JoinRequest, equal: readonly (JoinTerm & { kind: "equal" })[]): MappingError {
  const { near, far } = request;
  const label = labelOf(request);
  const [first] = equal;
  if (first === undefined) {
    return new MappingError(
      `primaryJoin of ${label} must set a column of ${near.name} equal to a column of ${far.name}, e.g. ` +
        `${near.name}.c.id.eq(${far.name}.c.${near.name.charAt(0).toLowerCase()}${near.name.slice(1)}Id).`,
    );
  }
  const referring = request.wanted === "near" ? first.near : first.far;
  return new MappingError(
    `primaryJoin of ${label} compares columns that no foreign key connects, so it cannot be told which one follows the ` +
      `other. Add e.g. foreignKeys: [${columnText(referring, [near, far])}], or viewOnly: true if it is only to be read.`,
  );
}

function wrongColumns(
  request: JoinRequest,
  side: Side,
  terms: readonly (JoinTerm & { kind: "equal" })[],
): MappingError {
  const { near, far, kind } = request;
  const columns = terms.map((term) => columnText(side === "near" ? term.near : term.far, [near, far]));
  const [owner, right] = side === "near" ? [near, "manyToOne"] : [far, "oneToMany"];
  return new MappingError(
    `${labelOf(request)} is declared ${kind}, but the columns that follow the other side (${columns.join(", ")}) are those of ` +
      `${owner.name}: write ${right}, or other foreignKeys.`,
  );
}
