import { showValue } from "../../expression/show-value.ts";
import type { Column } from "../../schema/index.ts";
import { describe } from "../instance/index.ts";
import { GeneratedValue, type RowOperation } from "./decompose/operation.ts";

/** A value of a row as messages and plans show it; one that the database is to make by the row that it comes from. */
export function describeCell(value: unknown): string {
  if (value instanceof GeneratedValue) return `<${value.column.name} of ${describeRow(value.operation)}>`;
  return showValue(value);
}

/** The row of an operation: `User#5`, `User (new)`, `user_tag(1, 2)`. */
export function describeRow(operation: RowOperation): string {
  if (operation.kind === "propagate") return `rows of ${operation.table.name}`;
  if (operation.entity !== null) return describe(operation.entity);
  const values = operation.kind === "insert" ? operation.after.filter((value) => value !== undefined) : operation.key;
  return `${operation.table.name}(${values.map(describeCell).join(", ")})`;
}

/** The operation: `UPDATE User#5 (email)`. */
export function describeOperation(operation: RowOperation): string {
  const columns = operation.kind === "update" ? ` (${writtenNames(operation)})` : "";
  const role = operation.role === "row" || operation.role === "link" ? "" : `, ${operation.role}`;
  const upsert = operation.conflict === null ? "" : ", upsert";
  return `${operation.kind.toUpperCase()} ${describeRow(operation)}${columns}${role}${upsert}`;
}

function writtenNames(operation: RowOperation): string {
  return operation.table.columns
    .filter((column) => operation.after[column.index] !== undefined)
    .map((column) => column.name)
    .join(", ");
}

/** `email = "a@b"`, `(parent_id, z) = (1, 5.5)`. */
export function describeTuple(columns: readonly Column<unknown>[], read: (column: Column<unknown>) => unknown): string {
  const names = columns.map((column) => column.name).join(", ");
  const values = columns.map((column) => describeCell(read(column))).join(", ");
  return columns.length === 1 ? `${names} = ${values}` : `(${names}) = (${values})`;
}
