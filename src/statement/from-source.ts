import { ArgumentError } from "../errors/index.ts";
import { FromClause } from "../expression/from.ts";
import { describeValue } from "../expression/sql-type.ts";
import { type AnyClass, ENTITY, type EntityDescription, isEntitySource } from "./interfaces.ts";

/** What a statement can select from, as far as types go: a table, an alias, a subquery, or a mapped class. */
export type FromSource = FromClause | AnyClass;

/** What stands behind a {@link FromSource}: the FROM element, and the entity unless it is a plain one. */
export interface ResolvedSource {
  readonly from: FromClause;
  readonly entity: EntityDescription | null;
}

/** @throws ArgumentError for what is neither a FROM element nor a mapped class */
export function resolveSource(source: unknown, place: string): ResolvedSource {
  if (source instanceof FromClause) return { from: source, entity: null };
  if (isEntitySource(source)) {
    const entity = source[ENTITY]();
    return { from: entity.from, entity };
  }
  const what = typeof source === "function" ? `the class ${source.name}, which is not mapped` : describeValue(source);
  throw new ArgumentError(`${place} needs a table, an alias, a subquery or a mapped class, not ${what}.`);
}
