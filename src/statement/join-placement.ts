import { ArgumentError } from "../errors/index.ts";
import type { FromClause } from "../expression/from.ts";
import type { SqlExpression } from "../expression/sql-expression.ts";
import { Join, type JoinKind } from "./join.ts";
import { type FromParts, fromCovering, fromsOf, mentionedFroms } from "./select-froms.ts";

/** What is to be joined, and how. */
export interface Placement {
  readonly left: FromClause;
  readonly target: FromClause;
  readonly on: SqlExpression<unknown> | null;
  readonly kind: JoinKind;
}

/** FROM with the join added to the element that brings its left side; if none does, the left side becomes one. */
export function withJoin(select: FromParts, { left, target, on, kind }: Placement): readonly FromClause[] {
  const existing = fromCovering(select.froms, left);
  if (existing !== undefined) {
    return select.froms.map((from) => (from === existing ? new Join(existing, target, on, kind) : from));
  }
  const root = fromCovering(fromsOfItems(select), left) ?? left;
  return [...select.froms, new Join(root, target, on, kind)];
}

/**
 * What to join to when nobody says: the only FROM element, or the only one that the condition mentions.
 *
 * @throws ArgumentError when there is none, or several
 */
export function leftSideOf(select: FromParts, target: FromClause, on: SqlExpression<unknown> | null): FromClause {
  const candidates = select.froms.length > 0 ? select.froms : fromsOfItems(select).filter((from) => from !== target);
  const [only, another] = candidates;
  if (only === undefined) {
    throw new ArgumentError("There is nothing to join to: name it with joinFrom() or selectFrom().");
  }
  if (another === undefined) return only;
  const mentioned = on === null ? [] : mentionedFroms(on);
  const [match, second] = candidates.filter((from) => mentioned.some((part) => fromCovering([from], part)));
  if (match !== undefined && second === undefined) return match;
  throw new ArgumentError(`It is not clear which of ${candidates.length} FROM elements to join to: use joinFrom().`);
}

/** FROM as the selected things alone make it. */
function fromsOfItems({ items }: FromParts): readonly FromClause[] {
  return fromsOf({ froms: [], items, conditions: [] });
}
