import type { Dialect } from "../../../engine/dialect.ts";
import type { Column } from "../../../schema/index.ts";
import { type Entity, type IdentityKey, type IdentityMap, readRaw, Status } from "../../instance/index.ts";
import { type Mapper, mapperOf } from "../../mapping/index.ts";
import type { FlushContext } from "../context.ts";
import { clientDefault } from "../decompose/defaults.ts";
import type { MadeValues } from "../decompose/made-values.ts";
import { type ClassPlan, isCurrent, type Reference, type WrittenColumn } from "./class-plan.ts";
import { isStorable } from "./is-storable.ts";
import { type InsertShape, insertShape } from "./shapes.ts";

/** The new objects of one class. Each knows its position among them. */
export class InsertedClass {
  readonly plan: ClassPlan;
  readonly entities: Entity[] = [];
  /** The objects by the columns that they write, one bit each. */
  readonly rows = new Map<number, InsertedRows>();
  /** The classes of other new objects to which they refer. */
  readonly refersTo = new Set<Mapper>();
  /** The primary keys to which others refer, by position; not there until the database has made them. */
  readonly keys: unknown[] = [];
  /** Those that functions made. */
  readonly madeKeys = new Set<IdentityKey>();

  constructor(plan: ClassPlan) {
    this.plan = plan;
  }
}

/** New objects of one class that write the same columns. Their values lie in one flat list, row after row. */
export class InsertedRows {
  readonly shape: InsertShape;
  readonly entities: Entity[] = [];
  /** In place of the key of another new object there is that object, until its key is known. */
  readonly values: unknown[] = [];
  /** What the database made of these, row by row, in one flat list. */
  readonly made: unknown[] = [];
  /** The columns that have a default in some of the rows, one bit each; other values are those of the attributes. */
  defaults = 0;

  constructor(shape: InsertShape) {
    this.shape = shape;
  }
}

/** A sign that a row needs a plan: something is to be worked out, or refused. */
const IN_DOUBT = Symbol("in doubt");

/** What was referred to last: mostly many in a row refer to the same object. */
interface LastTarget {
  readonly target: Entity;
  readonly remote: Column<unknown>;
  readonly by: InsertedClass;
  readonly value: unknown;
}

/** The INSERTs of a flush in which new objects refer to stored ones and to new ones of other classes. */
export class DirectInserts {
  readonly classes: InsertedClass[] = [];
  readonly #dialect: Dialect;
  readonly #identityMap: IdentityMap;
  readonly #made: MadeValues;
  readonly #row: unknown[] = [];
  #last: { readonly of: InsertedClass; readonly bits: number; readonly rows: InsertedRows } | null = null;
  #lastClass: InsertedClass | null = null;
  #lastTarget: LastTarget | null = null;
  /** As in {@link InsertedRows}, of the object at hand. */
  #defaults = 0;

  constructor({ dialect, identityMap }: FlushContext, made: MadeValues) {
    this.#dialect = dialect;
    this.#identityMap = identityMap;
    this.#made = made;
  }

