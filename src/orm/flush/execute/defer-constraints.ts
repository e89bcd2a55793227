import { nameOf } from "../explain-edge.ts";
import type { Deferral } from "../plan.ts";
import type { ExecuteContext } from "./execute-context.ts";

/** Puts the checks off that the plan needs to be put off. They are made at the end of the transaction. */
export async function deferConstraints({ connection, dialect }: ExecuteContext, deferral: Deferral): Promise<void> {
  const names = [...deferral.constraints].map((constraint) => dialect.quote(nameOf(constraint)));
  if (names.length > 0) await connection.run(`SET CONSTRAINTS ${names.join(", ")} DEFERRED`, []);
  if (deferral.allForeignKeys) await connection.run(dialect.deferForeignKeysSql, []);
}
