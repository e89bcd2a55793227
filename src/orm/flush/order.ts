import type { ForeignKeyConstraint, Table } from "../../schema/index.ts";
import { comparedTypes } from "../../schema/same-texts.ts";
import type { BreakContext } from "./break/break-cycles.ts";
import { breakCycles } from "./break/break-cycles.ts";
import { leaveOutKeptKeys } from "./break/kept-keys.ts";
import type { StoredSlots } from "./break/stored-slots.ts";
import { TemporaryValues } from "./break/temporary-values.ts";
import type { FlushContext } from "./context.ts";
import type { RowOperation } from "./decompose/operation.ts";
import { BetweenSlots } from "./edges/between-slots.ts";
import { addForeignKeyEdges } from "./edges/foreign-keys.ts";
import { type KeyChanges, NO_CHANGES } from "./edges/key-changes.ts";
import { restricts } from "./edges/referential-action.ts";
import { type Dangling, refersToDeleted } from "./edges/refuse-dangling.ts";
import { addUniqueSlotEdges, type Moved } from "./edges/unique-slots.ts";
import type { ForeignKeyBehaviour } from "./edges/way-of-following.ts";
import { writtenColumns } from "./execute/shape.ts";
import type { FlushGraph } from "./graph.ts";
import { orderBeforeTheyGo } from "./hold-back.ts";
import type { Ordered } from "./ordered.ts";
import { lateForeignKeys, type SchemaFacts } from "./schema-facts.ts";
import { type Batch, sort } from "./sort.ts";

/** The operations of a flush, or of a part of it, and what is known of the keys that they change. */
export interface Unordered {
  readonly graph: FlushGraph;
  readonly byTable: Map<Table, RowOperation[]>;
  readonly keyChanges: KeyChanges;
  /** What is known of rows that the flush does not write. */
  readonly stored: StoredSlots;
  /** There are others: what a row refers to may come and go with them. */
  readonly isPart?: boolean;
}

/**
 * Finds out which row has to wait for which, and sorts them; what waits for each other in a circle is taken apart.
 * @throws FlushCycleError if there is no order
 */
export function order(
  context: FlushContext,
  { graph, byTable, keyChanges, stored, isPart }: Unordered,
  schema: SchemaFacts,
  behaviour: ForeignKeyBehaviour,
): Ordered {
  const dangling: Dangling[] = [];
  addForeignKeyEdges(graph, byTable, {
    looseOf: (table) => schema.loose(table),
    isEnforced: behaviour.isEnforced,
    isCheckedByRow: context.dialect.capabilities.foreignKeyChecks === "row",
    isFollowed: (foreignKey) => keyChanges.isFollowed(foreignKey),
    isReached: (foreignKey) => keyChanges.isReached(foreignKey),
    isDeferred: (foreignKey) => keyChanges.deferred.has(foreignKey),
    typesOf: ({ referredColumns }) => comparedTypes(referredColumns, context.dialect.name, referredColumns),
    bringersOf: (foreignKey, operation) => keyChanges.bringersOf(foreignKey, operation),
    moved: (table, row) => keyChanges.moved(table, row),
    dangling,
  });
  const [first] = dangling;
  if (first !== undefined && isPart !== true) throw refersToDeleted(first);
  addUniqueSlotEdges(graph, byTable, (table, row) => keyChanges.moved(table, row), context.dialect);
  orderBeforeTheyGo(graph, (table) => schema.below(table), behaviour.isEnforced);
  const rank = (table: Table): number => schema.rank(table);
  const below = (table: Table): readonly ForeignKeyConstraint[] => schema.below(table);
  const breaking = breakContext(context, behaviour, { byTable, keyChanges, stored }, schema);
  let sorted = sort(graph, rank, below);
  while (sorted.stuck.length > 0) {
    breakCycles(graph, sorted.stuck, breaking); // what breaks one circle may close another
    sorted = sort(graph, rank, below);
  }
  if (keyChanges !== NO_CHANGES && leaveOutKeptKeys(graph)) sorted = sort(graph, rank, below);
  const batches = sorted.batches.filter(writesSomething);
  const deferral = { constraints: breaking.deferred, allForeignKeys: breaking.deferAllForeignKeys };
  return { batches, deferral, edges: graph.edges };
}

/** An UPDATE of which nothing was left says nothing. */
function writesSomething({ shape: { kind, isCompound }, operations: [first] }: Batch): boolean {
  return kind !== "update" || isCompound || first === undefined || writtenColumns(first).length > 0;
}

export function foreignKeyBehaviour({
  dialect,
  foreignKeysEnforced,
  suspendForeignKeyChecks,
}: FlushContext): ForeignKeyBehaviour {
  const { capabilities } = dialect;
  return {
    isEnforced: (foreignKey) => foreignKeysEnforced && dialect.enforcesForeignKey(foreignKey),
    canDefer: (foreignKey) =>
      capabilities.transactionDeferredForeignKeys ||
      (capabilities.deferrableForeignKeys && foreignKey.deferrable && !restricts(foreignKey.onUpdate)),
    sharesStatement: capabilities.dataModifyingCte,
    suspends: capabilities.suspendableForeignKeys && suspendForeignKeyChecks,
    cascadesInCircles: capabilities.cascadesInCircles,
  };
}

function breakContext(
  { dialect, foreignKeysEnforced }: FlushContext,
  { sharesStatement, suspends, cascadesInCircles }: ForeignKeyBehaviour,
  { byTable, keyChanges, stored }: Omit<Unordered, "graph">,
  schema: SchemaFacts,
): BreakContext {
  const { capabilities } = dialect;
  const moved: Moved = (table, row) => keyChanges.moved(table, row);
  return {
    checksAtStatementEnd: capabilities.foreignKeyChecks === "statement",
    actsAtStatementEnd: capabilities.foreignKeyActions === "statement",
    sharesStatement,
    drawsKeys: capabilities.sequences,
    canDeferAllForeignKeys: capabilities.transactionDeferredForeignKeys || !foreignKeysEnforced,
    canSuspendForeignKeys: suspends,
    maySuspendForeignKeys: capabilities.suspendableForeignKeys && !suspends,
    canDeferDeclared: capabilities.deferrableForeignKeys,
    canDeferUnique: capabilities.deferrableUnique,
    maxParameters: capabilities.maxParameters,
    cascadesInCircles,
    referring: (table) => schema.referring(table),
    moved,
    between: new BetweenSlots(byTable, moved, dialect),
    temporary: new TemporaryValues(byTable, moved, dialect, (table) => schema.referring(table), stored),
    followed: new Set(keyChanges.followed.flatMap(({ columns }) => columns)),
    preferLate: lateForeignKeys(byTable.keys()),
    deferred: new Set(capabilities.transactionDeferredForeignKeys ? [] : keyChanges.deferred),
    deferAllForeignKeys: capabilities.transactionDeferredForeignKeys && keyChanges.deferred.size > 0,
  };
}
