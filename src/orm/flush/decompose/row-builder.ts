import type { Dialect } from "../../../engine/dialect.ts";
import type { Column, Table } from "../../../schema/index.ts";
import type { Entity } from "../../instance/index.ts";
import { currentTarget, targetByColumns } from "../../instance/references.ts";
import { type ByMapper, type Mapper, mapperOf, type Property, type RelationshipProperty } from "../../mapping/index.ts";
import type { NetChanges } from "../collect/net-changes.ts";
import { getOrAdd } from "../get-or-add.ts";
import type { FlushGraph } from "../graph.ts";
import type { MadeValues } from "./made-values.ts";
import { ObjectRows } from "./object-rows.ts";
import type { RowOperation } from "./operation.ts";
import { findRowSwitches } from "./row-switch.ts";
import { toOneOver } from "./to-one.ts";
import { Touched } from "./touched.ts";
import { type WritePlan, writePlans } from "./write-plan.ts";

/** The row operations while they are made; knows where the key of a new object will come from. */
export class RowBuilder {
  readonly byTable = new Map<Table, RowOperation[]>();
  readonly touched = new Map<Table, Touched>();
  readonly byEntity = new ObjectRows();
  /** The new objects whose primary keys are known, or made of those of other new objects. */
  readonly keyed: Entity[] = [];
  /** The stored objects that get another primary key. */
  readonly rekeyed: Entity[] = [];
  readonly rowSwitches: ReadonlyMap<Entity, Entity>;
  /** Those of `rowSwitches` whose rows get their keys as they follow other ones. */
  readonly following: ReadonlySet<Entity>;
  readonly plans: ByMapper<WritePlan>;
  readonly changes: NetChanges;
  readonly made: MadeValues;
  readonly #graph: FlushGraph;
  readonly #following = new Set<Entity>();
  readonly #hasUpserts: boolean;
  #lastTable: { readonly table: Table; readonly operations: RowOperation[]; readonly touched: Touched } | null = null;

  constructor(graph: FlushGraph, changes: NetChanges, dialect: Dialect, made: MadeValues) {
    this.#graph = graph;
    this.made = made;
    this.changes = changes;
    this.#hasUpserts = changes.united.survivors.size > 0 || changes.upserts.length > 0;
    this.plans = writePlans(dialect);
    const { switches, following } = findRowSwitches(changes, (entity, column) => this.valueAfter(entity, column));
    this.rowSwitches = switches;
    this.following = following;
  }

  add(operation: RowOperation): RowOperation {
    this.#graph.add(operation);
    const { table, entity, kind } = operation;
    let last = this.#lastTable;
    if (last?.table !== table) last = this.#lastTable = this.#rowsOf(table);
    last.operations.push(operation);
    // A new object that takes over a row is yet to say what it writes.
    if (kind === "update" && entity !== null && entity.$key === null) last.touched.noteWhole(table.columns);
    else last.touched.note(operation);
    if (entity !== null) this.byEntity.add(entity, operation);
    return operation;
  }

  #rowsOf(table: Table) {
    const operations = getOrAdd(this.byTable, table, () => []);
    return { table, operations, touched: getOrAdd(this.touched, table, () => new Touched()) };
  }

  /** The object that has the row: one that is united with another has none of its own. */
  survivorOf(entity: Entity): Entity {
    return this.changes.united.survivorOf(entity);
  }

  /** May the row of the object be there already, so that its links may be, too? */
  mayBeStored(entity: Entity): boolean {
    const { united } = this.changes;
    return this.#isUpserted(entity) || united.isSurvivor(entity);
  }

  /** The value that `column` of the object's row will have: known, or to be made by the database in this flush. */
  valueAfter(owner: Entity, column: Column<unknown>): unknown {
    const entity = this.survivorOf(owner);
    const mapper = mapperOf(entity);
    const operation = this.byEntity.writing(entity, column.table);
    if (operation?.isOpen(column) === true) return operation.referable(column);
    const referred = this.#throughRelationship(entity, mapper, column);
    if (referred !== undefined) return referred;
    const planned = operation?.after[column.index];
    if (planned !== undefined) return planned;
    const property = mapper.findColumnProperty(column);
    const value = property === null ? undefined : this.read(entity, property);
    const isKnown = value !== undefined && value !== null; // a key that the database makes may be null until then
    if (isKnown || operation?.kind !== "insert") return value ?? null;
    return operation.makes(column);
  }

  /** The value of a foreign key column as the object that the row refers to has it. */
  #throughRelationship(entity: Entity, mapper: Mapper, column: Column<unknown>): unknown {
    for (const property of toOneOver(mapper, column)) {
      const target = this.target(entity, property);
      if (target === null || target === undefined || this.#following.has(entity)) continue;
      if (this.isUnlinked(entity, property)) continue;
      const pair = property.pairs.find(({ local }) => local === column);
      if (pair === undefined) continue;
      this.#following.add(entity); // rows may refer to each other by their keys
      const value = this.valueAfter(target, pair.remote);
      this.#following.delete(entity);
      return value;
    }
    return undefined;
  }

  /** What an object has for an attribute, with what it takes over from those that are united with it. */
  read(entity: Entity, property: Property): unknown {
    return this.changes.united.read(entity, property);
  }

  target(entity: Entity, property: RelationshipProperty): Entity | null | undefined {
    const held = this.read(entity, property) as Entity | null | undefined; // a to-one slot holds an object
    return held === undefined ? currentTarget(entity, property) : held;
  }

  /** What the row refers to: what the relationship holds; by columns alone, only what may turn out to have another key. */
  referred(entity: Entity, property: RelationshipProperty): Entity | null | undefined {
    const held = this.read(entity, property) as Entity | null | undefined; // a to-one slot holds an object
    if (held !== undefined) return held;
    const target = this.#hasUpserts ? targetByColumns(entity, property) : undefined;
    return target && (this.survivorOf(target) !== target || this.#isUpserted(target)) ? target : undefined;
  }

  #isUpserted(entity: Entity): boolean {
    return this.byEntity.of(entity).some(({ conflict }) => conflict !== null);
  }

  /** Does the relationship lose its target, because that is deleted? */
  isUnlinked(entity: Entity, property: RelationshipProperty): boolean {
    const { unlinked } = this.changes;
    return unlinked.size > 0 && unlinked.get(entity)?.has(property) === true;
  }
}
