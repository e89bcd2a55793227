import type { DriverResult, ExecuteOptions } from "../../../engine/index.ts";
import type { ExecuteContext } from "./execute-context.ts";

/**
 * One statement of a flush. Its text is known when it is planned; its parameters are made when it is its turn, since
 * earlier statements may make the values.
 */
export interface FlushStatement {
  readonly sql: string;
  readonly parameters: () => readonly unknown[];
  readonly options?: ExecuteOptions | undefined;
  /** Its answer decides how to go on, or leads to further statements: nothing is sent along behind it. */
  readonly isAwaited?: boolean;
  /**
   * Checks what the database has answered, and takes down what it has made.
   * @throws StaleDataError when a row was not found
   */
  readonly receive?: (result: DriverResult, context: ExecuteContext) => void | Promise<void>;
}
