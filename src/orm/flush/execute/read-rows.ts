import type { Column } from "../../../schema/index.ts";
import { Select } from "../../../statement/select.ts";
import { ExpressionItem } from "../../../statement/select-item.ts";
import { keysIn } from "../../query/index.ts";
import { decodeRows } from "./decode-rows.ts";
import type { ExecuteContext } from "./execute-context.ts";

/** Reads rows of a table that are found by some of its columns; values of `columns`, decoded, in no promised order. */
export async function readRows(
  context: ExecuteContext,
  keyColumns: readonly Column<unknown>[],
  keys: readonly (readonly unknown[])[],
  columns: readonly Column<unknown>[],
  { lock }: { readonly lock: boolean },
): Promise<readonly (readonly unknown[])[]> {
  const [first] = keyColumns;
  if (first === undefined || keys.length === 0) return [];
  const statement = new Select<unknown>({
    items: columns.map((column) => new ExpressionItem(column)),
    shape: "tuple",
    keys: [],
  })
    .with({ froms: [first.table] })
    .where(keysIn(keyColumns, keys, context.dialect));
  const { rows } = await context.connection.query(lock ? statement.forUpdate() : statement);
  return decodeRows(context, columns, rows);
}
