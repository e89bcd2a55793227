import { ForeignKeyViolation } from "../../../errors/index.ts";
import type { Column } from "../../../schema/index.ts";
import { type RowOperation, resolve } from "../decompose/operation.ts";
import { describeCell } from "../describe.ts";
import { boundValues } from "./bind.ts";
import type { ExecuteContext } from "./execute-context.ts";
import { columnsNamed, type Followed, type ReferringKeys } from "./suspended-keys.ts";

/** As many values are asked for by one query. */
const CHUNK = 200;

interface TableName {
  readonly schema: string | null;
  readonly table: string;
}

/** A foreign key by names, and values of it that must exist in the table that it refers to. */
interface Check {
  readonly name: string;
  readonly child: TableName;
  readonly columns: readonly string[];
  readonly parent: TableName;
  readonly referredColumns: readonly string[];
  /** The columns that the values are of: all of the foreign key, or those that changed. */
  readonly conditionColumns: readonly string[];
  readonly types: readonly Column<unknown>[];
  readonly values: readonly (readonly unknown[])[];
}

/**
 * The checks that the database has left out: rows that refer to a key which changed, or was deleted, and rows that were
 * written meanwhile.
 * @throws ForeignKeyViolation naming the foreign key and a value to which nothing corresponds
 */
export async function checkSuspended(
  context: ExecuteContext,
  operations: readonly RowOperation[],
  followed: readonly Followed[],
  referring: ReferringKeys,
): Promise<void> {
  for (const one of followed) await run(context, checkOfKey(one));
  for (const operation of operations) {
    if (operation.kind === "propagate") continue;
    const checks = operation.kind === "delete" ? await checksOfDelete(operation, referring) : checksOfRow(operation);
    for (const check of checks) await run(context, check);
  }
}

function checkOfKey({ foreignKey, parent, child }: Followed): Check {
  return {
    ...foreignKey,
    child,
    parent,
    conditionColumns: child.names,
    types: child.types,
    values: child.changes.flatMap(({ before, after }) => [before, after]),
  };
}

/** Nothing may refer to a row that is gone. */
async function checksOfDelete(operation: RowOperation, referring: ReferringKeys): Promise<Check[]> {
  const parent = { schema: operation.table.schema, table: operation.table.name };
  const checks: Check[] = [];
  for (const foreignKey of await referring.to(parent.table, parent.schema)) {
    const types = columnsNamed(operation, foreignKey.referredColumns);
    if (types === null) continue;
    const values = [types.map((column) => operation.before[column.index])];
    checks.push({ ...foreignKey, child: foreignKey, parent, conditionColumns: foreignKey.columns, types, values });
  }
  return checks;
}

/** What the row refers to must be there. */
function checksOfRow(operation: RowOperation): Check[] {
  const { table } = operation;
  return table.foreignKeys.map((foreignKey) => {
    const names = foreignKey.columns.map((column) => column.name);
    return {
      name: foreignKey.name ?? names.join(", "),
      child: { schema: table.schema, table: table.name },
      columns: names,
      parent: { schema: foreignKey.referredTable.schema, table: foreignKey.referredTable.name },
      referredColumns: foreignKey.referredColumns.map((column) => column.name),
      conditionColumns: names,
      types: foreignKey.columns,
      values: [foreignKey.columns.map((column) => resolve(operation.current(column)))],
    };
  });
}

async function run(context: ExecuteContext, check: Check): Promise<void> {
  const { name, columns, referredColumns, conditionColumns, types, child, parent } = check;
  const values = check.values.filter((tuple) => tuple.every((value) => value !== null && value !== undefined));
  const quote = (identifier: string): string => context.dialect.quote(identifier);
  const tableName = ({ schema, table }: TableName): string =>
    schema === null ? quote(table) : `${quote(schema)}.${quote(table)}`;
  const join = columns
    .map((column, i) => `p.${quote(referredColumns[i] ?? column)} = c.${quote(column)}`)
    .join(" AND ");
  const isSet = columns.map((column) => `c.${quote(column)} IS NOT NULL`).join(" AND ");
  for (let start = 0; start < values.length; start += CHUNK) {
    const chunk = values.slice(start, start + CHUNK);
    const condition = chunk
      .map(() => `(${conditionColumns.map((column) => `c.${quote(column)} = ?`).join(" AND ")})`)
      .join(" OR ");
    const { rows } = await context.connection.run(
      `SELECT ${conditionColumns.map((column) => `c.${quote(column)}`).join(", ")} FROM ${tableName(child)} AS c ` +
        `WHERE (${condition}) AND ${isSet} AND NOT EXISTS (SELECT 1 FROM ${tableName(parent)} AS p WHERE ${join}) LIMIT 1`,
      chunk.flatMap((tuple) => boundValues(context.dialect, types, tuple)),
    );
    const [dangling] = rows;
    if (dangling === undefined) continue;
    throw new ForeignKeyViolation(
      `After this flush, a row of ${child.table} would refer by the foreign key ${name} to ${parent.table} ` +
        `(${dangling.map(describeCell).join(", ")}), which does not exist. The checks of the database were suspended ` +
        "(suspendForeignKeyChecks); this one is the flush's own.",
      { table: child.table, constraint: name, columns: [...columns] },
    );
  }
}
