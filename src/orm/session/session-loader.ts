import type { Engine, PreparedQuery, RawResult } from "../../engine/index.ts";
import { andThen, isPromise, type MaybePromise } from "../../engine/maybe-promise.ts";
import type { BindParameter } from "../../expression/sql-expression.ts";
import type { SelectBase } from "../../statement/select-base.ts";
import type { IdentityMap } from "../instance/index.ts";
import type { LoaderContext, RawRows } from "../query/index.ts";
import type { SessionTransaction } from "./session-transaction.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

/** Loads into the objects of a session, on the connection of its transaction. */
export class SessionLoader implements LoaderContext {
  readonly hooks: UnitOfWork;
  readonly #engine: Engine;
  readonly #transaction: SessionTransaction;

  constructor(engine: Engine, objects: UnitOfWork, transaction: SessionTransaction) {
    this.#engine = engine;
    this.hooks = objects;
    this.#transaction = transaction;
  }

  get identityMap(): IdentityMap {
    return this.hooks.identityMap;
  }

  get dialect(): Engine["dialect"] {
    return this.#engine.dialect;
  }

  get onLoaded(): LoaderContext["onLoaded"] {
    const { reads } = this.#transaction;
    return reads.writes === "nothing" ? undefined : reads.note;
  }

  query(statement: SelectBase<unknown>): MaybePromise<RawRows> {
    return andThen(this.#transaction.connection(), (connection) =>
      andThen(connection.query(statement), (raw) => this.#noteWrites(raw)),
    );
  }

  prepare(statement: SelectBase<unknown>, parameters: readonly BindParameter<unknown>[]): PreparedQuery | null {
    return this.#engine.prepareQuery(statement, parameters);
  }

  runPrepared(query: PreparedQuery, values: readonly unknown[]): MaybePromise<RawRows> {
    if (query.writes) this.#transaction.reads.noteWrite("anything");
    const connection = this.#transaction.connection();
    return isPromise(connection)
      ? connection.then((open) => open.runPrepared(query, values))
      : connection.runPrepared(query, values);
  }

  async *stream(statement: SelectBase<unknown>): AsyncGenerator<readonly unknown[]> {
    const connection = await this.#transaction.connection();
    yield* connection.streamRaw(statement);
  }

  /** A SELECT may write, in a statement that its WITH names. */
  #noteWrites(raw: RawResult): RawResult {
    if (raw.compiled.writesInCte) this.#transaction.reads.noteWrite("anything");
    return raw;
  }
}
