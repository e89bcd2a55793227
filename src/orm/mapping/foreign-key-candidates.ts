import type { Column, ForeignKeyConstraint } from "../../schema/index.ts";
import type { JoinTerm } from "./join-condition.ts";
import type { Mapper } from "./mapper.ts";

/** Which of two classes has the foreign key: the one with the relationship, or its target. */
export type Side = "near" | "far";

/** A foreign key between two classes. */
export interface Candidate {
  readonly side: Side;
  readonly foreignKey: ForeignKeyConstraint;
}

/** The foreign keys between two classes; one that refers to its own table counts for both sides. */
export function candidatesBetween(near: Mapper, far: Mapper): readonly Candidate[] {
  return [...foreignKeysFrom(near, far, "near"), ...foreignKeysFrom(far, near, "far")];
}

function foreignKeysFrom(from: Mapper, to: Mapper, side: Side): readonly Candidate[] {
  return from.tables
    .flatMap(({ foreignKeys }) => foreignKeys)
    .filter(
      (foreignKey) =>
        to.tables.includes(foreignKey.referredTable) && isOf(foreignKey, from) && !connectsFamily(foreignKey, from, to),
    )
    .map((foreignKey) => ({ side, foreignKey }));
}

/** Does the class have its columns? With single-table inheritance, the table has those of subclasses as well. */
function isOf({ columns }: ForeignKeyConstraint, mapper: Mapper): boolean {
  return columns.every((column) => mapper.findColumnProperty(column) !== null);
}

/** Is it the key by which the tables of a joined inheritance belong together? */
function connectsFamily(foreignKey: ForeignKeyConstraint, from: Mapper, to: Mapper): boolean {
  if (from.root !== to.root || foreignKey.table === foreignKey.referredTable) return false;
  const { primaryKey } = foreignKey.table;
  return (
    sameColumns(foreignKey.columns, primaryKey) &&
    sameColumns(foreignKey.referredColumns, foreignKey.referredTable.primaryKey)
  );
}

export function sameColumns(some: readonly Column<unknown>[], others: readonly Column<unknown>[]): boolean {
  return some.length === others.length && some.every((column) => others.includes(column));
}

/** The pairs of columns of a foreign key, seen from the class with the relationship. */
export function termsOf({ side, foreignKey }: Candidate): readonly (JoinTerm & { kind: "equal" })[] {
  return foreignKey.columns.map((column, index) => {
    const referred = foreignKey.referredColumns[index]!;
    return side === "near"
      ? { kind: "equal", near: column, far: referred }
      : { kind: "equal", near: referred, far: column };
  });
}

/** Does some foreign key say that the first column refers to the second? */
export function refersTo(column: Column<unknown>, referred: Column<unknown>): boolean {
  return column.table.foreignKeys.some((foreignKey) =>
    foreignKey.columns.some((own, index) => own === column && foreignKey.referredColumns[index] === referred),
  );
}

/** The constraint behind pairs of referring and referred columns: the one that consists of them, or one that has more. */
export function constraintFor(
  pairs: readonly { readonly referring: Column<unknown>; readonly referred: Column<unknown> }[],
): ForeignKeyConstraint | null {
  const covering = (pairs[0]?.referring.table.foreignKeys ?? []).filter((foreignKey) =>
    pairs.every(({ referring, referred }) =>
      foreignKey.columns.some((own, index) => own === referring && foreignKey.referredColumns[index] === referred),
    ),
  );
  return covering.find(({ columns }) => columns.length === pairs.length) ?? covering[0] ?? null;
}

/** `child.parent_id -> parent.id`, for messages. */
export function describeForeignKey({ columns, referredColumns }: ForeignKeyConstraint): string {
  return `${describeColumns(columns)} -> ${describeColumns(referredColumns)}`;
}

export function describeColumns(columns: readonly Column<unknown>[]): string {
  const names = columns.map((column) => `${column.table.name}.${column.name}`);
  return names.length === 1 ? names.join() : `(${names.join(", ")})`;
}
