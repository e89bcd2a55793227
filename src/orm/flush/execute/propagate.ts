import { type RowOperation, resolve } from "../decompose/operation.ts";
import { binders } from "./bind.ts";
import type { ExecuteContext } from "./execute-context.ts";

/** Carries changed keys into the rows that refer to them; several changes at once, so that exchanged keys do not meet. */
export async function propagateKeys(context: ExecuteContext, operation: RowOperation): Promise<void> {
  const { table, propagation } = operation;
  if (propagation === null) return;
  const { columns, changes } = propagation;
  const { batches, capabilities } = context.dialect;
  const bind = binders(context.dialect, columns);
  const size = capabilities.updateFrom ? Math.max(1, Math.floor(capabilities.maxParameters / (columns.length * 2))) : 1;
  for (let start = 0; start < changes.length; start += size) {
    const chunk = changes.slice(start, start + size);
    const single = chunk.length === 1;
    const statement = single
      ? batches.propagate(table, columns)
      : batches.update(table, columns, columns, chunk.length);
    const parameters: unknown[] = [];
    for (const change of chunk) {
      const before = bind((_, i) => change.before[i]);
      const after = bind((_, i) => resolve(change.after[i]));
      if (statement.order === "setFirst") parameters.push(...after, ...before);
      else parameters.push(...before, ...after);
    }
    await context.connection.run(statement.sql, parameters);
  }
}
