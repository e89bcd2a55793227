import { nameOf } from "../explain-edge.ts";
import type { Deferral } from "../plan.ts";
import type { ExecuteContext } from "./execute.ts";

/**
 * Runs statements with the checks put off that the plan needs to be put off. They are made at the end of the transaction;
 * later statements of it are checked at once again.
 */
export async function withDeferral({ connection, dialect }: ExecuteContext, deferral: Deferral, run: () => Promise<void>): Promise<void> {
  const names = [...deferral.constraints].map((constraint) => dialect.quote(nameOf(constraint)));
  if (names.length > 0) await connection.run(`SET CONSTRAINTS ${names.join(", ")} DEFERRED`, []);
  if (deferral.allForeignKeys && dialect.deferForeignKeysSql !== null) await connection.run(dialect.deferForeignKeysSql, []);
  await run();
  if (deferral.allForeignKeys && dialect.restoreForeignKeysSql !== null) await connection.run(dialect.restoreForeignKeysSql, []);
}
