/** What a savepoint needs of its connection. */
export interface SavepointHost {
  releaseSavepoint(savepoint: Savepoint): Promise<void>;
  rollbackToSavepoint(savepoint: Savepoint): Promise<void>;
}

/**
 * A mark inside a transaction to which it can go back. It is over when it is released or rolled back, when one that was
 * set before it is, or when the transaction ends.
 */
export class Savepoint {
  readonly name: string;
  readonly #host: SavepointHost;
  #isActive = true;

  constructor(name: string, host: SavepointHost) {
    this.name = name;
    this.#host = host;
  }

  /** Can it still be released or rolled back? */
  get isActive(): boolean {
    return this.#isActive;
  }

  /**
   * Keeps what was done since, as a part of the transaction.
   *
   * @throws InvalidStateError when the savepoint is over
   */
  release(): Promise<void> {
    return this.#host.releaseSavepoint(this);
  }

  /**
   * Undoes what was done since. The transaction goes on.
   *
   * @throws InvalidStateError when the savepoint is over
   */
  rollback(): Promise<void> {
    return this.#host.rollbackToSavepoint(this);
  }

  /** Called by the connection when the savepoint is over. */
  end(): void {
    this.#isActive = false;
  }
}
