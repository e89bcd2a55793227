import { AlkahestError, type ErrorDetails, nameError } from "./alkahest-error.ts";

/** Why one row of a flush has to be written before another. */
export interface PlanOrder {
  /** What runs first, in words. */
  readonly before: string;
  readonly after: string;
  /** The constraint that asks for the order, and the values that it is about. */
  readonly reason: string;
}

/** Rows that wait for each other in a circle. */
export interface FlushCircle {
  /** What is to be done to each row, in words. */
  readonly rows: readonly string[];
  /** The names of the constraints; of one without a name, its columns. */
  readonly constraints: readonly string[];
  /** Why each row waits for the one before; the last one leads back to the first. */
  readonly orders: readonly PlanOrder[];
  toMermaid(): string;
}

/** What a `FlushCycleError` takes besides its message. */
export interface FlushCycleDetails extends ErrorDetails {
  readonly circle?: FlushCircle;
}

const NO_CIRCLE: FlushCircle = { rows: [], constraints: [], orders: [], toMermaid: () => "flowchart TD" };

/**
 * No order of statements can write these changes. The message names the rows, the constraints and the remedies; no
 * statement has been executed.
 *
 * @example
 * ```ts
 * import { createEngine, declarativeBase, FlushCycleError, integer, manyToOne, Session } from "alkahest";
 *
 * const Base = declarativeBase();
 * class Node extends Base("node", {
 *   id: integer().primaryKey(),
 *   get nextId() { return integer().notNull().references(Node.c.id); },
 *   get next() { return manyToOne(Node); },
 * }) {}
 *
 * const engine = createEngine("sqlite::memory:");
 * await Base.metadata.createAll(engine);
 * await using session = new Session(engine);
 * const [a, b] = [new Node(), new Node()];
 * [a.next, b.next] = [b, a]; // neither key is known before its row is there
 * session.add(a);
 * try {
 *   await session.plan();
 *   throw new Error("no order exists");
 * } catch (error) {
 *   if (!(error instanceof FlushCycleError)) throw error;
 *   for (const { before, after, reason } of error.orders) console.log(`${before} before ${after}: ${reason}`);
 *   console.log(error.toMermaid());
 * }
 * ```
 */
export class FlushCycleError extends AlkahestError {
  override readonly code: string = "ALK_FLUSH_CYCLE";
  readonly #circle: FlushCircle;

  constructor(message: string, details: FlushCycleDetails = {}) {
    super(message, details);
    this.#circle = details.circle ?? NO_CIRCLE;
  }

  /** What is to be done to each row of the circle, in words: `UPDATE User#5 (email)`. */
  get rows(): readonly string[] {
    return this.#circle.rows;
  }

  /** The names of the constraints; of one without a name, its columns. */
  get constraints(): readonly string[] {
    return this.#circle.constraints;
  }

  /** Why each row waits for the one before; the last one leads back to the first. */
  get orders(): readonly PlanOrder[] {
    return this.#circle.orders;
  }

  /** The circle as a Mermaid flowchart: one node a row, one arrow for each order. */
  toMermaid(): string {
    return this.#circle.toMermaid();
  }

  static {
    nameError(FlushCycleError, "FlushCycleError");
  }
}
