import { ArgumentError, MappingError } from "../../errors/index.ts";
import { assertOptions, type OptionNames } from "../../expression/check-arguments.ts";
import type { ColumnElement } from "../../expression/from.ts";
import { describeValue, type SqlType } from "../../expression/sql-type.ts";
import { MetaData, type NamingConvention } from "../../schema/index.ts";
import { ENTITY, ENTITY_ALIAS, type EntityDescription } from "../../statement/interfaces.ts";
import { makeAttributes } from "./attributes.ts";
import type { AttributeOwner } from "./column-attribute.ts";
import { mapperOf } from "./configuration.ts";
import { takeLoading } from "./construction.ts";
import { attachDeclaration, DECLARATION, Declaration, declarationOf, findDeclaration } from "./declaration.ts";
import { MappedAlias } from "./entity-alias.ts";
import { describeEntity, type EntityReference, plainReference } from "./entity-reference.ts";
import type { InheritanceKind, MappedClass } from "./mapper.ts";
import type { AnyModel, InheritedModel, Model } from "./model.ts";
import { type ColumnNames, Registry } from "./registry.ts";
import { RelationshipAttribute } from "./relationship-attribute.ts";
import { instanceRuntime } from "./runtime.ts";

/** What the classes of a declarative base have in common. */
export interface DeclarativeOptions {
  /** Where the tables are; by default the base makes one of its own. */
  readonly metadata?: MetaData;
  /** How constraints without a name are named. */
  readonly namingConvention?: NamingConvention;
  /** The schema of the tables. */
  readonly schema?: string;
  /** How columns are named that do not name themselves: `"snake_case"` (the default), or as the property. */
  readonly columnNames?: ColumnNames;
}

const OPTIONS: OptionNames<DeclarativeOptions> = {
  metadata: true,
  namingConvention: true,
  schema: true,
  columnNames: true,
};

const COLUMN_NAMES: readonly ColumnNames[] = ["snake_case", "verbatim"];

const INHERIT_OPTIONS: OptionNames<InheritOptions> = { concrete: true };

/** How a class extends another mapped class. */
export interface InheritOptions {
  /** The table holds whole rows, those of the parent do not belong to them. */
  readonly concrete?: boolean;
}

/** Makes the classes that mapped classes extend. */
export interface DeclarativeBase {
  /**
   * The class to extend by a class of this table and shape.
   *
   * @param shape columns as values, or as getters where they mention another class; relationships as getters
   * @throws MappingError for names that an attribute cannot have; all else is checked when the class is first used
   */
  <const S extends object>(table: string, shape: S): Model<S>;
  /**
   * The class to extend by a class that extends the mapped class `parent`.
   *
   * @param table the table for what the class has besides; null: its rows are in the table of the parent
   */
  inherit<P extends AnyModel, const S extends object>(
    parent: P,
    table: string | null,
    shape: S,
    options?: InheritOptions,
  ): InheritedModel<P, S>;
  /** The tables: `await Base.metadata.createAll(engine)`. */
  readonly metadata: MetaData;
}

/**
 * Makes the function by which classes are mapped to tables.
 *
 * @throws ArgumentError for an option that does not exist or has no such value
 * @throws MappingError if `metadata` is given together with options that are the metadata's
 * @example
 * ```ts
 * import { createEngine, declarativeBase, integer, manyToOne, oneToMany, Session, varchar } from "alkahest";
 *
 * const Base = declarativeBase();
 * class User extends Base("users", {
 *   id: integer().primaryKey(),
 *   name: varchar(50).notNull(),
 *   get notes() { return oneToMany(Note, { backPopulates: "author" }); },
 * }) {
 *   greet() { return `Hello, ${this.name}`; }
 * }
 * class Note extends Base("notes", {
 *   id: integer().primaryKey(),
 *   get authorId() { return integer().references(User.c.id); },
 *   get author() { return manyToOne(User, { backPopulates: "notes" }); },
 * }) {}
 *
 * const engine = createEngine("sqlite::memory:");
 * await Base.metadata.createAll(engine);
 * await using session = new Session(engine);
 * session.add(new User({ name: "Ann", notes: [new Note()] }));
 * await session.commit();
 * ```
 */
export function declarativeBase(options: DeclarativeOptions = {}): DeclarativeBase {
  assertOptions("declarativeBase()", options, OPTIONS);
  const { columnNames = "snake_case" } = options;
  if (!COLUMN_NAMES.includes(columnNames)) {
    throw new ArgumentError(
      `declarativeBase(): columnNames is ${COLUMN_NAMES.map((one) => `"${one}"`).join(" or ")}, not ${describeValue(columnNames)}.`,
    );
  }
  const registry = new Registry(metadataFor(options), columnNames);
  const base = (table: string, shape: object): MappedClass => {
    checkArguments(table, shape);
    return rootClass(declare(registry, { tableName: table, shape, parent: null, inheritance: null }));
  };
  const inherit = (
    parent: MappedClass,
    table: string | null,
    shape: object,
    options: InheritOptions = {},
  ): MappedClass => {
    assertOptions("Base.inherit()", options, INHERIT_OPTIONS);
    const { concrete } = options;
    if (table !== null || concrete) checkArguments(table, shape);
    return subclass(registry, parent, table, shape, concrete ? "concrete" : table === null ? "single" : "joined");
  };
  // What the classes look like from outside is computed from the shape, in types only.
  return Object.assign(base, { inherit, metadata: registry.metadata }) as unknown as DeclarativeBase;
}

