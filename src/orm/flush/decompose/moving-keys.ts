import type { Column } from "../../../schema/index.ts";
import type { Entity } from "../../instance/index.ts";

/** The keys that changed objects change in a flush. */
export class MovingKeys {
  readonly #updates: readonly Entity[];
  #columns: ReadonlySet<Column<unknown>> | null = null;

  constructor(updates: readonly Entity[]) {
    this.#updates = updates;
  }

  /** May rows get another key in the column, by themselves or by following another row? */
  mayMove(column: Column<unknown>): boolean {
    this.#columns ??= movingColumns(this.#updates);
    return this.#columns.has(column) || (this.#columns.size > 0 && column.foreignKeys.length > 0);
  }
}

function movingColumns(updates: readonly Entity[]): ReadonlySet<Column<unknown>> {
  const moving = new Set<Column<unknown>>();
  for (const { $changes: changes } of updates) {
    for (const property of changes?.properties() ?? []) {
      // A foreign key may show what it was, since what it refers to had another key for a while.
      if (property.kind === "relationship" && property.direction !== "manyToOne") continue;
      const columns = property.kind === "column" ? property.columns : property.pairs.map(({ local }) => local);
      for (const column of columns) if (isKey(column)) moving.add(column);
    }
  }
  return moving;
}

function isKey(column: Column<unknown>): boolean {
  return column.table.uniqueKeys.some(({ columns }) => columns?.includes(column) === true);
}
