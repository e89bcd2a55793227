import type { Dialect } from "../../../engine/dialect.ts";
import type { Connection } from "../../../engine/index.ts";

/** Where a plan is executed. */
export interface ExecuteContext {
  readonly connection: Connection;
  readonly dialect: Dialect;
}
