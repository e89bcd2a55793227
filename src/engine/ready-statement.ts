import type { Compiled } from "../compiler/compiled.ts";
import { Node } from "../expression/node.ts";
import { DmlStatement } from "../statement/dml-statement.ts";
import type { TextParameters } from "../statement/text.ts";
import type { EngineCore } from "./channel.ts";
import { checkDefaults, checkValues } from "./check-values.ts";
import { type Executable, notExecutable } from "./executable.ts";
import type { StatementPlan } from "./statement-plan.ts";

/** A statement ready for the driver. */
export interface ReadyStatement {
  readonly compiled: Compiled;
  readonly plan: StatementPlan;
  readonly bound: unknown[];
}

/**
 * Compiles a statement and makes its values bindable.
 *
 * @throws CompileError for what the database cannot do
 * @throws DataError for a value that its column cannot hold
 */
export function readyStatement(
  { statements, plans, dialect }: Pick<EngineCore, "statements" | "plans" | "dialect">,
  statement: Executable,
  parameters: TextParameters | undefined,
): ReadyStatement {
  if (!(statement instanceof Node)) throw notExecutable(statement);
  if (statement instanceof DmlStatement) checkValues(statement, dialect);
  const prepared = statements.prepare(statement, parameters);
  if (statement instanceof DmlStatement) checkDefaults(statement, prepared, dialect);
  const { compiled, values } = prepared;
  const plan = plans.of(compiled);
  return { compiled, plan, bound: plan.bind(values) };
}
