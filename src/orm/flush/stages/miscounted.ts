import type { ForeignKeyConstraint, Table } from "../../../schema/index.ts";
import { tupleKey } from "../decompose/tuple.ts";
import type { FollowedKey } from "../edges/key-changes.ts";
import { isActive } from "../edges/referential-action.ts";

/**
 * May a row get the key to which it refers, by ON UPDATE of one foreign key, while another one within its table follows by an
 * UPDATE of the flush? SQLite counts that reference wrong (`docs/decisions/0017`). Where all keys are temporary ones first,
 * nobody refers to a key that anybody gets.
 * @param isWritten the flush writes rows of the table: one of them may leave the key that another one gets
 */
export function mayBeMiscounted(
  followed: readonly FollowedKey[],
  isEnforced: (foreignKey: ForeignKeyConstraint) => boolean,
  isWritten: (table: Table) => boolean,
): boolean {
  const isByDatabase = ({ foreignKey }: FollowedKey): boolean =>
    isEnforced(foreignKey) && isActive(foreignKey.onUpdate);
  return followed.some((within) => {
    const { table, referredTable, referredColumns } = within.foreignKey;
    if (table !== referredTable || !isEnforced(within.foreignKey) || isByDatabase(within)) return false;
    const brings = (other: FollowedKey): boolean =>
      isByDatabase(other) && other.columns.some((column) => referredColumns.includes(column));
    return followed.some(brings) && (isWritten(table) || passesOn(within));
  });
}

/** One key that changes becomes another one that does. */
function passesOn({ columns, changes }: FollowedKey): boolean {
  const before = new Set(changes.map((change) => tupleKey(columns, change.before)));
  return changes.some((change) => !change.after.includes(undefined) && before.has(tupleKey(columns, change.after)));
}
