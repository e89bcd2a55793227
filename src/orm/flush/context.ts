import type { Dialect } from "../../engine/dialect.ts";
import type { Connection } from "../../engine/index.ts";
import type { MaybePromise } from "../../engine/maybe-promise.ts";
import type { Entity, IdentityMap } from "../instance/index.ts";
import type { LoaderContext } from "../query/index.ts";
import type { UndoLog } from "./undo-log.ts";

/** What a flush needs of the session that runs it. */
export interface FlushContext {
  readonly identityMap: IdentityMap;
  readonly loader: LoaderContext;
  /** New objects, in the order in which they were added. */
  readonly pending: readonly Entity[];
  /** Stored objects that changed since the last flush, and those that turn out to lose their place to others. */
  readonly dirty: Entity[];
  /** Stored objects that somebody asked to delete. */
  readonly deleted: readonly Entity[];
  /** Where everything that the flush does to objects is written down, so that a rollback can take it back. */
  readonly undo: UndoLog;
  readonly dialect: Dialect;
  /** The database checks foreign keys on this connection. */
  readonly foreignKeysEnforced: boolean;
  /** Checks of foreign keys may be suspended where nothing else helps, and where the database can. */
  readonly suspendForeignKeyChecks: boolean;
  /** The values of the objects are taken: what the program sets from now on is not in the flush. Also called twice. */
  beginWriting(): void;
  /** All statements are executed: from now on the flush itself changes the objects. */
  endWriting(): void;
  /** The connection of the session's transaction, begun if need be. */
  connection(): MaybePromise<Connection>;
}
