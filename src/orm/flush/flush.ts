import type { Dialect } from "../../engine/dialect.ts";
import { andThen, type MaybePromise } from "../../engine/maybe-promise.ts";
import { comparedTypes } from "../../schema/caseless.ts";
import type { ForeignKeyConstraint, Table } from "../../schema/index.ts";
import { type BreakContext, breakCycles } from "./break/break-cycles.ts";
import { leaveOutKeptKeys } from "./break/kept-keys.ts";
import { TemporaryValues } from "./break/temporary-values.ts";
import { byTables } from "./collect/by-tables.ts";
import { collect } from "./collect/collect.ts";
import type { NetChanges } from "./collect/net-changes.ts";
import { refuseBlocked } from "./collect/refuse-blocked.ts";
import type { FlushContext } from "./context.ts";
import { type Decomposition, decompose } from "./decompose/decompose.ts";
import type { RowOperation } from "./decompose/operation.ts";
import { BetweenSlots } from "./edges/between-slots.ts";
import { addForeignKeyEdges, isOrderedByTables } from "./edges/foreign-keys.ts";
import { addKeyChanges, type KeyChanges, NO_CHANGES } from "./edges/key-changes.ts";
import { restricts } from "./edges/referential-action.ts";
import { addUniqueSlotEdges, type Moved, mayExchangeValues } from "./edges/unique-slots.ts";
import type { ForeignKeyBehaviour } from "./edges/way-of-following.ts";
import { deferConstraints } from "./execute/defer-constraints.ts";
import { executeBatches } from "./execute/execute.ts";
import { writtenColumns } from "./execute/shape.ts";
import { FlushGraph } from "./graph.ts";
import { type Deferral, FlushPlan } from "./plan.ts";
import { lateForeignKeys, SchemaFacts } from "./schema-facts.ts";
import { completeCollections } from "./show-upserted.ts";
import { type Batch, sort } from "./sort.ts";
import { syncBack, WrittenRows } from "./sync.ts";
import { refuseDuplicates } from "./unite/refuse-duplicates.ts";

/**
 * Writes every pending change of a session to the database: collects it, plans a legal order, executes the plan and
 * tells the objects. Objects stay as they are until the last statement has succeeded.
 * @param collected the changes, if they were collected before and nothing has happened since
 * @throws FlushCycleError, DuplicateIdentityError, MissingPrimaryKeyError, NotNullViolation, DataError before the first
 * statement; database errors and StaleDataError from executing
 */
export function flush(context: FlushContext, collected: NetChanges | null = null): MaybePromise<void> {
  if (nothingToDo(context)) return;
  return andThen(collected ?? collect(context), (found) => {
    const changes = byTables(found);
    return andThen(makePlan(context, changes, false), (planned) =>
      andThen(execute(context, planned.plan), () => finish(context, changes, planned)),
    );
  });
}

/** What {@link flush} would do now. Reads what it must know from the database, and writes nothing. */
export async function plan(context: FlushContext): Promise<FlushPlan> {
  return (await makePlan(context, byTables(await collect(context)), true)).plan;
}

function execute(context: FlushContext, { isEmpty, deferral, batches }: FlushPlan): MaybePromise<void> {
  if (isEmpty) return;
  return andThen(context.connection(), (connection) => {
    const execution = { connection, dialect: context.dialect };
    const isDeferred = deferral.constraints.size > 0 || deferral.allForeignKeys;
    return isDeferred
      ? deferConstraints(execution, deferral).then(() => executeBatches(execution, batches))
      : executeBatches(execution, batches);
  });
}

/** Tells the objects what was written, and reads what only the database knows. */
function finish(context: FlushContext, changes: NetChanges, planned: Planned): MaybePromise<void> {
  const rows = new WrittenRows(planned.graph, planned.byEntity);
  const { upserted, stale } = syncBack(context, rows, changes, planned.keyChanges);
  if (upserted.length === 0 && stale.isEmpty) return;
  return completeCollections(context, upserted).then(() => stale.read(context));
}

function nothingToDo({ pending, dirty, deleted }: FlushContext): boolean {
  return pending.length === 0 && dirty.length === 0 && deleted.length === 0;
}

interface Planned {
  readonly plan: FlushPlan;
  readonly graph: FlushGraph;
  readonly byEntity: Decomposition["byEntity"];
  readonly keyChanges: KeyChanges;
}

/**
 * The planner: pure functions from changed objects to batches. It asks the database only whether rows are left that refer
 * to a changed key and cannot follow it.
 * @param withReasons every order between two rows is wanted, also where the order of their tables implies it
 */
