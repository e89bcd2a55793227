import { FlushCycleError } from "../../errors/index.ts";
import { TemporaryValues } from "./break/temporary-values.ts";
import type { FlushContext } from "./context.ts";
import type { RowOperation } from "./decompose/operation.ts";
import { addKeyChanges, type KeyChanges } from "./edges/key-changes.ts";
import type { ForeignKeyBehaviour } from "./edges/way-of-following.ts";
import { order, type Unordered } from "./order.ts";
import type { Ordered } from "./ordered.ts";
import { FlushRows, type RehearsedSession, RowsOfOperations } from "./rehearse/flush-rows.ts";
import type { KnownRows } from "./rehearse/known-rows.ts";
import { Rehearsal, type RehearsedDatabase } from "./rehearse/rehearsal.ts";
import type { SchemaFacts } from "./schema-facts.ts";
import { addTargets, followedBy } from "./stages/final-targets.ts";
import { planInStages, type Staged, type StagesContext } from "./stages/in-stages.ts";
import { mayBeMiscounted } from "./stages/miscounted.ts";

/** An order, and what it leaves behind for the objects to be told. */
export interface OrderedKeys {
  readonly ordered: Ordered;
  /** The operations from which the objects learn what their rows have. */
  readonly operations: readonly RowOperation[];
  /** Is to be called when all is executed. */
  readonly finish?: Staged["finish"];
}

/**
 * The order of a flush in which keys change that rows refer to. Where they are followed along several foreign keys, it is
 * rehearsed in memory. If it turns out wrong, or there is none, the flush is planned in stages.
 * @throws FlushCycleError if there is no order
 */
export function orderChangedKeys(
  context: FlushContext,
  whole: Unordered,
  schema: SchemaFacts,
  behaviour: ForeignKeyBehaviour,
): OrderedKeys {
  const { graph, byTable, keyChanges } = whole;
  const stages = stagesContext(context, whole, schema, behaviour);
  const asMade = new FlushRows(byTable);
  const known = mayMeet(whole) ? knownBefore(asMade, keyChanges, stages) : null;
  const ordered = orderOrError(() => order(context, whole, schema, behaviour));
  if (!(ordered instanceof FlushCycleError)) {
    const leads = known === null || leadsToEnd(ordered, asMade, known, stages.database);
    if (leads && !keyChanges.areEntangled && !isMiscounted(context, whole, behaviour))
      return { ordered, operations: graph.operations };
  }
  const asOrdered = new FlushRows(byTable);
  asMade.restore();
  const staged = planInStages(asMade, stages);
  if (staged !== null) {
    const operations = asMade.rows.map(({ operation }) => operation);
    return { ordered: staged, operations, finish: staged.finish };
  }
  if (ordered instanceof FlushCycleError) throw ordered;
  if (keyChanges.areEntangled) throw entangled(keyChanges);
  asOrdered.restore(); // the database has the last word
  return { ordered, operations: graph.operations };
}

/** Rows would end at another row, and no constraint would notice. */
function entangled({ followed }: KeyChanges): FlushCycleError {
  const tables = [...new Set(followed.map(({ foreignKey }) => foreignKey.table.name))];
  const names = followed.map(({ foreignKey: { name, columns } }) => name ?? columns.map((one) => one.name).join(", "));
  return new FlushCycleError(
    `Keys change hands, and rows of ${tables.join(" and ")} follow them by several foreign keys that share columns (${names.join("; ")}): one ` +
      "could take them to another row than the other. Nothing was executed. Change one key after the other, with a flush in " +
      "between, or declare these foreign keys alike.",
  );
}

function stagesContext(
  context: FlushContext,
  { graph, byTable, keyChanges, stored }: Unordered,
  schema: SchemaFacts,
  behaviour: ForeignKeyBehaviour,
): StagesContext {
  const { dialect } = context;
  const { capabilities } = dialect;
  const referring: RehearsedDatabase["referring"] = (table) => schema.referring(table);
  return {
    dialectName: dialect.name,
    identityMap: context.identityMap,
    database: {
      isEnforced: behaviour.isEnforced,
      actsAtStatementEnd: capabilities.foreignKeyActions === "statement",
      carriesTogether: capabilities.updateFrom,
      referring,
    },
    keyChanges,
    temporary: new TemporaryValues(byTable, (table, row) => keyChanges.moved(table, row), dialect, referring, stored),
    graph,
    referring,
    rank: (table) => schema.rank(table),
    order: (part, partByTable) => {
      const changes = addKeyChanges(part, partByTable, referring, behaviour);
      if (changes.blocked.length > 0) return null;
      const unordered = { graph: part, byTable: partByTable, keyChanges: changes, stored, isPart: true };
      const ordered = orderOrError(() => order(context, unordered, schema, behaviour));
      return ordered instanceof FlushCycleError ? null : ordered;
    },
  };
}

function orderOrError(make: () => Ordered): Ordered | FlushCycleError {
  try {
    return make();
  } catch (error) {
    if (error instanceof FlushCycleError) return error;
    throw error;
  }
}

/** The rows that the flush knows, with those to which others are to refer. */
function knownBefore(rows: FlushRows, keyChanges: KeyChanges, session: RehearsedSession): KnownRows {
  const known = rows.atFirst(session, followedBy(keyChanges));
  addTargets(known, rows.rows, keyChanges);
  return known;
}

/** Are there rows that follow changed keys along several foreign keys, and that the flush writes as well? */
function mayMeet({ byTable, keyChanges: { followed } }: Unordered): boolean {
  return followed.length > 1 && followed.some(({ foreignKey }) => byTable.has(foreignKey.table));
}

function isMiscounted(
  { dialect }: FlushContext,
  { byTable, keyChanges: { followed } }: Unordered,
  { isEnforced }: ForeignKeyBehaviour,
): boolean {
  return (
    dialect.capabilities.miscountsOwnReferences && mayBeMiscounted(followed, isEnforced, (one) => byTable.has(one))
  );
}

/** Does the plan leave all rows that the flush writes as they are to be? */
function leadsToEnd(
  { batches, deferral }: Ordered,
  { rows }: FlushRows,
  known: KnownRows,
  database: RehearsedDatabase,
): boolean {
  const rehearsal = new Rehearsal(known, new RowsOfOperations(rows), database);
  return (rehearsal.run(batches, deferral) ?? rehearsal.checkEnd(rows)) === null;
}
