import { type Connection, type Executable, Result } from "../../engine/index.ts";
import { objectOf } from "../../engine/row-shaper.ts";
import { TextFragment } from "../../expression/index.ts";
import { Delete, DmlStatement, type Row, SelectBase, Update } from "../../statement/index.ts";
import { Insert } from "../../statement/insert.ts";
import { Status } from "../instance/index.ts";
import { lowerReturning, type Returned, readReturned, runSelect } from "../query/index.ts";
import { changesObjects, deleteWithObjects, Follower, updateWithObjects } from "./bulk-write.ts";
import { withDiscriminator } from "./insert-discriminator.ts";
import type { SessionWork } from "./session-work.ts";

/** The type of a row of the statement, as a session gives it: with objects where classes are selected or returned. */
export type SessionRowOf<S> = S extends { readonly itemTypes: infer Items } ? Row<Items> : readonly unknown[];

/** Executes any statement on the connection of the session; what it writes is followed by the objects in memory. */
export async function executeStatement<S extends Executable>(
  work: SessionWork,
  given: S,
): Promise<Result<SessionRowOf<S>>> {
  const statement = given instanceof Insert ? withDiscriminator(given) : given;
  // The rows of a query are what its own type says.
  if (statement instanceof SelectBase) return (await executeSelect(work, statement)) as Result<SessionRowOf<S>>;
  const connection = await work.connection();
  if (!isReading(statement)) work.transaction.reads.noteWrite("anything");
  if (returnsObjects(statement))
    // So are the rows that it returns.
    return (await executeReturning(work, connection, statement)) as Result<SessionRowOf<S>>;
  // Without objects, the rows of a connection are those of a session.
  const execute = async () => (await connection.execute<Executable>(statement)) as Result<SessionRowOf<S>>;
  if (statement instanceof Update && changesObjects(statement)) return updateWithObjects(work, statement, execute);
  if (statement instanceof Delete && changesObjects(statement)) return deleteWithObjects(work, statement, execute);
  return execute();
}

/** Raw SQL that only reads; what cannot be told counts as writing. */
function isReading(statement: Executable): boolean {
  return statement instanceof TextFragment && /^\s*(select|values|explain|show)\b/i.test(statement.strings[0] ?? "");
}

function returnsObjects(statement: Executable): statement is DmlStatement<unknown, unknown> {
  return statement instanceof DmlStatement && statement.items.some(({ kind }) => kind === "entity");
}

/** A query for entities: its rows are tuples, or objects, as those of a connection are. */
async function executeSelect(work: SessionWork, statement: SelectBase<unknown>): Promise<Result<unknown>> {
  const rows = await runSelect(work.loader, statement);
  const { shape, keys } = statement;
  const valuesOf = (row: unknown): readonly unknown[] => {
    if (shape === "single") return [row];
    // Rows of several things are tuples, or objects with the names that were given.
    return shape === "tuple" ? (row as unknown[]) : keys.map((key) => (row as Record<string, unknown>)[key]);
  };
  return resultOf(statement, rows.map(valuesOf), { rowCount: rows.length, lastInsertId: null });
}

/** A statement that writes and returns objects: they are those of the session, as their rows are then. */
async function executeReturning(
  work: SessionWork,
  connection: Connection,
  statement: DmlStatement<unknown, unknown>,
): Promise<Result<unknown>> {
  const returning = lowerReturning(statement, work.engine.dialect);
  const execute = async () => connection.query(returning.statement);
  type Raw = Awaited<ReturnType<typeof execute>>;
  const read = (raw: Raw, follower: Follower | null): Promise<Returned> =>
    readReturned(work.loader, statement, returning, raw.rows, follower && ((...known) => follower.change(...known)));
  if (statement instanceof Delete) {
    // The objects are found as long as they are in the session.
    const executeAndRead = async () => {
      const raw = await execute();
      return { raw, ...(await read(raw, null)) };
    };
    const { raw, rows, written } = changesObjects(statement)
      ? await deleteWithObjects(work, statement, executeAndRead)
      : await executeAndRead();
    for (const entity of written) if (entity.$status === Status.persistent) work.leaveDeleted(entity);
    return resultOf(statement, rows, raw);
  }
  if (statement instanceof Update) {
    // Objects get their new keys before they are looked for.
    const raw = changesObjects(statement) ? await updateWithObjects(work, statement, execute) : await execute();
    return resultOf(statement, (await read(raw, null)).rows, raw);
  }
  const raw = await execute();
  const follower = new Follower(work);
  const returned = await read(raw, follower);
  await follower.finish();
  return resultOf(statement, returned.rows, raw);
}

/** Rows as those of a connection are: tuples, or objects. */
function resultOf(
  { shape, keys, outputs }: SelectBase<unknown> | DmlStatement<unknown, unknown>,
  values: readonly (readonly unknown[])[],
  { rowCount, lastInsertId }: Pick<Result<unknown>, "rowCount" | "lastInsertId">,
): Result<unknown> {
  return new Result<unknown>({
    values,
    rowCount,
    lastInsertId,
    shape: (row) => (shape === "object" ? objectOf(keys, row) : row),
    columnNames: () => (keys.length > 0 ? keys : outputs.map(({ name }) => name)),
  });
}
