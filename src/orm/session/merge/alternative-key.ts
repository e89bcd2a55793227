import { ArgumentError } from "../../../errors/index.ts";
import { select } from "../../../statement/index.ts";
import { type Entity, entityOf, readRaw, Status } from "../../instance/index.ts";
import { type ColumnProperty, type Mapper, mapperOf } from "../../mapping/index.ts";
import { chunksOf, keysIn, runSelect } from "../../query/index.ts";
import type { SessionWork } from "../session-work.ts";
import type { LeavingObjects } from "./leaving.ts";
import type { MergeNode } from "./source-graph.ts";

/** The attributes by which the objects of some classes are found, instead of by their primary key. */
interface KeyedClass {
  readonly mapper: Mapper;
  readonly properties: readonly ColumnProperty[];
}

/** The rows that a merge knows by the values of the alternative key. */
export class AlternativeKey {
  readonly #work: SessionWork;
  readonly #names: readonly string[];
  readonly #leaving: LeavingObjects;
  readonly #classes: readonly KeyedClass[];
  readonly #known = new Map<string, Entity>();
  #isIndexed = false;

  /**
   * @param names attributes of the classes of `objects`; other classes of the graph are merged by their primary key
   * @throws ArgumentError for a name that is no column of the class
   */
  constructor(work: SessionWork, objects: readonly Entity[], names: readonly string[], leaving: LeavingObjects) {
    if (names.length === 0)
      throw new ArgumentError('The key of a merge needs at least one attribute: { key: ["email"] }.');
    this.#work = work;
    this.#names = names;
    this.#leaving = leaving;
    this.#classes = [...new Set(objects.map((object) => mapperOf(object)))].map((mapper) => ({
      mapper,
      properties: names.map((name) => columnOf(mapper, name)),
    }));
  }

  /** The attributes, for messages. */
  get description(): string {
    return this.#names.map((name) => `"${name}"`).join(", ");
  }

  /** Loads the rows that these sources may stand for: one statement a class. */
  async load(nodes: readonly MergeNode[]): Promise<void> {
    if (!this.#isIndexed) this.#indexSession();
    for (const { mapper, properties } of this.#classes) {
      const wanted = new Map<string, readonly unknown[]>();
      for (const node of nodes) {
        if (node.target !== null || !node.mapper.isA(mapper)) continue;
        const values = valuesOf(node.source, properties);
        const text = values === null ? null : keyText(mapper, properties, values);
        if (values !== null && text !== null && !this.#known.has(text)) wanted.set(text, values);
      }
      const columns = properties.map(({ column }) => column);
      if (wanted.size === 0) continue;
      const { dialect } = this.#work.engine;
      for (const chunk of chunksOf([...wanted.values()], columns.length, dialect)) {
        const statement = select(mapper.mappedClass).where(keysIn(columns, chunk, dialect));
        const found = await runSelect(this.#work.loader, statement);
        for (const object of found) this.#remember(entityOf(object));
      }
    }
  }

  find(node: MergeNode): Entity | undefined {
    const text = this.#textOf(node.source, node.mapper);
    return text === null ? undefined : this.#known.get(text);
  }

  /** From now on, equal sources are merged onto this object. */
  remember(node: MergeNode, target: Entity): void {
    const text = this.#textOf(node.source, node.mapper);
    if (text !== null && !this.#known.has(text)) this.#known.set(text, target);
  }

  /** What the session has counts by the values that it has in memory: changed ones are not flushed in a merge. */
  #indexSession(): void {
    this.#isIndexed = true;
    const { identityMap, pending } = this.#work.objects;
    for (const { mapper } of this.#classes)
      for (const entity of identityMap.of(mapper).values()) this.#remember(entity);
    for (const entity of pending) this.#remember(entity);
  }

  #remember(entity: Entity): void {
    if (entity.$status === Status.persistent && this.#leaving.has(entity)) return;
    const text = this.#textOf(entity, mapperOf(entity));
    if (text !== null && !this.#known.has(text)) this.#known.set(text, entity);
  }

  #textOf(entity: Entity, own: Mapper): string | null {
    const keyed = this.#classes.find(({ mapper }) => own.isA(mapper));
    if (keyed === undefined) return null;
    const values = valuesOf(entity, keyed.properties);
    return values === null ? null : keyText(keyed.mapper, keyed.properties, values);
  }
}

function columnOf(mapper: Mapper, name: string): ColumnProperty {
  const property = mapper.property(name);
  if (property.kind === "column") return property;
  throw new ArgumentError(`${mapper.name}.${name} is a relationship: the key of a merge consists of columns.`);
}

/** Null if one is missing: NULL equals nothing. */
function valuesOf(entity: Entity, properties: readonly ColumnProperty[]): readonly unknown[] | null {
  const values = properties.map((property) => readRaw(entity, property));
  return values.some((value) => value === null || value === undefined) ? null : values;
}

function keyText(mapper: Mapper, properties: readonly ColumnProperty[], values: readonly unknown[]): string {
  const parts = properties.map((property, i) => String(property.column.sqlType.keyOf(values[i])));
  return JSON.stringify([mapper.root.name, ...parts]);
}
