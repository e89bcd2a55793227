import type { Dialect } from "../../engine/dialect.ts";
import { andThen, type MaybePromise } from "../../engine/maybe-promise.ts";
import type { ForeignKeyConstraint, Table } from "../../schema/index.ts";
import { StoredSlots } from "./break/stored-slots.ts";
import { byTables } from "./collect/by-tables.ts";
import { collect, findChanges, loadValues } from "./collect/collect.ts";
import type { NetChanges } from "./collect/net-changes.ts";
import { refuseBlocked } from "./collect/refuse-blocked.ts";
import type { FlushContext } from "./context.ts";
import { type Decomposition, decompose } from "./decompose/decompose.ts";
import { MadeValues } from "./decompose/made-values.ts";
import type { RowOperation } from "./decompose/operation.ts";
import type { Touched } from "./decompose/touched.ts";
import { directDeletes } from "./direct/deleted-rows.ts";
import { DirectFlush, deleteDirectly } from "./direct/direct.ts";
import { showDeleted } from "./direct/show.ts";
import { isOrderedByTables } from "./edges/foreign-keys.ts";
import { addKeyChanges, type KeyChanges, mayChangeKeys, NO_CHANGES } from "./edges/key-changes.ts";
import { mayExchangeValues } from "./edges/unique-slots.ts";
import type { ForeignKeyBehaviour } from "./edges/way-of-following.ts";
import { deferConstraints } from "./execute/defer-constraints.ts";
import { executeBatches } from "./execute/execute.ts";
import { FlushGraph } from "./graph.ts";
import { foreignKeyBehaviour, order } from "./order.ts";
import { orderChangedKeys } from "./order-changed-keys.ts";
import type { Deferral, Ordered } from "./ordered.ts";
import { FlushPlan } from "./plan.ts";
import { SchemaFacts } from "./schema-facts.ts";
import { completeCollections } from "./show-upserted.ts";
import { inShapeOrder } from "./sort.ts";
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
  const made = new MadeValues();
  const direct = collected === null ? DirectFlush.of(context, made) : null;
  if (direct !== null) return direct.run();
  return andThen(collected ?? findChanges(context), (found) => {
    const deletes = directDeletes(found, context.dialect);
    if (deletes !== null) {
      context.beginWriting();
      return andThen(deleteDirectly(context, deletes), () => {
        context.endWriting();
        showDeleted(context, found.gone);
      });
    }
    const changes = byTables(found);
    return andThen(collected === null ? loadValues(context, found) : undefined, () =>
      andThen(makePlan(context, changes, false, made), (planned) =>
        andThen(execute(context, planned.plan), () => {
          context.endWriting();
          return finish(context, changes, planned);
        }),
      ),
    );
  });
}

/** What {@link flush} would do now. Reads what it must know from the database, and writes nothing. */
export async function plan(context: FlushContext): Promise<FlushPlan> {
  return (await makePlan(context, byTables(await collect(context)), true, new MadeValues())).plan;
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
  planned.finish?.();
  const rows = new WrittenRows(planned.operations, planned.decomposition, planned.decomposed);
  const { upserted, stale } = syncBack(context, rows, changes, planned.keyChanges);
  if (upserted.length === 0 && stale.isEmpty) return;
  return completeCollections(context, upserted).then(() => stale.read(context));
}

function nothingToDo({ pending, dirty, deleted }: FlushContext): boolean {
  return pending.length === 0 && dirty.length === 0 && deleted.length === 0;
}

interface Planned {
  readonly plan: FlushPlan;
  /** What wrote rows, or stands for it. */
  readonly operations: readonly RowOperation[];
  /** How many of them there were before circles were broken: they come first. */
  readonly decomposed: number;
  /** Is to be called when all is executed. */
  readonly finish?: () => void;
  readonly decomposition: Decomposition;
  readonly keyChanges: KeyChanges;
}

