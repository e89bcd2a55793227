import type { ForeignKeyConstraint, Table, UniqueKey } from "../../schema/index.ts";
import type { Entity } from "../instance/index.ts";
import type { RowOperation } from "./decompose/operation.ts";
import { describeOperation } from "./describe.ts";
import { explainEdge } from "./explain-edge.ts";
import type { FlushGraph } from "./graph.ts";
import { planToMermaid, planToString } from "./print.ts";
import type { Batch } from "./sort.ts";

/** One batch of a plan: rows that one statement writes, or as few as the parameter limit allows. */
export interface PlanStep {
  readonly kind: RowOperation["kind"];
  readonly table: Table;
  /** The columns that are written. */
  readonly columns: readonly string[];
  readonly rowCount: number;
  /** Each row, in words. */
  readonly rows: readonly string[];
}

/** Why one operation runs before another. */
export interface PlanOrder {
  readonly before: string;
  readonly after: string;
  readonly reason: string;
}

/** What has to be put off to the end of the transaction for the plan to be legal. */
export interface Deferral {
  readonly constraints: ReadonlySet<ForeignKeyConstraint | UniqueKey>;
  /** Every foreign key (SQLite). */
  readonly allForeignKeys: boolean;
}

/**
 * What a flush would do, as data: made without executing anything. Texts and reasons are put together when somebody
 * asks for them.
 * @example
 * ```ts
 * import { createEngine, declarativeBase, integer, Session, varchar } from "alkahest";
 *
 * const Base = declarativeBase();
 * class Tag extends Base("tag", { id: integer().primaryKey(), name: varchar(20) }) {}
 * const engine = createEngine("sqlite::memory:");
 * await Base.metadata.createAll(engine);
 * const session = new Session(engine);
 * session.add(new Tag({ name: "red" }));
 * const plan = await session.plan();
 * if (plan.steps[0]?.kind !== "insert") throw new Error("one insert was planned");
 * await session.close();
 * await engine.dispose();
 * ```
 */
export class FlushPlan {
  readonly batches: readonly Batch[];
  readonly deferral: Deferral;
  /** Objects that are deleted because nobody owns them any more. */
  readonly orphans: readonly object[];
  readonly #graph: FlushGraph;

  constructor(graph: FlushGraph, batches: readonly Batch[], deferral: Deferral, orphans: Iterable<Entity>) {
    this.#graph = graph;
    this.batches = batches;
    this.deferral = deferral;
    this.orphans = [...orphans];
  }

  /** The batches in the order in which they run. */
  get steps(): readonly PlanStep[] {
    return this.batches.map(({ shape, operations }) => ({
      kind: shape.kind,
      table: shape.table,
      columns: shape.table.columns
        .filter((column) => operations[0]?.after[column.index] !== undefined)
        .map((column) => column.name),
      rowCount: operations.length,
      rows: operations.map(describeOperation),
    }));
  }

  /** Every order between two rows, with the constraint that asks for it. */
  get orders(): readonly PlanOrder[] {
    return this.#graph.edges
      .filter((edge) => !edge.dropped && edge.kind !== "restore") // that one is between steps of one row
      .map((edge) => ({
        before: describeOperation(edge.from),
        after: describeOperation(edge.to),
        reason: explainEdge(edge),
      }));
  }

  /** True if there is nothing to do. */
  get isEmpty(): boolean {
    return this.batches.length === 0;
  }

  /** The plan for a terminal. */
  toString(): string {
    return planToString(this);
  }

  /** The plan as a Mermaid flowchart: one node a step, one arrow for each order between steps. */
  toMermaid(): string {
    return planToMermaid(this.batches, this.#graph.edges);
  }
}
