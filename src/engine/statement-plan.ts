import type { Compiled } from "../compiler/compiled.ts";
import { DataError } from "../errors/index.ts";
import type { Dialect, Processor } from "./dialect.ts";
import type { ExecuteOptions } from "./driver.ts";

/** The plans of the statements of one engine. */
export class StatementPlans {
  readonly #dialect: Dialect;
  readonly #hideParameters: boolean;
  readonly #known = new WeakMap<Compiled, StatementPlan>();

  /** @param hideParameters are errors printed without parameters? */
  constructor(dialect: Dialect, hideParameters: boolean) {
    this.#dialect = dialect;
    this.#hideParameters = hideParameters;
  }

  of(compiled: Compiled): StatementPlan {
    let plan = this.#known.get(compiled);
    if (plan === undefined) {
      plan = new StatementPlan(compiled, this.#dialect, this.#hideParameters);
      this.#known.set(compiled, plan);
    }
    return plan;
  }
}

/** How the values of a compiled statement go to the driver, and its rows come back. Made once per statement text. */
export class StatementPlan {
  readonly options: ExecuteOptions | undefined;
  readonly #compiled: Compiled;
  readonly #bind: readonly (Processor | null)[];
  readonly #decode: readonly (Processor | null)[];
  /** The columns that need decoding at all. */
  readonly #decodedColumns: readonly number[];
  readonly #hideParameters: boolean;

  constructor(compiled: Compiled, dialect: Dialect, hideParameters: boolean) {
    this.#compiled = compiled;
    this.#hideParameters = hideParameters;
    this.#bind = compiled.binds.map(({ type }) => dialect.bindProcessor(type));
    this.options = dialect.executeOptions(compiled.columns);
    this.#decode = compiled.columns?.map(({ sqlType }) => dialect.resultProcessor(sqlType)) ?? [];
    this.#decodedColumns = this.#decode.flatMap((processor, index) => (processor === null ? [] : [index]));
  }

  /**
   * Makes values bindable.
   *
   * @throws DataError for one that its type cannot hold
   */
  bind(values: readonly unknown[]): unknown[] {
    const bound = new Array<unknown>(values.length);
    for (let index = 0; index < values.length; index++) {
      const value = values[index];
      const processor = this.#bind[index];
      if (value === null || value === undefined) bound[index] = null;
      else if (!processor) bound[index] = value;
      else {
        try {
          bound[index] = processor(value);
        } catch (cause) {
          throw this.#unbindable(index, values, cause);
        }
      }
    }
    return bound;
  }

  /** Decodes a row in place. Columns that only the database knows (raw SQL) stay as the driver gave them. */
  decode(row: unknown[]): unknown[] {
    for (const index of this.#decodedColumns) {
      const value = row[index];
      // decodedColumns lists the columns that have a processor.
      if (value !== null) row[index] = this.#decode[index]!(value);
    }
    return row;
  }

  #unbindable(index: number, parameters: readonly unknown[], cause: unknown): DataError {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const error = new DataError(`Parameter ${index + 1} cannot be stored: ${reason}\n  In: ${this.#compiled.sql}`, {
      sql: this.#compiled.sql,
      parameters,
      cause,
    });
    if (this.#hideParameters) error.hideParameters();
    return error;
  }
}
