import { MappingError } from "../../errors/index.ts";
import type { FromClause } from "../../expression/from.ts";
import { suggestion } from "../../expression/near-match.ts";
import type { SqlExpression } from "../../expression/sql-expression.ts";
import type { Column, Table } from "../../schema/index.ts";
import { constructForLoading } from "./construction.ts";
import type { Declaration } from "./declaration.ts";
import { discriminatorCondition, joinedTables } from "./inheritance.ts";
import type { ColumnProperty, Property, RelationshipProperty } from "./property.ts";
import type { Registry } from "./registry.ts";

/** A class that is mapped, whatever its constructor takes. */
// Constructors are contravariant in their parameters: only `any` accepts every class.
export type MappedClass = abstract new (...args: any) => object;

/** Which class of a family a row belongs to. */
export interface Polymorphic {
  /** The discriminator; its value is that of the row. */
  readonly on: ColumnProperty;
  /** Its value for this class; undefined for a class without rows of its own. */
  readonly identity: unknown;
  /** The mappers of the whole family by value. */
  readonly map: ReadonlyMap<unknown, Mapper>;
}

/** How an INSERT that meets an existing row goes on. */
export interface OnConflict {
  readonly target: readonly ColumnProperty[];
  readonly do: "update" | "nothing";
}

/** How a class extends another mapped class. */
export type InheritanceKind = "joined" | "single" | "concrete";

/** What is known of a mapper when it is made. */
export interface MapperInit {
  readonly declaration: Declaration;
  readonly mappedClass: MappedClass;
  readonly parent: Mapper | null;
}

/** What `mapperArgs` says, understood. */
export interface MapperSettings {
  readonly versionId: ColumnProperty | null;
  readonly onConflict: OnConflict | null;
  readonly reinsert: boolean;
  readonly polymorphic: Polymorphic | null;
  readonly construct: (() => object) | null;
}

/**
 * How a class is mapped to its table or tables: the one place where the rest of the ORM looks. Complete when
 * {@link mapperOf} hands it out, but for what classes that are configured later add: subclasses and hidden
 * relationships.
 */
