import type { Dialect } from "../../../engine/dialect.ts";
import type { MaybePromise } from "../../../engine/maybe-promise.ts";
import type { RowOperation } from "../decompose/operation.ts";
import { boundValues } from "./bind.ts";
import { checkSuspended } from "./check-suspended.ts";
import type { ExecuteContext } from "./execute-context.ts";
import { followedKeys, isInMetadata, type Moved, ReferringKeys } from "./suspended-keys.ts";

/**
 * Switches the checks of foreign keys off for the operations that ask for it, and on again for others. At the end, rows
 * of tables that the metadata do not know follow the changed keys as well, and the flush does the checks that the
 * database has left out.
 */
export class Suspension {
  readonly #context: ExecuteContext;
  readonly #operations: RowOperation[] = [];
  #isSuspended = false;
  /** Checks were to be switched off: perhaps they are, though the answer did not come. */
  #wasSuspended = false;

  constructor(context: ExecuteContext) {
    this.#context = context;
  }

  /** Do these operations need the checks switched, off or on? */
  isSwitchedBy(operations: readonly RowOperation[]): boolean {
    return isSuspended(operations) !== this.#isSuspended;
  }

  switchFor(operations: readonly RowOperation[]): MaybePromise<void> {
    const wanted = isSuspended(operations);
    if (wanted) this.#operations.push(...operations);
    if (wanted !== this.#isSuspended) return this.#set(wanted);
  }

  /** @throws ForeignKeyViolation if rows refer to something that is not there */
  end(): MaybePromise<void> {
    const [first] = this.#operations;
    if (first !== undefined) return this.#check(first);
  }

  async #check(first: RowOperation): Promise<void> {
    const referring = new ReferringKeys(this.#context);
    const followed = await followedKeys(this.#operations, referring);
    for (const { foreignKey, child } of followed) {
      if (isInMetadata(foreignKey, first.table.metadata)) continue;
      await this.#set(true);
      await this.#move(child);
    }
    await this.#set(false);
    await checkSuspended(this.#context, this.#operations, followed, referring);
  }

  /** The transaction is about to be rolled back, which the setting of the connection would outlive. */
  abandon(): MaybePromise<void> {
    if (this.#wasSuspended) return this.#restore();
  }

  async #restore(): Promise<void> {
    const { connection, dialect } = this.#context;
    for (const sql of suspensionSwitch(dialect, true, false)) await connection.restore(sql);
  }

  async #move({ schema, table, names, types, changes }: Moved): Promise<void> {
    const { dialect, connection } = this.#context;
    const sql = dialect.suspension?.moveSql(table, schema, names, changes.length) ?? "";
    const parameters = changes.flatMap(({ before, after }) =>
      [before, after].flatMap((values) => boundValues(dialect, types, values)),
    );
    await connection.run(sql, parameters);
  }

  async #set(suspended: boolean): Promise<void> {
    const { connection, dialect } = this.#context;
    for (const sql of suspensionSwitch(dialect, this.#isSuspended, suspended)) {
      this.#wasSuspended ||= suspended;
      await connection.run(sql, []);
      this.#isSuspended = suspended;
    }
  }
}

/** Do these operations of one batch ask for suspended checks? */
export function isSuspended(operations: readonly RowOperation[]): boolean {
  return operations[0]?.suspended === true;
}

/** The statement that switches checks off or on; none if they are as wanted, or the database has no switch. */
export function suspensionSwitch({ suspension }: Dialect, is: boolean, wanted: boolean): readonly string[] {
  if (is === wanted || suspension === null) return [];
  return [wanted ? suspension.suspendSql : suspension.resumeSql];
}
