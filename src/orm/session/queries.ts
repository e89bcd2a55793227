import type { StatementOptions } from "../../engine/index.ts";
import { andThen, type MaybePromise } from "../../engine/maybe-promise.ts";
import { ArgumentError, InvalidStateError, MultipleResultsFound, NoResultFound } from "../../errors/index.ts";
import type { Query } from "../../expression/index.ts";
import { DmlStatement, SelectBase } from "../../statement/index.ts";
import { runSelect, streamSelect } from "../query/index.ts";
import { executeStatement } from "./execute.ts";
import { assertStatementOptions } from "./option-checks.ts";
import type { SessionWork } from "./session-work.ts";
import { inTurn, inTurnFlushed } from "./turn.ts";

/**
 * Everything that the query of `method` selects, or no more than `limit`, unless the statement says how many itself. Also
 * all that an INSERT, UPDATE or DELETE returns, which writes all its rows in any case.
 */
export function selectAll<R>(
  work: SessionWork,
  method: string,
  statement: Query<R>,
  options: StatementOptions | undefined,
  limit?: number,
): MaybePromise<R[]> {
  assertStatementOptions(method, options);
  if (statement instanceof DmlStatement && statement.items.length > 0) {
    return inTurnFlushed(work, () => returnedBy<R>(work, statement), options);
  }
  const query = queryOf(method, statement);
  const limited = limit === undefined || query.limitCount !== null ? query : query.limit(limit);
  return inTurnFlushed(work, () => runSelect<R>(work.loader, limited), options);
}

async function returnedBy<R>(work: SessionWork, statement: DmlStatement<unknown, unknown>): Promise<R[]> {
  const result = await executeStatement(work, statement);
  // R is the type of the row as the statement's `returning` says it.
  return (statement.shape === "single" ? result.scalars() : result.all()) as R[];
}

/** The first of what the query selects, or null. */
export function selectFirst<R>(
  work: SessionWork,
  statement: Query<R>,
  options: StatementOptions | undefined,
): MaybePromise<R | null> {
  return andThen<R[], R | null>(selectAll(work, "first()", statement, options, 1), firstOf);
}

/** The only one that the query selects; throws if there is none, or more. */
export function selectOne<R>(
  work: SessionWork,
  statement: Query<R>,
  options: StatementOptions | undefined,
): MaybePromise<R> {
  return andThen(selectAtMostOne(work, "one()", statement, options), (rows) => {
    if (rows.length === 0) {
      throw new NoResultFound(
        "No row was found where exactly one was asked for. Use oneOrNull() if there may be none.",
      );
    }
    // The length was checked; R itself may include undefined.
    return rows[0] as R;
  });
}

/** The only one that the query selects, or null; throws if there are more. */
export function selectOneOrNull<R>(
  work: SessionWork,
  statement: Query<R>,
  options: StatementOptions | undefined,
): MaybePromise<R | null> {
  return andThen<R[], R | null>(selectAtMostOne(work, "oneOrNull()", statement, options), firstOf);
}

/** What the query selects, one after the other. Each is fetched in a turn of its own. */
export async function* streamAll<R>(
  work: SessionWork,
  statement: Query<R>,
  options: StatementOptions | undefined,
): AsyncGenerator<R, void, undefined> {
  assertStatementOptions("stream()", options);
  const query = queryOf("stream()", statement);
  const begin = async () => streamSelect<R>(work.loader, query)[Symbol.asyncIterator]();
  const rows = await inTurnFlushed(work, begin, options);
  const transaction = work.transaction.number;
  try {
    for (;;) {
      const next = await inTurn(
        work,
        () => {
          if (work.transaction.number === transaction) return rows.next();
          throw new InvalidStateError("The transaction ended while its rows were being read. Read them all before.");
        },
        options,
      );
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await work.queue.run(() => rows.return?.());
  }
}

function selectAtMostOne<R>(
  work: SessionWork,
  method: string,
  statement: Query<R>,
  options: StatementOptions | undefined,
): MaybePromise<R[]> {
  // Two are enough to see that there are too many.
  return andThen(selectAll(work, method, statement, options, 2), (rows) => {
    if (rows.length < 2) return rows;
    throw new MultipleResultsFound(
      "More than one row was found where one at most was asked for. Use all() or first(), or narrow the condition.",
    );
  });
}

function firstOf<R>(rows: readonly R[]): R | null {
  // The length is checked; R itself may include undefined.
  return rows.length === 0 ? null : (rows[0] as R);
}

/** The statement behind the cheap face that the signatures show: comparing whole statements would cost type checks dear. */
function queryOf<R>(method: string, statement: Query<R>): SelectBase<R> {
  if (statement instanceof SelectBase) return statement;
  throw new ArgumentError(
    `${method} takes a query, made by select(...)${method === "stream()" ? "" : ", or a statement with returning(...)"}. Other statements go to session.execute(...).`,
  );
}
