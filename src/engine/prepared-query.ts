import type { Repeatable } from "../compiler/compiled.ts";
import type { ExecuteOptions } from "./driver.ts";
import type { StatementPlan } from "./statement-plan.ts";

/** A query made ready once, for values that differ each time it runs. Made by `engine.prepareQuery()`. */
export class PreparedQuery {
  readonly sql: string;
  readonly options: ExecuteOptions | undefined;
  /** Does it change rows, by a common table expression? */
  readonly writes: boolean;
  readonly #plan: StatementPlan;
  readonly #values: readonly unknown[];
  readonly #places: readonly number[];

  constructor({ compiled, values, places }: Repeatable, plan: StatementPlan) {
    this.sql = compiled.sql;
    this.options = plan.options;
    this.writes = compiled.writesInCte;
    this.#plan = plan;
    this.#values = values;
    this.#places = places;
  }

  /**
   * The values for the driver, in placeholder order.
   *
   * @param given the values that differ, in the order of the parameters that it was made ready for
   * @throws DataError for one that its type cannot hold
   */
  bind(given: readonly unknown[]): unknown[] {
    const values = this.#values.slice();
    for (let i = 0; i < values.length; i++) {
      const place = this.#places[i] as number; // as many as values
      if (place >= 0) values[i] = given[place];
    }
    return this.#plan.bind(values);
  }
}
