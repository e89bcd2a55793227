import { MultipleResultsFound, NoResultFound } from "../errors/index.ts";

/** The first value of a row. */
export type ScalarOf<R> = R extends readonly [infer First, ...unknown[]] ? First : unknown;

/** What {@link Result} is made of. */
export interface ResultSource<R> {
  /** Decoded values, in the order of the columns. */
  readonly values: readonly (readonly unknown[])[];
  readonly rowCount: number;
  readonly lastInsertId: number | bigint | null;
  /** The row as it is handed out. */
  shape(values: readonly unknown[]): R;
  columnNames(): readonly string[];
}

/**
 * The rows of an executed statement: tuples, or objects when an object (or a whole table) was selected. All rows are
 * here already; `Connection.stream` is for results that do not fit into memory.
 */
export class Result<R> implements Iterable<R> {
  readonly #source: ResultSource<R>;

  constructor(source: ResultSource<R>) {
    this.#source = source;
  }

  /** Rows changed by an insert, update or delete; rows returned by anything else. */
  get rowCount(): number {
    return this.#source.rowCount;
  }

  /** The key that the last INSERT generated, where the driver reports one; else null. */
  get lastInsertId(): number | bigint | null {
    return this.#source.lastInsertId;
  }

  /** Names of the columns. */
  get columns(): readonly string[] {
    return this.#source.columnNames();
  }

  all(): R[] {
    return this.#source.values.map((values) => this.#source.shape(values));
  }

  /** The first row; null without one. */
  first(): R | null {
    const [values] = this.#source.values;
    return values === undefined ? null : this.#source.shape(values);
  }

  /**
   * The only row.
   *
   * @throws NoResultFound without a row
   * @throws MultipleResultsFound for more than one
   */
  one(): R {
    const row = this.oneOrNull();
    if (row === null) throw new NoResultFound("The statement returned no row where exactly one was asked for.");
    return row;
  }

  /**
   * The only row; null without one.
   *
   * @throws MultipleResultsFound for more than one
   */
  oneOrNull(): R | null {
    const { length } = this.#source.values;
    if (length > 1) {
      throw new MultipleResultsFound(`The statement returned ${length} rows where one at most was asked for.`);
    }
    return this.first();
  }

  /** The first value of each row. */
  scalars(): ScalarOf<R>[] {
    // The first value of the first item, which ScalarOf reads from the type of the tuple.
    return this.#source.values.map(([value]) => value as ScalarOf<R>);
  }

  /** The first value of the first row; null without one. */
  scalar(): ScalarOf<R> | null {
    return this.scalars()[0] ?? null;
  }

  /** Each row as an object by column name. */
  mappings(): Record<string, unknown>[] {
    const names = this.#source.columnNames();
    return this.#source.values.map((values) =>
      Object.fromEntries(names.map((name, index) => [name, values[index]] as const)),
    );
  }

  *[Symbol.iterator](): IterableIterator<R> {
    for (const values of this.#source.values) yield this.#source.shape(values);
  }
}
