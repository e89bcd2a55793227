import type { Column } from "../../../schema/index.ts";
import type { Entity } from "../../instance/index.ts";
import { getOrAdd } from "../get-or-add.ts";
import { evaluateDefault } from "./defaults.ts";

/**
 * What functions have made for the rows of a flush before it was known whether that needs a plan: they are called once for
 * each value, since the program may count the calls, or number its objects by them.
 */
export class MadeValues {
  readonly #known = new Map<Column<unknown>, Map<Entity, unknown>>();

  /** Calls the function for a column of an object. */
  make(entity: Entity, column: Column<unknown>, definition: Column<unknown>["default"]): void {
    getOrAdd(this.#known, column, () => new Map<Entity, unknown>()).set(entity, evaluateDefault(column, definition));
  }

  /** What the definition says for the column of an object. */
  of(entity: Entity, column: Column<unknown>, definition: Column<unknown>["default"]): unknown {
    const values = this.#known.size === 0 ? undefined : this.#known.get(column);
    return values?.has(entity) === true ? values.get(entity) : evaluateDefault(column, definition);
  }
}