  /** Takes a new object; false if it needs a plan. */
  add(entity: Entity, plan: ClassPlan): boolean {
    if (!plan.isInsertable) return false;
    const inserted = this.#classOf(plan);
    if (inserted === null) return false;
    const { columns } = plan;
    let bits = 0;
    this.#defaults = 0;
    for (let i = 0; i < columns.length; i++) {
      const written = columns[i] as WrittenColumn; // `i` counts them
      const value = this.#valueOf(entity, written, i, inserted);
      if (value === IN_DOUBT) return false;
      this.#row[i] = value;
      if (value !== undefined) bits |= 1 << i;
    }
    const position = inserted.entities.length;
    const key = this.#row[plan.keyPosition];
    if (key !== undefined && !this.#takeKey(inserted, position, key, entity)) return false;
    entity.$position = position;
    inserted.entities.push(entity);
    const rows = this.#rowsOf(inserted, bits, entity);
    if (rows === null) return false;
    rows.entities.push(entity);
    rows.defaults |= this.#defaults;
    for (let i = 0; i < columns.length; i++) {
      if ((bits & (1 << i)) !== 0) rows.values.push(this.#row[i]);
    }
    return true;
  }

  /** Puts the classes in the order of their tables. */
  sort(): void {
    this.classes.sort((a, b) => a.plan.rank - b.plan.rank);
  }

  /** Do other new objects refer to those of the class? */
  isReferred(mapper: Mapper): boolean {
    return this.classes.some(({ refersTo }) => refersTo.has(mapper));
  }

  /** The key of a new object that others refer to, once it is known. */
  keyOf(entity: Entity): unknown {
    let inserted = this.#lastClass;
    if (inserted === null || inserted.entities[entity.$position] !== entity) {
      const mapper = mapperOf(entity);
      inserted = this.classes.find(({ plan }) => plan.mapper === mapper) ?? null;
      this.#lastClass = inserted;
    }
    return inserted?.keys[entity.$position];
  }

  /** What the row has in the column; undefined: the database makes it. */
  #valueOf(entity: Entity, written: WrittenColumn, position: number, inserted: InsertedClass): unknown {
    const { column, reference, isGenerated } = written;
    if (reference !== null) {
      const referred = this.#referred(entity, reference, inserted);
      if (referred !== undefined) return referred;
    }
    let value = written.read(entity);
    if (value === undefined || (value === null && column.primaryKey && isGenerated)) {
      value = clientDefault(written, inserted.plan.mapper, false, this.#made.of(entity, column, column.default));
      if (value === undefined) return undefined;
      this.#defaults |= 1 << position;
    }
    return isStorable(written, value) ? value : IN_DOUBT;
  }

  /** What the object refers to by a relationship: a key, or a new object which is yet to get one; undefined: nothing. */
  #referred(entity: Entity, { property, remote }: Reference, inserted: InsertedClass): unknown {
    const target = readRaw(entity, property) as Entity | null | undefined; // a to-one slot holds an object
    if (target === null || target === undefined) return undefined;
    const last = this.#lastTarget;
    if (last !== null && last.target === target && last.remote === remote && last.by === inserted) return last.value;
    if (target.$session !== entity.$session) return IN_DOUBT;
    const mapper = mapperOf(target);
    const key = mapper.findColumnProperty(remote);
    // What is a foreign key itself may be told by a relationship.
    if (key === null || key.references.length > 0) return IN_DOUBT;
    let value = readRaw(target, key);
    if (value === null || value === undefined) {
      if (target.$status !== Status.pending || mapper.primaryKey.length > 1 || key !== mapper.primaryKey[0])
        return IN_DOUBT;
      inserted.refersTo.add(mapper);
      value = target;
    } else if (target.$status > Status.persistent) return IN_DOUBT;
    this.#lastTarget = { target, remote, by: inserted, value };
    return value;
  }

  /**
   * Takes down the key of a new object: one that it has itself, so that the session knows of it, or that a function made.
   * @returns false if another object has the key
   */
  #takeKey({ plan, keys, madeKeys }: InsertedClass, position: number, value: unknown, entity: Entity): boolean {
    const { mapper, key: written } = plan;
    const key = written?.column.sqlType.keyOf(value);
    if (written === null || key === undefined || this.#identityMap.get(mapper, key) !== undefined) return false;
    const has = written.read(entity);
    const isMade = has === undefined || has === null;
    if (this.#identityMap.getPending(mapper, key) !== (isMade ? undefined : entity)) return false;
    if (isMade) {
      const folded = this.#identityMap.foldOf(mapper)?.(key) ?? key;
      if (madeKeys.has(folded)) return false;
      madeKeys.add(folded);
    }
    keys[position] = value;
    return true;
  }

  /** Null if the order of the tables is not enough for the classes of the flush. */
  #classOf(plan: ClassPlan): InsertedClass | null {
    const last = this.#lastClass;
    if (last !== null && last.plan === plan) return last;
    let inserted = this.classes.find((one) => one.plan === plan);
    if (inserted === undefined) {
      const { table, refersAhead } = plan;
      const isAhead = ({ plan: other }: InsertedClass): boolean =>
        refersAhead.includes(other.table) || other.refersAhead.includes(table);
      if (!isCurrent(plan) || refersAhead.includes(table) || this.classes.some(isAhead)) return null;
      inserted = new InsertedClass(plan);
      this.classes.push(inserted);
    }
    this.#lastClass = inserted;
    return inserted;
  }

  #rowsOf(inserted: InsertedClass, bits: number, entity: Entity): InsertedRows | null {
    const last = this.#last;
    if (last !== null && last.of === inserted && last.bits === bits) return last.rows;
    const { plan } = inserted;
    let rows = inserted.rows.get(bits);
    if (rows === undefined) {
      const shape = plan.insertShapes.of(bits, () => insertShape(this.#dialect, plan, bits, entity));
      if (!shape.isMatchedByOrder) return null;
      rows = new InsertedRows(shape);
      inserted.rows.set(bits, rows);
    }
    this.#last = { of: inserted, bits, rows };
    return rows;
  }
}
