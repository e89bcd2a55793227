import { MappingError } from "../../errors/index.ts";
import type { SqlType } from "../../expression/sql-type.ts";
import type { Column, Table } from "../../schema/index.ts";
import { checkAttributeName, type Definition, evaluateMember } from "./definition.ts";
import type { InheritanceKind, MappedClass, Mapper } from "./mapper.ts";
import { type MapperArgs, readMapperArgs } from "./mapper-args.ts";
import type { Registry } from "./registry.ts";
import { RelationDefinition } from "./relation-definition.ts";
import { buildTable } from "./table-builder.ts";

/** Getters of a shape that are no attributes. */
const RESERVED = new Set(["tableArgs", "mapperArgs"]);

/** What a declaration is made of. */
export interface DeclarationInit {
  readonly registry: Registry;
  /** Null with single-table inheritance. */
  readonly tableName: string | null;
  readonly shape: object;
  readonly parent: Declaration | null;
  readonly inheritance: InheritanceKind | null;
}

/**
 * One call of `Base(table, shape)`: what was written, evaluated piece by piece when it is asked for. Its table exists
 * without any class being used; which class extends it is learned when that is first used; its mapper is made when the
 * class is configured.
 */
export class Declaration {
  readonly registry: Registry;
  readonly tableName: string | null;
  readonly shape: object;
  readonly parent: Declaration | null;
  readonly inheritance: InheritanceKind | null;
  /** Declarations that extend this one directly. */
  readonly children: Declaration[] = [];
  /** How many classes it extends. */
  readonly depth: number;
  /** The names of its own attributes. */
  readonly ownKeys: readonly string[];
  /** The names of all attributes, those of the parent first: their slots are their positions. */
  readonly keys: readonly string[];
  /** Set by the configuration, once all is well. */
  mapper: Mapper | null = null;
  #base: MappedClass | null = null;
  #mappedClass: MappedClass | null = null;
  #table: Table | null = null;
  #mapperArgs: MapperArgs | null = null;
  readonly #definitions = new Map<string, Definition>();
  readonly #evaluating = new Set<string>();

  constructor(init: DeclarationInit) {
    this.registry = init.registry;
    this.tableName = init.tableName;
    this.shape = init.shape;
    this.parent = init.parent;
    this.inheritance = init.inheritance;
    this.depth = this.parent === null ? 0 : this.parent.depth + 1;
    this.ownKeys = Object.keys(this.shape).filter((key) => !RESERVED.has(key));
    const inherited = this.parent?.keys ?? [];
    this.keys = [...inherited, ...this.ownKeys.filter((key) => !inherited.includes(key))];
    for (const key of this.ownKeys) checkAttributeName(key, this.label);
  }

  /** The name of the class, or of the table while the class is not known. */
  get label(): string {
    const name = this.#mappedClass === this.#base ? undefined : this.#mappedClass?.name;
    return name || (this.tableName ?? this.parent?.label ?? "");
  }

