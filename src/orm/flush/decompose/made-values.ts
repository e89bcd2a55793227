import type { Column } from "../../../schema/index.ts";
import type { Entity } from "../../instance/index.ts";
import { evaluateDefault } from "./defaults.ts";

/**
 * What functions have made for the rows of a flush that turned out to need a plan: they are called once for each value, since
 * the program may count the calls, or number its objects by them.
 */
export class MadeValues {
  readonly #known = new Map<Entity, Map<Column<unknown>, unknown>>();

  note(entity: Entity, column: Column<unknown>, value: unknown): void {
    const own = this.#known.get(entity);
    if (own === undefined) this.#known.set(entity, new Map([[column, value]]));
    else own.set(column, value);
  }

  /** What the definition says for the column of an object. */
  of(entity: Entity, column: Column<unknown>, definition: Column<unknown>["default"]): unknown {
    const own = this.#known.size === 0 ? undefined : this.#known.get(entity);
    return own?.has(column) === true ? own.get(column) : evaluateDefault(definition);
  }
}
