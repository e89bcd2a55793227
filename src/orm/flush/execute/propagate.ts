import type { Dialect } from "../../../engine/dialect.ts";
import type { RowOperation } from "../decompose/operation.ts";
import { Binder } from "./bind.ts";
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
  const binder = new Binder(dialect, columns);
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
        for (const { before, after } of chunk) {
          if (order === "setFirst") binder.pushValues(parameters, after);
          binder.pushValues(parameters, before);
          if (order === "rows") binder.pushValues(parameters, after);
        }
        return parameters;
      },
    };
  }
}
