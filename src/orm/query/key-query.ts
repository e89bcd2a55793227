import type { Dialect, PreparedQuery } from "../../engine/index.ts";
import { andThen, type MaybePromise } from "../../engine/maybe-promise.ts";
import type { ColumnElement } from "../../expression/from.ts";
import type { BindParameter, SqlExpression } from "../../expression/sql-expression.ts";
import type { Select } from "../../statement/select.ts";
import { configurations, type Mapper } from "../mapping/index.ts";
import type { Hydration } from "./hydrate.ts";
import { chunksOf, elementOf, type KeyValues, parametersIn, parametersOf } from "./key-conditions.ts";
import type { LoadTree } from "./load-tree.ts";
import type { LoaderContext } from "./loader-context.ts";
import { lower } from "./lower.ts";
import { type RowPlan, readRows } from "./row-plan.ts";

/** The statement for some number of keys, ready to be sent. */
interface Ready {
  readonly query: PreparedQuery;
  readonly plan: RowPlan;
}

/** Statements for this many different numbers of keys are kept. */
const CAPACITY = 100;

/** Fewer keys are values of their own: their texts are known after a while, and as fast. */
const FEWEST_IN_JSON = 50;

/** All keys are one parameter. */
type List = "array" | "json";

/**
 * Asks for objects by the values of some columns. One statement is made for each number of keys and each way to load, or
 * one for any number where the database takes a list; from then on only the values are given to it.
 */
export class KeyQuery {
  readonly #mapper: Mapper;
  readonly #statement: Select<unknown>;
  readonly #columns: readonly ColumnElement<unknown>[];
  readonly #ready = new WeakMap<Dialect, Map<string, Ready>>();

  /**
   * @param mapper of the objects
   * @param statement selects them, whatever their keys are
   * @param columns what the keys are values of
   */
  constructor(mapper: Mapper, statement: Select<unknown>, columns: readonly ColumnElement<unknown>[]) {
    this.#mapper = mapper;
    this.#statement = statement;
    this.#columns = columns;
  }

  /** The results for these keys, by as many statements as they need. */
  fetch(
    context: LoaderContext,
    keys: readonly KeyValues[],
    tree: LoadTree,
    hydration: Hydration,
  ): MaybePromise<readonly unknown[]> {
    const [first, ...others] = chunksOf(keys, this.#columns.length, context.dialect);
    if (first === undefined) return [];
    const results = this.#fetchChunk(context, first, tree, hydration);
    return others.length === 0 ? results : this.#fetchAll(context, results, others, tree, hydration);
  }

  async #fetchAll(
    context: LoaderContext,
    first: MaybePromise<readonly unknown[]>,
    others: readonly (readonly KeyValues[])[],
    tree: LoadTree,
    hydration: Hydration,
  ): Promise<readonly unknown[]> {
    const results = [await first];
    for (const chunk of others) results.push(await this.#fetchChunk(context, chunk, tree, hydration));
    return results.flat();
  }

  #fetchChunk(
    context: LoaderContext,
    keys: readonly KeyValues[],
    tree: LoadTree,
    hydration: Hydration,
  ): MaybePromise<readonly unknown[]> {
    const list = this.#listOf(keys.length, context.dialect);
    const { query, plan } = this.#readyFor(context, list ?? keys.length, tree);
    const values = list === null ? keys.flat() : [keys.flat()];
    return andThen(context.runPrepared(query, values), ({ rows }) => readRows(plan, rows, hydration));
  }

  /** Is it one statement for any number of keys? */
  #listOf(count: number, dialect: Dialect): List | null {
    const [only] = this.#columns;
    if (this.#columns.length > 1 || only === undefined || count === 1) return null;
    const list = dialect.listParameter(only.sqlType);
    return list === "json" && count < FEWEST_IN_JSON ? null : list;
  }

  #readyFor(context: LoaderContext, count: number | List, tree: LoadTree): Ready {
    const { dialect } = context;
    let known = this.#ready.get(dialect);
    if (known === undefined) {
      known = new Map();
      this.#ready.set(dialect, known);
    }
    // Classes that are configured later may extend this one.
    const key = `${count}/${configurations.count}/${tree.key}`;
    let ready = known.get(key);
    if (ready === undefined) {
      if (known.size >= CAPACITY) known.clear();
      ready = this.#make(context, count, tree);
      known.set(key, ready);
    }
    return ready;
  }

  #make(context: LoaderContext, count: number | List, tree: LoadTree): Ready {
    const { condition, parameters } = this.#condition(count, context.dialect);
    const { statement, plan } = lower(this.#statement.where(condition), context.dialect, [tree]);
    const query = context.prepare(statement, parameters);
    if (query === null) throw new Error(`${this.#mapper.name} is selected with values that are made anew each time.`);
    return { query, plan };
  }

  #condition(count: number | List, dialect: Dialect): Condition {
    const columns = this.#columns;
    if (typeof count === "string") {
      const { condition, parameter } = elementOf(columns[0] as ColumnElement<unknown>, count); // lists are of one column
      return { condition, parameters: [parameter] };
    }
    const keys = parametersOf(
      columns,
      Array.from({ length: count }, () => columns.map(() => null)),
    );
    return { condition: parametersIn(columns, keys, dialect), parameters: keys.flat() };
  }
}

interface Condition {
  readonly condition: SqlExpression<boolean>;
  readonly parameters: readonly BindParameter<unknown>[];
}
