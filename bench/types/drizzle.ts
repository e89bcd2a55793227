import { childOf, each, parentOf, SCALARS, type TypeSource } from "./source.ts";

const columns = SCALARS.map(
  ({ name, isText }) => `  ${name}: ${isText ? `varchar("${name}", { length: 50 })` : `integer("${name}")`},`,
).join("\n");

const schema = (tables: number) => `
import { relations } from "drizzle-orm";
import { integer, pgTable, varchar } from "drizzle-orm/pg-core";
${each(
  tables,
  (table) => `
export const t${table} = pgTable("t${table}", {
  id: integer("id").primaryKey(),
  parentId: integer("parent_id"),
${columns}
});
export const t${table}Relations = relations(t${table}, ({ one, many }) => ({
  parent: one(t${parentOf(table, tables)}, { fields: [t${table}.parentId], references: [t${parentOf(table, tables)}.id] }),
  children: many(t${childOf(table, tables)}),
}));`,
)}`;

export const drizzleRelations: TypeSource = {
  title: "Drizzle: relational query, two conditions, two relationships",
  schema,
  queries: (tables) => `
import { and, eq, isNull } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import * as schema from "./schema.ts";
export async function main(db: NodePgDatabase<typeof schema>) {
${each(
  tables,
  (table) => `
  const r${table} = await db.query.t${table}.findMany({
    where: and(eq(schema.t${table}.parentId, ${table}), isNull(schema.t${table}.field0)),
    with: { parent: true, children: true },
  });
  r${table}[0]?.parent?.field0 satisfies string | null | undefined;
  r${table}[0]?.children[0]?.field1 satisfies number | null | undefined;`,
)}
}`,
};

export const drizzleSelect: TypeSource = {
  title: "Drizzle: select, join, two conditions",
  schema,
  queries: (tables) => `
import { and, eq, isNull } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import * as schema from "./schema.ts";
export async function main(db: NodePgDatabase<typeof schema>) {
${each(tables, (table) => {
  const [own, parent] = [`schema.t${table}`, `schema.t${parentOf(table, tables)}`];
  return `
  const r${table} = await db.select().from(${own}).innerJoin(${parent}, eq(${parent}.id, ${own}.parentId))
    .where(and(eq(${parent}.id, ${table}), isNull(${own}.field0)));
  r${table}[0]?.t${parentOf(table, tables)}.field0 satisfies string | null | undefined;`;
})}
}`,
};

/** Of the release to come, whose relations are declared apart from the tables. */
export const drizzleNext: TypeSource = {
  title: "Drizzle 1.0 rc 4: relational query, two conditions, two relationships",
  schema: (tables) => `
import { defineRelations } from "drizzle-orm-1";
import { integer, pgTable, varchar } from "drizzle-orm-1/pg-core";
${each(
  tables,
  (table) => `
export const t${table} = pgTable("t${table}", {
  id: integer("id").primaryKey(),
  parentId: integer("parent_id"),
${columns}
});`,
)}
export const relations = defineRelations({ ${each(tables, (table) => `t${table},`)} }, (r) => ({
${each(tables, (table) => {
  const [parent, child] = [`t${parentOf(table, tables)}`, `t${childOf(table, tables)}`];
  return `
  t${table}: {
    parent: r.one.${parent}({ from: r.t${table}.parentId, to: r.${parent}.id }),
    children: r.many.${child}({ from: r.t${table}.id, to: r.${child}.parentId }),
  },`;
})}
}));`,
  queries: (tables) => `
import type { NodePgDatabase } from "drizzle-orm-1/node-postgres";
import type { relations } from "./schema.ts";
export async function main(db: NodePgDatabase<typeof relations>) {
${each(
  tables,
  (table) => `
  const r${table} = await db.query.t${table}.findMany({
    where: { parentId: ${table}, field0: { isNull: true } },
    with: { parent: true, children: true },
  });
  r${table}[0]?.parent?.field0 satisfies string | null | undefined;
  r${table}[0]?.children[0]?.field1 satisfies number | null | undefined;`,
)}
}`,
};