function metadataFor({ metadata, namingConvention, schema }: DeclarativeOptions): MetaData {
  if (metadata === undefined) {
    return new MetaData({ ...(namingConvention && { namingConvention }), ...(schema !== undefined && { schema }) });
  }
  if (namingConvention !== undefined || schema !== undefined) {
    throw new MappingError("namingConvention and schema belong to the metadata that was given: new MetaData({ ... }).");
  }
  return metadata;
}

function checkArguments(table: unknown, shape: unknown): void {
  if (typeof table !== "string" || table === "") {
    throw new MappingError('The first argument is the name of the table: Base("users", { ... }).');
  }
  if (typeof shape !== "object" || shape === null) {
    throw new MappingError(`The second argument of Base("${table}", ...) is an object of columns and relationships.`);
  }
}

function declare(
  registry: Registry,
  init: { tableName: string | null; shape: object; parent: Declaration | null; inheritance: InheritanceKind | null },
): Declaration {
  const declaration = new Declaration({ registry, ...init });
  const { tableName, parent } = init;
  if (tableName !== null) {
    const { schema } = registry.metadata;
    registry.metadata.declare(schema === null ? tableName : `${schema}.${tableName}`, () => declaration.table);
  }
  parent?.children.push(declaration);
  registry.declarations.push(declaration);
  return declaration;
}

/** A class without mapped parent: it has all that mapped classes have in common. */
function rootClass(declaration: Declaration): MappedClass {
  class Mapped {
    static get c(): object {
      // biome-ignore lint/complexity/noThisInStatic: it is the class that extends this one
      return attributesOf(declarationOf(this));
    }

    static [ENTITY](): EntityDescription {
      // biome-ignore lint/complexity/noThisInStatic: it is the class that extends this one
      const mapper = mapperOf(this);
      return describeEntity(mapper, plainReference(mapper));
    }

    static [ENTITY_ALIAS](name?: string): MappedAlias {
      if (name !== undefined && typeof name !== "string")
        throw new ArgumentError(`alias() takes a name as its second argument, not ${describeValue(name)}.`);
      // biome-ignore lint/complexity/noThisInStatic: it is the class that extends this one
      return new MappedAlias(mapperOf(this), name ?? null);
    }

    constructor(init?: object) {
      // Each row that is loaded comes by here: a class that is configured, and known to be this one, is not looked at again.
      const known = (this as { readonly [DECLARATION]?: Declaration })[DECLARATION]?.mapper;
      const mapper = known?.mappedClass === new.target ? known : mapperOf(new.target);
      instanceRuntime().initialise(this, mapper, takeLoading(mapper) ? undefined : init);
    }
  }
  attachDeclaration(Mapped, declaration);
  return Mapped;
}

function subclass(
  registry: Registry,
  parentClass: MappedClass,
  tableName: string | null,
  shape: object,
  inheritance: InheritanceKind,
): MappedClass {
  const parent = findDeclaration(parentClass);
  if (parent === null) {
    throw new MappingError(
      `Base.inherit() takes a mapped class to extend, and ${parentClass?.name || "this"} is not one.`,
    );
  }
  if (inheritance === "single" && parent.isTableBuilt) {
    throw new MappingError(
      `A class that extends ${parent.label} without a table of its own adds columns to the table of ${parent.label}, which is in use ` +
        "already. Declare it before the first use of the table.",
    );
  }
  // Typed as abstract for the sake of callers; the classes that Base() makes are not.
  const Parent = parentClass as new (...args: any) => object;
  const base = class extends Parent {};
  attachDeclaration(base, declare(registry, { tableName, shape, parent, inheritance }));
  return base;
}

const attributesByDeclaration = new WeakMap<Declaration, object>();

/** The `c` of a class, made on first use. */
function attributesOf(declaration: Declaration): object {
  let attributes = attributesByDeclaration.get(declaration);
  if (attributes === undefined) {
    const owner = new ClassOwner(declaration);
    attributes = makeAttributes(declaration, owner, (key) => new RelationshipAttribute(() => owner.reference, key));
    attributesByDeclaration.set(declaration, attributes);
  }
  return attributes;
}

/** The owner of a class's attributes. */
class ClassOwner implements AttributeOwner {
  readonly #declaration: Declaration;

  constructor(declaration: Declaration) {
    this.#declaration = declaration;
  }

  get label(): string {
    return this.#declaration.label;
  }

  get reference(): EntityReference {
    return plainReference(mapperOf(this.#declaration.mappedClass ?? this.#declaration.base));
  }

  get inherits(): boolean {
    const { parent, inheritance } = this.#declaration;
    return parent !== null && inheritance !== "concrete";
  }

  describe(): EntityDescription {
    const { reference } = this;
    return describeEntity(reference.mapper, reference);
  }

  columnElement(key: string): ColumnElement<unknown> {
    return this.#declaration.column(key);
  }

  columnType(key: string): SqlType<unknown> {
    return this.#declaration.columnType(key);
  }
}
