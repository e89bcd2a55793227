import type { Dialect } from "../../engine/dialect.ts";
import { copyWith } from "../../expression/traverse.ts";
import { Delete } from "../../statement/delete.ts";
import type { DmlStatement } from "../../statement/dml-statement.ts";
import { ExpressionItem } from "../../statement/select-item.ts";
import type { Entity } from "../instance/index.ts";
import type { Mapper } from "../mapping/index.ts";
import { planEntity, RowLayout } from "./entity-plan.ts";
import { EntityTables } from "./entity-tables.ts";
import { Hydration, type KnownObjectListener, type Row } from "./hydrate.ts";
import { loadAll } from "./load-relationship.ts";
import { defaultLoads, NO_LOADS } from "./load-tree.ts";
import type { LoaderContext } from "./loader-context.ts";
import { mapperOfItem, withoutJoins } from "./lower.ts";
import { isComplete, refreshEntities } from "./refresh.ts";
import { type ItemPlan, type RowPlan, readRows } from "./row-plan.ts";

/** An INSERT, UPDATE or DELETE that returns objects, made into one that a connection can execute. */
export interface Returning {
  readonly statement: DmlStatement<unknown, unknown>;
  /** How its rows become tuples of what the statement names. */
  readonly plan: RowPlan;
}

/** What a statement returned. */
export interface Returned {
  /** For each row the things that the statement names, in their order. */
  readonly rows: readonly (readonly unknown[])[];
  /** The objects of the rows that the statement wrote. */
  readonly written: readonly Entity[];
}

/** Finds out which columns the objects need that a statement returns. */
export function lowerReturning(statement: DmlStatement<unknown, unknown>, dialect: Dialect): Returning {
  const layout = new RowLayout(dialect);
  const items = statement.items.map((item): ItemPlan => {
    if (item.kind === "expression") return { kind: "value", value: layout.append(item.expression) };
    const mapper = mapperOfItem(item);
    const tables = EntityTables.of(item.from, mapper);
    for (const property of familyColumns(mapper)) {
      const column = property.columns.find((one) => tables.has(one));
      if (column !== undefined) layout.value(tables.columnOf(column));
    }
    // The rows are no longer there to have anything.
    const tree = statement instanceof Delete ? NO_LOADS : withoutJoins(defaultLoads(mapper));
    return { kind: "entity", plan: planEntity(mapper, tables, layout, tree, true) };
  });
  return {
    statement: copyWith(statement, {
      items: layout.expressions.map((expression) => new ExpressionItem(expression)),
      shape: "tuple",
      keys: [],
    }),
    plan: { items, shape: "tuple", keys: [], repeatsRows: false },
  };
}

/**
 * Makes the rows of a statement what it names, and loads what belongs to its objects: columns in tables that no RETURNING
 * reaches, and relationships as the mapping says.
 *
 * @param original the statement as it was given
 * @param onKnown is told what the rows have of objects that the session had before
 */
export async function readReturned(
  context: LoaderContext,
  original: DmlStatement<unknown, unknown>,
  { plan }: Returning,
  raw: readonly Row[],
  onKnown: KnownObjectListener | null,
): Promise<Returned> {
  const hydration = new Hydration(context, null, onKnown);
  const rows = readRows(plan, raw, hydration) as (readonly unknown[])[]; // their shape is that of tuples
  const written = new Set<Entity>();
  for (const [position, item] of original.items.entries()) {
    if (item.kind !== "entity" || item.from !== original.table) continue;
    for (const row of rows) written.add(row[position] as Entity); // what an entity item makes, of rows that have keys
  }
  const pending = hydration.finish();
  if (!(original instanceof Delete)) {
    const incomplete = [...written].filter((entity) => !isComplete(entity));
    if (incomplete.length > 0) await refreshEntities(context, incomplete);
  }
  if (pending.length > 0) await loadAll(context, pending, null);
  return { rows, written: [...written] };
}

/** The columns that objects of a class, or of those that extend it, load by themselves. */
function familyColumns(mapper: Mapper) {
  return mapper.selfAndDescendants().flatMap(({ columns }) => columns.filter(({ column }) => !column.deferred));
}
