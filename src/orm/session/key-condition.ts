import { and, or, type SqlExpression } from "../../expression/index.ts";
import type { Column } from "../../schema/index.ts";
import type { SessionWork } from "./session-work.ts";

/** The condition that columns have the values of one of the rows. */
export function anyOf(columns: readonly Column[], rows: readonly (readonly unknown[])[]): SqlExpression<boolean> {
  const [only] = columns;
  // Keys are never null.
  if (columns.length === 1 && only !== undefined) return only.in(rows.map(([value]) => value as {}));
  return or(...rows.map((row) => and(...columns.map((column, i) => column.eq(row[i] as {})))));
}

/** Cuts rows of values into lists that fit into one statement each. */
export function* inChunks<T extends readonly unknown[]>(work: SessionWork, rows: readonly T[]): Generator<readonly T[]> {
  const width = rows[0]?.length ?? 1;
  const size = Math.max(1, Math.floor(work.engine.dialect.capabilities.maxParameters / width));
  for (let start = 0; start < rows.length; start += size) yield rows.slice(start, start + size);
}