  /** The class that `Base(...)` returned. */
  get base(): MappedClass {
    if (this.#base === null) throw new Error("The declaration has no class yet.");
    return this.#base;
  }

  set base(base: MappedClass) {
    this.#base = base;
  }

  /** The class that extends it; null until that is first used. */
  get mappedClass(): MappedClass | null {
    return this.#mappedClass;
  }

  /**
   * Takes note of the class: the one that directly extends the base (or the base itself).
   *
   * @throws MappingError when it is a class that extends a mapped class without being mapped, or a second one that
   * extends the same base
   */
  learn(used: MappedClass): void {
    if (this.#mappedClass === used) return;
    let mapped: MappedClass = used;
    for (let above: unknown = used; above !== this.base && typeof above === "function"; ) {
      // What a class extends is a class.
      mapped = above as MappedClass;
      above = Object.getPrototypeOf(above);
    }
    if (used === this.base) mapped = used;
    this.#mappedClass ??= mapped;
    if (this.#mappedClass !== mapped) {
      throw new MappingError(
        `${nameOf(mapped)} and ${nameOf(this.#mappedClass)} extend the same Base("${this.tableName}", ...): ` +
          "each mapped class needs a call of its own.",
      );
    }
    if (mapped !== used) {
      const name = nameOf(used);
      const parent = nameOf(mapped);
      throw new MappingError(
        `${name} extends the mapped class ${parent} but is not mapped itself. Write ` +
          `class ${name} extends Base.inherit(${parent}, null, { ... }) to keep its rows in the table of ${parent}, or give ` +
          "the name of a table of its own instead of null.",
      );
    }
  }

  /** Is it being found out just now what this attribute is? */
  isEvaluating(key: string): boolean {
    return this.#evaluating.has(key);
  }

  /**
   * What the attribute is. Its getter is called once.
   * @throws MappingError if it cannot be evaluated, or is no attribute
   */
  definition(key: string): Definition {
    const known = this.#definitions.get(key);
    if (known !== undefined) return known;
    if (!this.ownKeys.includes(key)) {
      if (this.parent !== null) return this.parent.definition(key);
      throw new MappingError(`${this.label} has no attribute "${key}".`);
    }
    if (this.#evaluating.has(key)) {
      throw new MappingError(`The getter of ${this.label}.${key} needs ${this.label}.${key} itself to be complete.`);
    }
    this.#evaluating.add(key);
    try {
      const definition = evaluateMember(this.shape, key, `${this.label}.${key}`);
      this.#definitions.set(key, definition);
      return definition;
    } finally {
      this.#evaluating.delete(key);
    }
  }

  /** What the getter `mapperArgs` says, which is called once. */
  get mapperArgs(): MapperArgs {
    this.#mapperArgs ??= readMapperArgs(this.shape, this.label);
    return this.#mapperArgs;
  }

  /** The table that holds its own attributes: the parent's with single-table inheritance. Built on first use. */
  get table(): Table {
    if (this.tableName === null && this.parent !== null) return this.parent.table;
    if (this.#table === null) {
      this.#table = buildTable(this);
      declarationByTable.set(this.#table, this);
    }
    return this.#table;
  }

  /** Is there a table already? Then no column can be added to it. */
  get isTableBuilt(): boolean {
    return this.tableName === null && this.parent !== null ? this.parent.isTableBuilt : this.#table !== null;
  }

  /**
   * The column of an attribute: of the table of the class that declares it, the nearest one above.
   * @throws MappingError if it is a relationship
   */
  column(key: string): Column {
    if (this.definition(key) instanceof RelationDefinition) throw this.#notAColumn(key);
    let owner: Declaration = this;
    while (!owner.ownKeys.includes(key) && owner.parent !== null && owner.inheritance !== "concrete")
      owner = owner.parent;
    const column = owner.table.columns.find((candidate) => candidate.key === key);
    if (column === undefined) throw new Error(`The table of ${this.label} was built without the column of ${key}.`);
    return column;
  }

  /**
   * The type of the column of an attribute, which is known before there is a table.
   * @throws MappingError if it is a relationship
   */
  columnType(key: string): SqlType<unknown> {
    const definition = this.definition(key);
    if (definition instanceof RelationDefinition) throw this.#notAColumn(key);
    return definition.sqlType;
  }

  #notAColumn(key: string): MappingError {
    return new MappingError(`${this.label}.${key} is a relationship, and a column is needed here.`);
  }
}

const declarationByTable = new WeakMap<Table, Declaration>();

/** The mapper of the class, the topmost one, that is mapped to the table; null if there is none, or it is not configured. */
export function mapperForTable(table: Table): Mapper | null {
  return declarationByTable.get(table)?.mapper ?? null;
}

/** The property by which a mapped class, and its objects, know their declaration. Only {@link attachDeclaration} defines it. */
export const DECLARATION: unique symbol = Symbol("alkahest.declaration");

/** Lets the base class of a declaration, all that extend it and their objects know it. */
export function attachDeclaration(base: MappedClass, declaration: Declaration): void {
  declaration.base = base;
  Object.defineProperty(base, DECLARATION, { value: declaration });
  Object.defineProperty(base.prototype, DECLARATION, { value: declaration });
}

/** The declaration of a class or of the class of an object; null if it is not mapped. */
export function findDeclaration(classOrInstance: unknown): Declaration | null {
  if (classOrInstance === null || (typeof classOrInstance !== "object" && typeof classOrInstance !== "function"))
    return null;
  // Only attachDeclaration defines the property.
  const declaration = (classOrInstance as { readonly [DECLARATION]?: Declaration })[DECLARATION];
  if (declaration === undefined) return null;
  if (typeof classOrInstance === "function") {
    // A function that has a declaration is a mapped class, or extends one.
    declaration.learn(classOrInstance as unknown as MappedClass);
  }
  return declaration;
}

/** @throws MappingError if it is not mapped */
export function declarationOf(classOrInstance: object): Declaration {
  const declaration = findDeclaration(classOrInstance);
  if (declaration !== null) return declaration;
  if (classOrInstance === null || classOrInstance === undefined) {
    throw new MappingError(`Expected a mapped class or an object of one, got ${classOrInstance}.`);
  }
  const name = typeof classOrInstance === "function" ? classOrInstance.name : classOrInstance.constructor?.name;
  throw new MappingError(
    `${name || "An anonymous class"} is not mapped. Write class ${name || "Name"} extends Base("table_name", { ... }).`,
  );
}

function nameOf(mapped: MappedClass): string {
  return mapped.name || "an anonymous class";
}
