import { AsyncLocalStorage } from "node:async_hooks";
import { isPromise, type MaybePromise } from "../../engine/maybe-promise.ts";

/** What holds for an operation and for everything that is called from inside it. */
export interface TurnTraits {
  /** False: queries inside do not flush first. */
  readonly autoflush?: false;
  /** What is going on, for those who may not be called from inside it. */
  readonly activity?: "flush" | "transaction";
}

/** The operation that the current asynchronous context belongs to; of whichever session it is. */
const context = new AsyncLocalStorage<Turn>();

/** The operations of all sessions that are under way. */
let underWay = 0;

/** After so many answers without an operation, the next ones are probably such as well. */
const MANY_ANSWERS = 20;

/** One operation while it has the session; operations called from inside it wait for one another in its own line. */
class Turn {
  /** Null for the line of the session itself. */
  readonly parent: Turn | null;
  readonly queue: OperationQueue;
  /** The turn of another session, or of this one, in whose context this one started. */
  readonly outer: Turn | null;
  readonly traits: TurnTraits;
  isOver = false;
  /** An operation of this turn's own line is running. */
  isBusy = false;
  readonly waiting: (() => void)[] = [];

  constructor(queue: OperationQueue, parent: Turn | null, outer: Turn | null, traits: TurnTraits) {
    this.queue = queue;
    this.parent = parent;
    this.outer = outer;
    this.traits = traits;
  }

  /** The next in line begins, or the line is free. */
  release(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.isBusy = false;
    else next();
  }
}

/**
 * Lets the operations of one session run one after the other, in the order in which they were called. The queue is
 * re-entrant by asynchronous context: what an operation calls, directly or after any number of awaits, runs within it.
 * Several calls from inside one operation (`Promise.all` in the body of a transaction) queue among themselves.
 */
export class OperationQueue {
  readonly #root: Turn = new Turn(this, null, null, {});
  #answers = 0;

  /**
   * Runs `operation` when its turn comes; at once if nobody else has it.
   * @throws whatever the operation throws
   */
  run<T>(operation: () => MaybePromise<T>, traits: TurnTraits = {}): MaybePromise<T> {
    const line = this.#current() ?? this.#root;
    if (line.isBusy) {
      const turn = new Promise<void>((resolve) => line.waiting.push(resolve));
      return turn.then(() => this.#take(line, operation, traits));
    }
    line.isBusy = true;
    return this.#take(line, operation, traits);
  }

  #take<T>(line: Turn, operation: () => MaybePromise<T>, traits: TurnTraits): MaybePromise<T> {
    const turn = new Turn(this, line, liveTurn(context.getStore() ?? null), traits);
    this.#answers = 0;
    underWay++;
    let result: MaybePromise<T>;
    try {
      result = context.run(turn, operation);
    } catch (error) {
      if (turn.isBusy) return this.#endLater(Promise.reject(error), turn, line);
      this.#end(turn, line);
      throw error;
    }
    if (turn.isBusy || isPromise(result)) return this.#endLater(result, turn, line);
    this.#end(turn, line);
    return result;
  }

  #end(turn: Turn, line: Turn): void {
    turn.isOver = true;
    underWay--;
    line.release();
  }

  async #endLater<T>(result: MaybePromise<T>, turn: Turn, line: Turn): Promise<T> {
    try {
      return await result;
    } finally {
      // Calls that nobody awaited still belong to this operation: a commit after it must not overtake them.
      while (turn.isBusy) await new Promise<void>((resolve) => turn.waiting.push(resolve)).then(() => turn.release());
      this.#end(turn, line);
    }
  }

  /**
   * Notes that a call was answered without an operation. Before Node 24, following contexts makes each `await` of the process
   * two or three times as slow, so it is given up where nobody is inside an operation and calls are mostly answered like
   * this. The next operation takes it up again, which takes as long as a few `await`s.
   */
  noteAnswer(): void {
    if (++this.#answers === MANY_ANSWERS && underWay === 0) context.disable();
  }

  /** True if no operation is under way. */
  get isIdle(): boolean {
    return !this.#root.isBusy;
  }

  /** True if an operation that was called from here would begin at once. */
  get isFree(): boolean {
    return !(this.#current() ?? this.#root).isBusy;
  }

  /** True if the caller is inside an operation with this activity. */
  isInside(activity: NonNullable<TurnTraits["activity"]>): boolean {
    for (let turn = this.#current(); turn !== null; turn = turn.parent)
      if (turn.traits.activity === activity) return true;
    return false;
  }

  /** False if the caller is inside an operation that switched it off. */
  get allowsAutoflush(): boolean {
    for (let turn = this.#current(); turn !== null; turn = turn.parent)
      if (turn.traits.autoflush === false) return false;
    return true;
  }

  /** The innermost operation of this session that the caller is inside of. */
  #current(): Turn | null {
    for (let turn = liveTurn(context.getStore() ?? null); turn !== null; turn = liveTurn(turn.outer)) {
      if (turn.queue === this) return turn;
    }
    return null;
  }
}

/** Contexts outlive operations (a timer that one started, say); what is over is nobody's inside any more. */
function liveTurn(turn: Turn | null): Turn | null {
  let live = turn;
  while (live?.isOver) live = live.outer;
  return live;
}
