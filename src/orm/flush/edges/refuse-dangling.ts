import { FlushCycleError } from "../../../errors/index.ts";
import type { ForeignKeyConstraint } from "../../../schema/index.ts";
import type { RowOperation } from "../decompose/operation.ts";
import { describeOperation, describeRow, describeTuple } from "../describe.ts";
import { nameOf } from "../explain-edge.ts";
import { flowchart } from "../mermaid.ts";

/** A row that is to refer to one that goes, with what deletes that. */
export interface Dangling {
  readonly operation: RowOperation;
  readonly target: RowOperation;
  readonly foreignKey: ForeignKeyConstraint;
}

/** The error for a row that would refer to nothing when the flush is done. */
export function refersToDeleted({ operation, target, foreignKey }: Dangling): FlushCycleError {
  const name = nameOf(foreignKey);
  const rows = [describeOperation(operation), describeOperation(target)] as const;
  const [row, referred] = [describeRow(operation), describeRow(target)];
  const orders = [
    { before: rows[0], after: rows[1], reason: `${row} needs ${referred} to be there, by ${name}` },
    { before: rows[1], after: rows[0], reason: `no row may refer to ${referred} when it goes, by ${name}` },
  ];
  const key = describeTuple(foreignKey.columns, (column) => operation.current(column));
  return new FlushCycleError(
    `${row} is to refer to ${referred} by ${name} ${key}, and ${referred} is deleted in the same flush. ` +
      `Nothing was executed. Any of these helps: let ${row} refer to another row; keep ${referred}; delete ${row}, too; ` +
      `declare the foreign key with { onDelete: "set null" } or { onDelete: "cascade" }.`,
    {
      circle: {
        rows,
        constraints: [name],
        orders,
        toMermaid: () =>
          flowchart(
            rows,
            orders.map(({ reason: label }, i) => ({ from: i, to: 1 - i, label })),
          ),
      },
    },
  );
}
