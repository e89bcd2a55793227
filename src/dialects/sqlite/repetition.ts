import type { DriverResult, ExecuteOptions } from "../../engine/driver.ts";
import type { SyncStatement } from "./sync-connection.ts";

/** What a repetition needs of the connection. */
export interface RepetitionContext {
  prepared(sql: string): SyncStatement;
  inTransaction(): boolean;
  /** The rows that a statement returns; with exact integers, if these are asked for. */
  rowsOf(statement: SyncStatement, parameters: readonly unknown[], options: ExecuteOptions): unknown[][];
  /** The key of the last INSERT, of which the driver may have told a rounded number. */
  exactRowid(told: number | bigint): number | bigint;
}

/** A statement of several rows. */
type Block = NonNullable<ExecuteOptions["block"]>;

const NO_COLUMNS: never[] = [];

/** The savepoint before blocks whose keys are counted. */
const BEFORE_BLOCKS = "alkahest_blocks";

/**
 * A statement of one row that is executed for each of many, INSERTs in blocks of rows where they can be. What was done stays
 * done: after a lock that was in the way, it goes on where it stopped.
 */
export class Repetition {
  readonly #context: RepetitionContext;
  readonly #sql: string;
  readonly #parameters: readonly unknown[];
  readonly #options: ExecuteOptions;
  readonly #count: number;
  /** How many parameters a row has. */
  readonly #width: number;
  readonly #returned: unknown[][] = [];
  #changes = 0;
  #done = 0;

  constructor(
    context: RepetitionContext,
    sql: string,
    parameters: readonly unknown[],
    options: ExecuteOptions & { readonly rows: number },
  ) {
    this.#context = context;
    this.#sql = sql;
    this.#parameters = parameters;
    this.#options = options;
    this.#count = options.rows;
    this.#width = parameters.length / options.rows;
  }

  /** Executes what is left of it. */
  run(): DriverResult {
    const statement = this.#context.prepared(this.#sql);
    if (statement.reader) this.#read(statement);
    else this.#write(statement);
    const rows = this.#returned;
    return { rows, columns: NO_COLUMNS, rowCount: statement.reader ? rows.length : this.#changes };
  }

  #write(statement: SyncStatement): void {
    const { block } = this.#options;
    while (this.#hasLeft(block)) this.#changes += this.#runBlock(block).changes;
    const row = this.#newRow();
    while (this.#done < this.#count) {
      this.#changes += statement.run(this.#next(row)).changes;
      this.#done++;
    }
  }

  #read(statement: SyncStatement): void {
    const { withoutReturning } = this.#options;
    const row = this.#newRow();
    while (this.#done < this.#count) {
      // RETURNING costs half as much again as the INSERT, which tells the key anyway. That is asked once, after the first row.
      if (withoutReturning !== undefined && this.#done === 1 && this.#toldLastKey()) {
        this.#insertBlocks();
        this.#insert(this.#context.prepared(withoutReturning));
        return;
      }
      this.#returned.push(...this.#context.rowsOf(statement, this.#next(row), this.#options));
      this.#done++;
    }
  }

  /** A table may have a key that is not what SQLite counts up, whatever was declared: `id INT PRIMARY KEY`. */
  #toldLastKey(): boolean {
    const last = this.#context.prepared("SELECT last_insert_rowid()").all([]);
    return this.#returned.at(-1)?.[0] === last[0]?.[0];
  }

  /**
   * SQLite counts up from row to row, so that the last key of a block tells the others: unless a trigger writes into the same
   * table, or the keys have come to their end. Then the blocks are undone, and their rows are written one by one.
   */
  #insertBlocks(): void {
    const { block } = this.#options;
    if (!this.#hasLeft(block)) return;
    const first = this.#done;
    this.#command(`SAVEPOINT ${BEFORE_BLOCKS}`);
    let areKnown = false;
    try {
      areKnown = this.#countBlocks(block);
    } finally {
      // Some errors end the transaction, and with it the savepoint.
      if (this.#context.inTransaction()) {
        if (!areKnown) this.#command(`ROLLBACK TO ${BEFORE_BLOCKS}`);
        this.#command(`RELEASE ${BEFORE_BLOCKS}`);
      }
      if (!areKnown) {
        this.#done = first;
        this.#returned.length = first;
      }
    }
  }

  /** Inserts blocks until too few rows are left. Are their keys those that follow, and was nothing written but them? */
  #countBlocks(block: Block): boolean {
    let key = this.#returned.at(-1)?.[0];
    const first = this.#done;
    const before = this.#totalChanges();
    while (this.#hasLeft(block)) {
      const last = Number(this.#runBlock(block).lastInsertRowid);
      if (typeof key !== "number" || last !== key + block.rows || !Number.isSafeInteger(last)) return false;
      while (key < last) this.#returned.push([++key]);
    }
    return this.#totalChanges() - before === this.#done - first;
  }

  /** Rows that this connection has ever written, those of triggers included. */
  #totalChanges(): number {
    return Number(this.#context.prepared("SELECT total_changes()").all([])[0]?.[0]);
  }

  #insert(statement: SyncStatement): void {
    const row = this.#newRow();
    while (this.#done < this.#count) {
      const { changes, lastInsertRowid } = statement.run(this.#next(row));
      // As with RETURNING, nothing comes back of a row that a trigger has left out; the key is that of the row before.
      if (changes > 0) this.#returned.push([this.#context.exactRowid(lastInsertRowid)]);
      this.#done++;
    }
  }

  #command(sql: string): void {
    this.#context.prepared(sql).run([]);
  }

  #hasLeft(block: Block | undefined): block is Block {
    return block !== undefined && this.#count - this.#done >= block.rows;
  }

  #runBlock({ sql, rows }: Block): ReturnType<SyncStatement["run"]> {
    const start = this.#done * this.#width;
    const ran = this.#context.prepared(sql).run(this.#parameters.slice(start, start + rows * this.#width));
    this.#done += rows;
    return ran;
  }

  /** An array for the parameters of one row, which is used again for the next one. */
  #newRow(): unknown[] {
    return new Array(this.#width);
  }

  #next(row: unknown[]): readonly unknown[] {
    const start = this.#done * row.length;
    for (let i = 0; i < row.length; i++) row[i] = this.#parameters[start + i];
    return row;
  }
}
