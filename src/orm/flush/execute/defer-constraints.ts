import type { Dialect } from "../../../engine/dialect.ts";
import type { Deferral } from "../plan.ts";
import type { ExecuteContext } from "./execute-context.ts";

/** Puts the checks off that the plan needs to be put off. They are made at the end of the transaction. */
export async function deferConstraints({ connection, dialect }: ExecuteContext, deferral: Deferral): Promise<void> {
  const names = [...deferral.constraints].map((constraint) => nameInDatabase(dialect, constraint));
  // The name of a constraint that was declared without one is the database's to make up.
  const which = names.includes(null) ? "ALL" : names.join(", ");
  if (names.length > 0) await connection.run(`SET CONSTRAINTS ${which} DEFERRED`, []);
  if (deferral.allForeignKeys) await connection.run(dialect.deferForeignKeysSql, []);
}

type Constraint = Deferral["constraints"] extends ReadonlySet<infer One> ? One : never;

function nameInDatabase(dialect: Dialect, { name, table: { schema } }: Constraint): string | null {
  if (name === null) return null;
  return schema === null ? dialect.quote(name) : `${dialect.quote(schema)}.${dialect.quote(name)}`;
}
