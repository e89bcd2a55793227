import { showValue } from "../../expression/show-value.ts";
import type { Column } from "../../schema/index.ts";
import { describe, type Entity, readRaw } from "../instance/index.ts";
import { mapperOf } from "../mapping/index.ts";
import { GeneratedValue, type OperationRole, type RowOperation } from "./decompose/operation.ts";
import { writtenColumns } from "./execute/shape.ts";

/** A value of a row as messages and plans show it; one that the database is to make by the row that it comes from. */
export function describeCell(value: unknown): string {
  if (value instanceof GeneratedValue) return `<${value.column.name} of ${describeRow(value.operation)}>`;
  return showValue(value);
}

/** The row of an operation: `User#5`, `User (new, email = "a@b")`, `user_tag(1, 2)`. */
export function describeRow(operation: RowOperation): string {
  if (operation.kind === "propagate") return `rows of ${operation.table.name}`;
  if (operation.kind === "draw") return `a key of ${operation.table.name}`;
  if (operation.entity !== null) return describeEntity(operation.entity);
  const values = operation.kind === "insert" ? operation.after.filter((value) => value !== undefined) : operation.key;
  return `${operation.table.name}(${values.map(describeCell).join(", ")})`;
}

/** A new object has no key yet to be told from others by; a unique value does. */
function describeEntity(entity: Entity): string {
  const name = describe(entity);
  if (entity.$key !== null || !name.endsWith(" (new)")) return name;
  for (const property of mapperOf(entity).columns) {
    const { column } = property;
    const value = readRaw(entity, property);
    if (value === undefined || value === null || !isUnique(column) || column.foreignKeys.length > 0) continue;
    return `${name.slice(0, -1)}, ${column.name} = ${describeCell(value)})`;
  }
  return name;
}

function isUnique(column: Column<unknown>): boolean {
  return column.table.uniqueKeys.some(({ columns }) => columns?.includes(column) === true);
}

/** What the operation is there for, where it is not the change that somebody made. */
const ROLES: Readonly<Record<OperationRole, string>> = {
  row: "",
  link: "",
  "late link": ", linked late",
  "early link": ", linked early",
  "release link": ", unlinked first",
  park: ", parked for a moment",
  vacate: ", gives its value up first",
  reinsert: ", inserted again later",
};

/** The operation: `UPDATE User#5 (email)`. */
export function describeOperation(operation: RowOperation): string {
  const { kind } = operation;
  const columns = kind === "update" || kind === "propagate" ? ` (${writtenNames(operation).join(", ")})` : "";
  const verb = kind === "propagate" ? "UPDATE" : kind.toUpperCase();
  const upsert = operation.conflict === null ? "" : ", upsert";
  return `${verb} ${describeRow(operation)}${columns}${ROLES[operation.role]}${upsert}`;
}

/** The columns that the operation writes. */
export function writtenNames(operation: RowOperation): readonly string[] {
  const columns = operation.propagation?.columns ?? writtenColumns(operation);
  return columns.map((column) => column.name);
}

/** `(email) = "a@b"`, `(parent_id, z) = (1, 5.5)`. */
export function describeTuple(columns: readonly Column<unknown>[], read: (column: Column<unknown>) => unknown): string {
  const names = columns.map((column) => column.name).join(", ");
  const values = columns.map((column) => describeCell(read(column))).join(", ");
  return `(${names}) = ${columns.length === 1 ? values : `(${values})`}`;
}
