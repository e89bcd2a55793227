import type { FromClause } from "../../expression/from.ts";
import { and, type SqlExpression } from "../../expression/sql-expression.ts";
import { Join } from "../../statement/join.ts";
import type { Mapper } from "./mapper.ts";

/** The tables of a class joined along the keys that its subclasses' tables share with the root's. */
export function joinedTables(mapper: Mapper): FromClause {
  if (mapper.parent === null) return mapper.table;
  const { from } = mapper.parent;
  if (mapper.table === mapper.parent.table) return from;
  const on = mapper.table.primaryKey.map((column) => {
    const inherited = mapper.columnProperty(column).columns[1];
    if (inherited === undefined) throw new Error(`${mapper.name} does not share its key with its parent.`);
    return column.eq(inherited);
  });
  return new Join(from, mapper.table, and(...on), "inner");
}

/** With single-table inheritance: the discriminator is that of the class or of one that extends it. */
export function discriminatorCondition(mapper: Mapper): SqlExpression<boolean> | null {
  const { polymorphic } = mapper;
  if (mapper.inheritance !== "single" || polymorphic === null) return null;
  const identities = mapper.selfAndDescendants().flatMap(({ polymorphic: member }) => member?.identity ?? []);
  return polymorphic.on.column.in(identities);
}