export class Mapper {
  readonly mappedClass: MappedClass;
  /** What was written, for the configuration. */
  readonly declaration: Declaration;
  /** The name of the class. */
  readonly name: string;
  /** The prototype for the accessors of the class's own attributes: the one below the class's own. */
  readonly prototype: object;
  readonly registry: Registry;
  /** The mapper of the class that this one extends; null for concrete inheritance, which shares no rows. */
  readonly parent: Mapper | null;
  /** The top of the family: the identity of an object is one within it. */
  readonly root: Mapper;
  readonly inheritance: InheritanceKind | null;
  /** The table of this class; with single-table inheritance that of the parent. */
  readonly table: Table;
  /** All tables that hold a part of an object, the root's first. */
  readonly tables: readonly Table[];
  readonly #subclasses: Mapper[] = [];
  readonly #columns: ColumnProperty[] = [];
  readonly #relationships: RelationshipProperty[] = [];
  readonly #hidden: RelationshipProperty[] = [];
  readonly #properties: Property[] = [];
  readonly #byName = new Map<string, Property>();
  readonly #byColumn = new Map<Column<unknown>, ColumnProperty>();
  #primaryKey: readonly ColumnProperty[] | null = null;
  #from: FromClause | null = null;
  #settings: MapperSettings = {
    versionId: null,
    onConflict: null,
    reinsert: false,
    polymorphic: null,
    construct: null,
  };

  constructor(init: MapperInit) {
    const { parent, declaration } = init;
    const { table } = declaration;
    this.mappedClass = init.mappedClass;
    this.declaration = declaration;
    this.name = declaration.label;
    this.prototype = declaration.base.prototype;
    this.registry = declaration.registry;
    this.parent = parent;
    this.root = parent?.root ?? this;
    this.inheritance = declaration.inheritance;
    this.table = table;
    this.tables = parent === null ? [table] : parent.table === table ? parent.tables : [...parent.tables, table];
  }

  /** All attributes, in the order of their slots. */
  get properties(): readonly Property[] {
    return this.#properties;
  }

  /** The attributes that hold columns. */
  get columns(): readonly ColumnProperty[] {
    return this.#columns;
  }

  /** The attributes that hold related objects. */
  get relationships(): readonly RelationshipProperty[] {
    return this.#relationships;
  }

  /** The many-to-one relationships that one-to-many ones of other classes need as their inverse. */
  get hiddenRelationships(): readonly RelationshipProperty[] {
    return this.#hidden;
  }

  /** The mappers of the classes that extend this one directly. */
  get subclasses(): readonly Mapper[] {
    return this.#subclasses;
  }

  /** The attributes of the primary key of the root's table, in its order. */
  get primaryKey(): readonly ColumnProperty[] {
    this.#primaryKey ??= this.root.table.primaryKey.map((column) => this.columnProperty(column));
    return this.#primaryKey;
  }

  /** The attribute that counts the versions of a row. */
  get versionId(): ColumnProperty | null {
    return this.#settings.versionId;
  }

  get onConflict(): OnConflict | null {
    return this.#settings.onConflict;
  }

  /** May rows be deleted and inserted again where no other order of statements exists? */
  get reinsert(): boolean {
    return this.#settings.reinsert;
  }

  /** Which class of the family a row belongs to; null if rows do not say. */
  get polymorphic(): Polymorphic | null {
    return this.#settings.polymorphic;
  }

  /** What the rows of this class are selected from: its table, or the joined tables of its family. */
  get from(): FromClause {
    this.#from ??= joinedTables(this);
    return this.#from;
  }

  /** The condition that tells the rows of this class from others of the same table; null if all are. */
  get criteria(): SqlExpression<boolean> | null {
    return discriminatorCondition(this);
  }

  /** The attribute of this name; null if there is none. */
  findProperty(name: string): Property | null {
    return this.#byName.get(name) ?? null;
  }

  /** @throws MappingError if there is none, naming the one that was probably meant */
  property(name: string): Property {
    const property = this.#byName.get(name);
    if (property === undefined) {
      throw new MappingError(
        `${this.name} has no attribute "${name}".${suggestion(String(name), [...this.#byName.keys()])}`,
      );
    }
    return property;
  }

  /** The attribute that holds this column of one of its tables; null for columns of other tables. */
  findColumnProperty(column: Column<unknown>): ColumnProperty | null {
    return this.#byColumn.get(column) ?? null;
  }

  /** @throws MappingError for columns of other tables */
  columnProperty(column: Column<unknown>): ColumnProperty {
    const property = this.#byColumn.get(column);
    if (property === undefined) {
      throw new MappingError(`${this.name} has no attribute for the column ${column.table.fullName}.${column.name}.`);
    }
    return property;
  }

  /** Is it `other`, or does its class extend that of `other`? */
  isA(other: Mapper): boolean {
    for (let mapper: Mapper | null = this; mapper !== null; mapper = mapper.parent) if (mapper === other) return true;
    return false;
  }

  /** This mapper and those of all classes that extend it, at any depth, parents first. */
  selfAndDescendants(): readonly Mapper[] {
    return [this, ...this.#subclasses.flatMap((subclass) => subclass.selfAndDescendants())];
  }

  /** For the configuration only: adds an attribute of the class, or replaces the parent's of the same name. */
  add(property: Property): void {
    this.#properties[property.slot] = property;
    this.#byName.set(property.name, property);
    if (property.kind === "relationship") {
      this.#relationships.push(property);
      return;
    }
    const replaced = this.#columns.findIndex(({ name }) => name === property.name);
    this.#columns.splice(replaced < 0 ? this.#columns.length : replaced, replaced < 0 ? 0 : 1, property);
    for (const column of property.columns) this.#byColumn.set(column, property);
  }

  /** For the configuration only: adds a relationship that is no attribute, here and in all subclasses. */
  addHidden(relationship: RelationshipProperty): void {
    for (const mapper of this.selfAndDescendants()) mapper.#hidden.push(relationship);
  }

  /** For the configuration only: takes over what the parent has that this class did not declare again. */
  inheritRelationships(parent: Mapper): void {
    for (const relationship of parent.#relationships) this.add(relationship);
    this.#hidden.push(...parent.#hidden);
  }

  /** For the configuration only. */
  addSubclass(subclass: Mapper): void {
    this.#subclasses.push(subclass);
  }

  /** For the configuration only. */
  settle(settings: MapperSettings): void {
    this.#settings = settings;
  }

  /** An object to load a row into: made by the class's constructor, or by `mapperArgs.construct`. */
  construct(): object {
    return constructForLoading(this, this.#settings.construct);
  }
}