function makePlan(context: FlushContext, changes: NetChanges, withReasons: boolean): MaybePromise<Planned> {
  const graph = new FlushGraph();
  const decomposition = decompose(graph, changes, context.dialect);
  const { byTable } = decomposition;
  const schema = new SchemaFacts(byTable.keys());
  const behaviour = foreignKeyBehaviour(context);
  const keyChanges = addKeyChanges(graph, byTable, (table) => schema.referring(table), behaviour);
  const order = (): Planned =>
    putInOrder(context, changes, withReasons, { graph, decomposition, schema, behaviour, keyChanges });
  return keyChanges.blocked.length > 0 ? refuseBlocked(context, keyChanges.blocked, byTable).then(order) : order();
}

/** What is known when every row and every changed key is. */
interface Rows {
  readonly graph: FlushGraph;
  readonly decomposition: Decomposition;
  readonly schema: SchemaFacts;
  readonly behaviour: ForeignKeyBehaviour;
  readonly keyChanges: KeyChanges;
}

function putInOrder(
  context: FlushContext,
  changes: NetChanges,
  withReasons: boolean,
  { graph, decomposition, schema, behaviour, keyChanges }: Rows,
): Planned {
  const { byTable } = decomposition;
  refuseDuplicates(changes, decomposition, keyChanges, context.identityMap, context.dialect.name);
  const rank = (table: Table): number => schema.rank(table);
  const below = (table: Table): readonly ForeignKeyConstraint[] => schema.below(table);
  if (!withReasons && keyChanges === NO_CHANGES && isPlain(byTable, rank, context.dialect)) {
    const plan = new FlushPlan(graph, sort(graph, rank, below).batches, NO_DEFERRAL, changes.orphans, context.dialect);
    return { plan, graph, byEntity: decomposition.byEntity, keyChanges };
  }
  addForeignKeyEdges(graph, byTable, {
    isEnforced: behaviour.isEnforced,
    isCheckedByRow: context.dialect.capabilities.foreignKeyChecks === "row",
    isFollowed: (foreignKey) => keyChanges.isFollowed(foreignKey),
    isReached: (foreignKey) => keyChanges.isReached(foreignKey),
    isDeferred: (foreignKey) => keyChanges.deferred.has(foreignKey),
    typesOf: ({ referredColumns }) => comparedTypes(referredColumns, context.dialect.name, referredColumns),
    bringersOf: (foreignKey, operation) => keyChanges.bringersOf(foreignKey, operation),
    moved: (table, row) => keyChanges.moved(table, row),
  });
  addUniqueSlotEdges(graph, byTable, (table, row) => keyChanges.moved(table, row), context.dialect);
  const breaking = breakContext(context, behaviour, keyChanges, schema, byTable);
  let sorted = sort(graph, rank, below);
  while (sorted.stuck.length > 0) {
    breakCycles(graph, sorted.stuck, breaking); // what breaks one circle may close another
    sorted = sort(graph, rank, below);
  }
  if (keyChanges !== NO_CHANGES && leaveOutKeptKeys(graph)) sorted = sort(graph, rank, below);
  const batches = sorted.batches.filter(writesSomething);
  const deferral = { constraints: breaking.deferred, allForeignKeys: breaking.deferAllForeignKeys };
  const plan = new FlushPlan(graph, batches, deferral, changes.orphans, context.dialect);
  return { plan, graph, byEntity: decomposition.byEntity, keyChanges };
}

/** An UPDATE of which nothing was left says nothing. */
function writesSomething({ shape: { kind, isCompound }, operations: [first] }: Batch): boolean {
  return kind !== "update" || isCompound || first === undefined || writtenColumns(first).length > 0;
}

/** Is there nothing to find out row by row? */
function isPlain(
  byTable: ReadonlyMap<Table, readonly RowOperation[]>,
  rank: (table: Table) => number,
  dialect: Dialect,
): boolean {
  return !mayExchangeValues(byTable, dialect) && isOrderedByTables(byTable, rank);
}

const NO_DEFERRAL: Deferral = { constraints: new Set(), allForeignKeys: false };

function foreignKeyBehaviour({
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
  keyChanges: KeyChanges,
  schema: SchemaFacts,
  byTable: ReadonlyMap<Table, readonly RowOperation[]>,
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
    keyBefore: (foreignKey, operation) => keyChanges.keyBefore(foreignKey, operation),
    between: new BetweenSlots(byTable, moved, dialect),
    temporary: new TemporaryValues(byTable, moved, dialect, (table) => schema.referring(table)),
    followed: new Set(keyChanges.followed.flatMap(({ columns }) => columns)),
    preferLate: lateForeignKeys(byTable.keys()),
    deferred: new Set(capabilities.transactionDeferredForeignKeys ? [] : keyChanges.deferred),
    deferAllForeignKeys: capabilities.transactionDeferredForeignKeys && keyChanges.deferred.size > 0,
  };
}
