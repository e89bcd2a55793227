import type { Dialect } from "../../../engine/dialect.ts";
import type { Deferral } from "../ordered.ts";
import type { ExecuteContext } from "./execute-context.ts";

/** Puts the checks off that the plan needs to be put off. They are made at the end of the transaction. */
export async function deferConstraints({ connection, dialect }: ExecuteContext, deferral: Deferral): Promise<void> {
  for (const sql of deferralStatements(dialect, deferral)) await connection.run(sql, []);
}

/** The statements that put these checks off; none if there is nothing to put off. */
export function deferralStatements(dialect: Dialect, { constraints, allForeignKeys }: Deferral): readonly string[] {
  const names = [...constraints].map((constraint) => nameInDatabase(dialect, constraint));
  // The name of a constraint that was declared without one is the database's to make up.
  const which = names.includes(null) ? "ALL" : names.join(", ");
  return [
    ...(names.length > 0 ? [`SET CONSTRAINTS ${which} DEFERRED`] : []),
    ...(allForeignKeys ? [dialect.deferForeignKeysSql] : []),
  ];
}

type Constraint = Deferral["constraints"] extends ReadonlySet<infer One> ? One : never;

function nameInDatabase(dialect: Dialect, { name, table: { schema } }: Constraint): string | null {
  if (name === null) return null;
  return schema === null ? dialect.quote(name) : `${dialect.quote(schema)}.${dialect.quote(name)}`;
}
