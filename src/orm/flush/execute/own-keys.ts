import type { Column } from "../../../schema/index.ts";
import { GeneratedValue, type RowOperation } from "../decompose/operation.ts";

/** Those of the written columns to which the database wants to give values by itself (`GENERATED ALWAYS AS IDENTITY`). */
export function alwaysGenerated(columns: readonly Column<unknown>[]): readonly Column<unknown>[] {
  return columns.filter(({ identity }) => identity?.always === true);
}

/**
 * Are all values that rows write to these columns the database's own: drawn from the sequence, or of a row that is inserted
 * again? One that the program gives is for the database to refuse.
 */
export function isOwn(operations: readonly RowOperation[], columns: readonly Column<unknown>[]): boolean {
  return operations.every(({ before, after }) =>
    columns.every(({ index }) => {
      const value = after[index];
      return value instanceof GeneratedValue || (value !== undefined && before[index] === value);
    }),
  );
}
