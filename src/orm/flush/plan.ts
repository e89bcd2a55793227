import type { Dialect } from "../../engine/dialect.ts";
import type { PlanOrder } from "../../errors/index.ts";
import type { Table } from "../../schema/index.ts";
import type { Orphan } from "./collect/orphans.ts";
import type { RowOperation } from "./decompose/operation.ts";
import { describeOperation, writtenNames } from "./describe.ts";
import { deferralStatements } from "./execute/defer-constraints.ts";
import { statementsOf, textsOf } from "./execute/statements.ts";
import { explainEdge, nameOf } from "./explain-edge.ts";
import type { Edge } from "./graph.ts";
import type { Deferral, Ordered } from "./ordered.ts";
import { describeOrphan, planToMermaid, planToString } from "./print.ts";
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
  /** The SQL of each statement that the step sends, with placeholders for all values. */
  readonly statements: readonly string[];
}

/** A plan as plain data, for `JSON.stringify`. */
export interface PlanJson {
  readonly steps: readonly (Omit<PlanStep, "table"> & { readonly table: string })[];
  readonly orders: readonly PlanOrder[];
  readonly orphans: readonly string[];
  readonly deferral: { readonly constraints: readonly string[]; readonly allForeignKeys: boolean };
  readonly deferralStatements: readonly string[];
}

/**
 * What a flush would do, as data: made without executing anything. Texts, reasons and statements are put together when
 * somebody asks for them, from the objects as they are then.
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
 * console.log(plan.toString());
 * console.log(plan.statements); // ["INSERT INTO tag (name) VALUES (?) RETURNING id"]
 * await session.close();
 * await engine.dispose();
 * ```
 */
export class FlushPlan {
  readonly batches: readonly Batch[];
  readonly deferral: Deferral;
  /** Objects that are deleted because nobody owns them any more. */
  readonly orphans: readonly object[];
  readonly #edges: readonly Edge[];
  readonly #orphans: readonly Orphan[];
  readonly #dialect: Dialect;

  constructor({ batches, deferral, edges }: Ordered, orphans: readonly Orphan[], dialect: Dialect) {
    this.#edges = edges;
    this.#orphans = orphans;
    this.#dialect = dialect;
    this.batches = batches;
    this.deferral = deferral;
    this.orphans = orphans.map(({ entity }) => entity);
  }

  /** The batches in the order in which they run. */
  get steps(): readonly PlanStep[] {
    return this.batches.map((batch) => stepOf(batch, this.#dialect));
  }

  /**
   * The SQL of every statement that the flush sends to write, in order, with placeholders for all values: what puts
   * checks off, and the statements of the steps. What it reads besides is not among them: rows of which the database
   * returned nothing, and the checks of foreign keys that it does itself while those of the database are suspended.
   */
  get statements(): readonly string[] {
    return textsOf(this.#dialect, this.deferral, this.batches);
  }

  /** The statements that put checks off to the end of the transaction: SET CONSTRAINTS, or SQLite's PRAGMA. */
  get deferralStatements(): readonly string[] {
    return deferralStatements(this.#dialect, this.deferral);
  }

  /** Every order between two rows, with the constraint that asks for it. */
  get orders(): readonly PlanOrder[] {
    return this.#edges.filter(isOrder).map((edge) => ({
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
    return planToString(this, this.#orphans);
  }

  /** The plan as plain data: tables, objects and constraints by their names. */
  toJSON(): PlanJson {
    const { constraints, allForeignKeys } = this.deferral;
    return {
      steps: this.steps.map((step) => ({ ...step, table: step.table.fullName })),
      orders: this.orders,
      orphans: this.#orphans.map(describeOrphan),
      deferral: { constraints: [...constraints].map(nameOf), allForeignKeys },
      deferralStatements: this.deferralStatements,
    };
  }

  /** The plan as a Mermaid flowchart: one node a step, one arrow for each order between steps. */
  toMermaid(): string {
    return planToMermaid(this.batches, this.#edges);
  }
}

function stepOf(batch: Batch, dialect: Dialect): PlanStep {
  const { shape, operations } = batch;
  const [first] = operations;
  return {
    kind: shape.kind,
    table: shape.table,
    columns: first === undefined || first.kind === "delete" ? [] : writtenNames(first),
    rowCount: operations.length,
    get rows() {
      return operations.map(describeOperation);
    },
    get statements() {
      return [...statementsOf(dialect, batch)].map(({ sql }) => sql);
    },
  };
}

/** Does the edge order two rows? Steps of one row, and what one statement writes, are not worth a reason. */
function isOrder({ dropped, kind, from, to }: Edge): boolean {
  return !dropped && kind !== "restore" && (from.group === null || from.group !== to.group);
}
