import { MappingError } from "../../errors/index.ts";
import type { SqlExpression } from "../../expression/sql-expression.ts";
import type { Column, ForeignKeyConstraint, Table } from "../../schema/index.ts";
import { readTerms } from "./direct-join.ts";
import { describeForeignKey } from "./foreign-key-candidates.ts";
import { JoinCondition, type JoinTerm } from "./join-condition.ts";
import { columnText, type JoinRequest, labelOf } from "./join-request.ts";
import type { Mapper } from "./mapper.ts";

/** How one of the two classes is joined to the association table: `near` are columns of the class. */
interface Leg {
  readonly terms: readonly JoinTerm[];
  readonly pairs: readonly (JoinTerm & { kind: "equal" })[];
}

/**
 * Finds out how two classes are joined by an association table.
 * @throws MappingError when the table does not refer to both of them, or in several ways
 */
export function resolveSecondaryJoin(request: JoinRequest, table: Table): JoinCondition {
  const { near, far, primaryJoin, secondaryJoin } = request;
  const explicitLocal = primaryJoin === null ? null : explicitLeg(request, near, table, primaryJoin, "primaryJoin");
  const explicitRemote =
    secondaryJoin === null ? null : explicitLeg(request, far, table, secondaryJoin, "secondaryJoin");
  const local = explicitLocal ?? inferLeg(request, near, table, explicitRemote);
  const remote = explicitRemote ?? inferLeg(request, far, table, explicitLocal);
  return new JoinCondition({
    terms: local.terms,
    targetTerms: remote.terms,
    pairs: [],
    foreignKey: null,
    secondary: {
      table,
      local: local.pairs.map(({ near: column, far: secondary }) => ({ local: column, secondary })),
      remote: remote.pairs.map(({ near: column, far: secondary }) => ({ remote: column, secondary })),
    },
  });
}

/** @param other the leg on the other side where it is known already: its foreign key is taken */
function inferLeg(request: JoinRequest, mapper: Mapper, table: Table, other: Leg | null): Leg {
  const taken = other?.pairs.map(({ far }) => far) ?? [];
  const candidates = table.foreignKeys
    .filter(({ referredTable }) => mapper.tables.includes(referredTable))
    .filter(({ columns }) => !(taken.length > 0 && columns.every((column) => taken.includes(column))))
    .filter(
      ({ columns }) => request.foreignKeys === null || columns.every((column) => request.foreignKeys?.includes(column)),
    );
  const [only, another] = candidates;
  if (only === undefined) throw noLeg(request, mapper, table);
  if (another !== undefined) throw ambiguousLegs(request, table, candidates);
  const pairs = only.columns.map((column, index) => ({
    kind: "equal" as const,
    near: only.referredColumns[index]!,
    far: column,
  }));
  return { terms: pairs, pairs };
}

function explicitLeg(
  request: JoinRequest,
  mapper: Mapper,
  table: Table,
  condition: SqlExpression<unknown>,
  option: string,
): Leg {
  const terms = readTerms(condition, request, (some, other) => {
    if (mapper.tables.includes(some.table) && other.table === table) return { near: some, far: other };
    if (mapper.tables.includes(other.table) && some.table === table) return { near: other, far: some };
    return null;
  });
  const pairs = terms.filter((term) => term.kind === "equal");
  if (pairs.length > 0) return { terms, pairs };
  throw new MappingError(
    `${option} of ${labelOf(request)} must set a column of ${mapper.name} equal to a column of the association table ${table.name}.`,
  );
}

function noLeg(request: JoinRequest, mapper: Mapper, table: Table): MappingError {
  const key: Column<unknown> | undefined = mapper.primaryKey[0]?.column;
  const referred = key === undefined ? `${mapper.name}.c.id` : columnText(key, [mapper]);
  return new MappingError(
    `${labelOf(request)} goes through the table ${table.name}, which has no foreign key that refers to ${mapper.name}. Add ` +
      `.references(${referred}) to a column of it, or say how they are joined with ` +
      `${mapper === request.near ? "primaryJoin" : "secondaryJoin"}.`,
  );
}

function ambiguousLegs(request: JoinRequest, table: Table, found: readonly ForeignKeyConstraint[]): MappingError {
  const { near, far } = request;
  const [first, second] = found;
  const leg = (mapper: Mapper, foreignKey: ForeignKeyConstraint | undefined): string =>
    `${columnText(foreignKey!.referredColumns[0]!, [mapper])}.eq(${table.name}.c.${foreignKey!.columns[0]!.key})`;
  return new MappingError(
    `${labelOf(request)} goes through the table ${table.name}, which has several foreign keys for one side: ` +
      `${found.map(describeForeignKey).join(", ")}. Say which is which: primaryJoin: ${leg(near, first)}, ` +
      `secondaryJoin: ${leg(far, second)}.`,
  );
}
