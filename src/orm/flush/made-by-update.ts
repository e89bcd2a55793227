import type { Table } from "../../schema/index.ts";
import { type Entity, readRaw, writeRaw } from "../instance/index.ts";
import { ByMapper, type ColumnProperty, type Mapper, mapperOf } from "../mapping/index.ts";
import { type LoaderContext, refreshEntities } from "../query/index.ts";
import type { FlushContext } from "./context.ts";
import { getOrAdd } from "./get-or-add.ts";
import type { NotedValues } from "./undo-log.ts";

/** The attributes of a class that the database makes anew at each UPDATE: computed columns and `serverOnUpdate()`. */
export const madeByUpdate = new ByMapper(({ columns }): readonly ColumnProperty[] =>
  columns.filter(({ column }) => column.computed !== null || column.serverOnUpdate !== null),
);

/** The objects of a class that show values of before, and the attributes which do. */
interface StaleObjects {
  readonly entities: Entity[];
  readonly properties: Set<ColumnProperty>;
}

const none = (): StaleObjects => ({ entities: [], properties: new Set() });

/** Values that the database has made anew, so that objects which show them have to read them again. */
export class StaleValues {
  readonly #byMapper = new Map<Mapper, StaleObjects>();

  get isEmpty(): boolean {
    return this.#byMapper.size === 0;
  }

  /**
   * Forgets what an object shows of a table that was updated.
   * @param noted takes what was there
   */
  forget(entity: Entity, made: readonly ColumnProperty[], table: Table, noted: NotedValues): void {
    for (const property of made) {
      const value = readRaw(entity, property);
      if (property.column.table !== table || value === undefined) continue;
      noted.note(property, value);
      writeRaw(entity, property, undefined);
      this.#stale(entity).add(property);
    }
  }

  #stale(entity: Entity): Set<ColumnProperty> {
    const { entities, properties } = getOrAdd(this.#byMapper, mapperOf(entity), none);
    if (entities[entities.length - 1] !== entity) entities.push(entity);
    return properties;
  }

  /** Reads what was forgotten, with one SELECT for each class. The undo log knows already what was there before. */
  async read(context: FlushContext): Promise<void> {
    const { loader } = context;
    const silent: LoaderContext = {
      identityMap: loader.identityMap,
      hooks: loader.hooks,
      dialect: loader.dialect,
      query: (statement) => loader.query(statement),
      prepare: (statement, parameters) => loader.prepare(statement, parameters),
      runPrepared: (query, values) => loader.runPrepared(query, values),
      stream: (statement) => loader.stream(statement),
    };
    for (const [, { entities, properties }] of this.#byMapper)
      await refreshEntities(silent, entities, () => [...properties]);
  }
}
