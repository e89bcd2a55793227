import { MappingError } from "../../errors/index.ts";
import { suggestion } from "../../expression/near-match.ts";
import type { Typed } from "../../expression/sql-expression.ts";
import { evaluateGetter } from "./definition.ts";
import type { AnyModel } from "./model.ts";

/** What the getter `mapperArgs` of a shape can say. */
export interface MapperArgs {
  /** The column that counts the versions of a row: an UPDATE or DELETE of an older version fails. */
  readonly versionId?: Typed<unknown>;
  /**
   * What to do when a new row meets one of equal `target`, a unique key: the INSERT becomes the database's upsert. New
   * objects of equal target are one. `update` overwrites what the objects have set, the last one's values winning;
   * `nothing` leaves a stored row as it is, and the first object's values win.
   */
  readonly onConflict?: { readonly target: readonly Typed<unknown>[]; readonly do: "update" | "nothing" };
  /**
   * A row of this class may be deleted and inserted again, where it has to give up a unique value and no other way is left
   * (no column of the key may be NULL or take a temporary value). Triggers of DELETE and INSERT then run. Only for tables
   * that no foreign key refers to.
   */
  readonly reinsert?: boolean;
  /** Makes the objects that are loaded, where `new Class()` cannot. */
  readonly construct?: () => object;
  /** The column that says which class of the family a row belongs to. */
  readonly polymorphicOn?: Typed<unknown>;
  /** The classes of the family by the value of that column. */
  readonly polymorphicMap?: Readonly<Record<string, AnyModel>> | ReadonlyMap<unknown, AnyModel>;
  /** The value of that column for this class, where the root's map does not say it. */
  readonly polymorphicIdentity?: unknown;
}

const NAMES: readonly (keyof MapperArgs)[] = [
  "versionId",
  "onConflict",
  "reinsert",
  "construct",
  "polymorphicOn",
  "polymorphicMap",
  "polymorphicIdentity",
];

/**
 * Reads `mapperArgs` of a shape.
 * @throws MappingError if its getter fails, or it says something unknown
 */
export function readMapperArgs(shape: object, label: string): MapperArgs {
  const args = evaluateGetter(shape, "mapperArgs", `${label}.mapperArgs`);
  if (args === undefined) return {};
  if (typeof args !== "object" || args === null) throw new MappingError(`${label}.mapperArgs must be an object.`);
  for (const name of Object.keys(args)) {
    if (NAMES.some((known) => known === name)) continue;
    throw new MappingError(`${label}.mapperArgs has "${name}", which does not exist.${suggestion(name, NAMES)}`);
  }
  // Its names are checked; its values where they are used.
  return args as MapperArgs;
}

/** The classes of the family by discriminator, as `polymorphicMap` lists them. */
export function polymorphicEntries({ polymorphicMap }: MapperArgs): readonly (readonly [unknown, AnyModel])[] {
  if (polymorphicMap === undefined) return [];
  return polymorphicMap instanceof Map ? [...polymorphicMap] : Object.entries(polymorphicMap);
}
