import type { Dialect } from "../../../engine/dialect.ts";
import { type RowOperation, resolve } from "../decompose/operation.ts";
import { binders } from "./bind.ts";
import type { FlushStatement } from "./flush-statement.ts";

/**
 * UPDATEs that carry changed keys into the rows that refer to them, one foreign key after the other; several changes at
 * once, so that exchanged keys do not meet.
 */
export function* propagateStatements(dialect: Dialect, operations: readonly RowOperation[]): Generator<FlushStatement> {
  for (const operation of operations) yield* alongForeignKey(dialect, operation);
}

function* alongForeignKey(dialect: Dialect, { table, propagation }: RowOperation): Generator<FlushStatement> {
  if (propagation === null) return;
  const { columns, changes } = propagation;
  const { batches, capabilities } = dialect;
  const bind = binders(dialect, columns);
  const size = capabilities.updateFrom ? Math.max(1, Math.floor(capabilities.maxParameters / (columns.length * 2))) : 1;
  for (let start = 0; start < changes.length; start += size) {
    const chunk = changes.slice(start, start + size);
    const single = chunk.length === 1;
    const { sql, order } = single
      ? batches.propagate(table, columns)
      : batches.update(table, columns, columns, chunk.length);
    yield {
      sql,
      parameters: () => {
        const parameters: unknown[] = [];
        for (const change of chunk) {
          const before = bind((_, i) => change.before[i]);
          const after = bind((_, i) => resolve(change.after[i]));
          if (order === "setFirst") parameters.push(...after, ...before);
          else parameters.push(...before, ...after);
        }
        return parameters;
      },
    };
  }
}
