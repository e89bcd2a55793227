import { type Executable, Result, type RowOf } from "../../engine/index.ts";
import { TextFragment } from "../../expression/index.ts";
import { Delete, SelectBase, Update } from "../../statement/index.ts";
import { runSelect } from "../query/index.ts";
import { changesObjects, deleteWithObjects, updateWithObjects } from "./bulk-write.ts";
import type { SessionWork } from "./session-work.ts";

/** Executes any statement on the connection of the session; what it writes is followed by the objects in memory. */
export async function executeStatement<S extends Executable>(
  work: SessionWork,
  statement: S,
): Promise<Result<RowOf<S>>> {
  if (statement instanceof SelectBase) {
    // The rows of a query are what its own type says.
    return (await executeSelect(work, statement)) as Result<RowOf<S>>;
  }
  const connection = await work.connection();
  if (!isReading(statement)) work.transaction.reads.noteWrite("anything");
  const execute = (): Promise<Result<RowOf<S>>> => connection.execute(statement);
  if (statement instanceof Update && changesObjects(statement)) return updateWithObjects(work, statement, execute);
  if (statement instanceof Delete && changesObjects(statement)) return deleteWithObjects(work, statement, execute);
  return execute();
}

/** Raw SQL that only reads; what cannot be told counts as writing. */
function isReading(statement: Executable): boolean {
  return statement instanceof TextFragment && /^\s*(select|values|explain|show)\b/i.test(statement.strings[0] ?? "");
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
  const toRow = (values: readonly unknown[]): unknown =>
    shape === "object" ? Object.fromEntries(keys.map((key, i) => [key, values[i]])) : values;
  return new Result<unknown>({
    values: rows.map(valuesOf),
    rowCount: rows.length,
    lastInsertId: null,
    shape: toRow,
    columnNames: () => (keys.length > 0 ? keys : statement.outputs.map(({ name }) => name)),
  });
}