/**
 * The planner: pure functions from changed objects to batches. It asks the database only whether rows are left that refer
 * to a changed key and cannot follow it, and whether values on which rows are to wait are anybody's, if there are few.
 * @param withReasons every order between two rows is wanted, also where the order of their tables implies it
 * @param made what functions have made for rows already
 */
function makePlan(
  context: FlushContext,
  changes: NetChanges,
  withReasons: boolean,
  made: MadeValues,
): MaybePromise<Planned> {
  const stored = new StoredSlots();
  const again = (planned: Planned): MaybePromise<Planned> =>
    stored.hasQuestions
      ? stored.answer(context).then(() => andThen(makePlanWith(context, changes, withReasons, made, stored), again))
      : planned;
  return andThen(makePlanWith(context, changes, withReasons, made, stored), again);
}

function makePlanWith(
  context: FlushContext,
  changes: NetChanges,
  withReasons: boolean,
  made: MadeValues,
  stored: StoredSlots,
): MaybePromise<Planned> {
  const graph = new FlushGraph();
  const decomposition = decompose(graph, changes, context.dialect, made);
  const { byTable } = decomposition;
  context.beginWriting();
  const decomposed = graph.operations.length;
  const schema = new SchemaFacts(byTable.keys());
  const behaviour = foreignKeyBehaviour(context);
  const referring = (table: Table): readonly ForeignKeyConstraint[] => schema.referring(table);
  const keyChanges = mayChangeKeys(decomposition.touched, referring)
    ? addKeyChanges(graph, byTable, referring, behaviour)
    : NO_CHANGES;
  const planned = (): Planned =>
    putInOrder(context, changes, withReasons, {
      graph,
      decomposition,
      decomposed,
      schema,
      behaviour,
      keyChanges,
      stored,
    });
  return keyChanges.blocked.length > 0 ? refuseBlocked(context, keyChanges.blocked, byTable).then(planned) : planned();
}

/** What is known when every row and every changed key is. */
interface Rows {
  readonly graph: FlushGraph;
  readonly decomposition: Decomposition;
  readonly decomposed: number;
  readonly schema: SchemaFacts;
  readonly behaviour: ForeignKeyBehaviour;
  readonly keyChanges: KeyChanges;
  readonly stored: StoredSlots;
}

function putInOrder(
  context: FlushContext,
  changes: NetChanges,
  withReasons: boolean,
  { graph, decomposition, decomposed, schema, behaviour, keyChanges, stored }: Rows,
): Planned {
  const { byTable } = decomposition;
  const { dialect, identityMap } = context;
  refuseDuplicates(changes, decomposition, keyChanges, identityMap, dialect.name);
  const planned = (ordered: Ordered, written: Pick<Planned, "operations" | "finish">): Planned => {
    const plan = new FlushPlan(ordered, changes.orphans, dialect);
    return { plan, ...written, decomposed, decomposition, keyChanges };
  };
  const { operations, edges } = graph;
  if (keyChanges !== NO_CHANGES) {
    const { ordered, ...written } = orderChangedKeys(
      context,
      { graph, byTable, keyChanges, stored },
      schema,
      behaviour,
    );
    return planned(ordered, written);
  }
  const rank = (table: Table): number => schema.rank(table);
  if (!withReasons && edges.length === 0 && isPlain(decomposition.touched, schema, dialect)) {
    const batches = inShapeOrder(operations, rank, (table) => schema.below(table));
    return planned({ batches, edges, deferral: NO_DEFERRAL }, { operations });
  }
  return planned(order(context, { graph, byTable, keyChanges, stored }, schema, behaviour), { operations });
}

/** Is there nothing to find out row by row? */
function isPlain(written: ReadonlyMap<Table, Touched>, schema: SchemaFacts, dialect: Dialect): boolean {
  return !mayExchangeValues(written, dialect) && isOrderedByTables(written, schema);
}

const NO_DEFERRAL: Deferral = { constraints: new Set(), allForeignKeys: false };
