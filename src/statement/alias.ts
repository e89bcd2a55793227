import { ArgumentError } from "../errors/index.ts";
import { type ColumnElement, FromClause } from "../expression/from.ts";
import { declareFields } from "../expression/node.ts";
import { aliasedColumns } from "./derived-column.ts";
import { columnsByKey } from "./from-columns.ts";
import { type AnyClass, ENTITY_ALIAS, isAliasable } from "./interfaces.ts";
import { Join } from "./join.ts";

/** A table under another name: `users AS boss`. `C` is the type of its columns by key, that of the table. */
export class Alias<C = unknown> extends FromClause {
  readonly kind = "alias";
  readonly source: FromClause;
  /** Null: the compiler finds one. */
  readonly name: string | null;
  readonly columns: readonly ColumnElement<unknown>[];
  readonly c: C;

  constructor(source: FromClause & { readonly c?: C }, name: string | null) {
    super();
    // An alias of an alias is one of the table.
    this.source = source instanceof Alias ? source.source : source;
    this.name = name;
    this.columns = aliasedColumns(this, source.columns);
    // The columns have the keys and types of those that they stand for.
    this.c = columnsByKey(this.columns) as C;
  }

  static {
    declareFields(Alias, { source: "reference", name: "value" });
  }
}

/** The type of an alias of a mapped class: it can be selected and has attributes, and no instances are made of it. */
export type EntityAlias<C extends AnyClass & { readonly c: unknown }> = (abstract new () => InstanceType<C>) & {
  readonly c: C["c"];
};

/**
 * The same table or mapped class once more, for a statement that needs it twice.
 *
 * @param name how the statement calls it; by default the compiler finds a name, such as `employee_1`
 * @throws ArgumentError for what is neither a table nor a mapped class
 *
 * @example
 * ```ts
 * import { alias, declarativeBase, integer, manyToOne, select, varchar } from "alkahest";
 *
 * const Base = declarativeBase();
 * class Employee extends Base("employee", {
 *   id: integer().primaryKey(),
 *   name: varchar(50),
 *   get bossId() { return integer().references(Employee.c.id); },
 * }) {}
 *
 * const boss = alias(Employee, "boss");
 * select(Employee.c.name, boss.c.name).join(boss, boss.c.id.eq(Employee.c.bossId));
 * ```
 */
export function alias<C extends AnyClass & { readonly c: unknown }>(target: C, name?: string): EntityAlias<C>;
export function alias<C>(target: FromClause & { readonly c: C }, name?: string): Alias<C>;
export function alias(target: unknown, name?: string): unknown {
  if (target instanceof Join) throw new ArgumentError("A join has no alias: make aliases of its tables.");
  if (target instanceof FromClause) return new Alias(target, name ?? null);
  if (isAliasable(target)) return target[ENTITY_ALIAS](name);
  throw new ArgumentError("alias() needs a table or a mapped class.");
}
