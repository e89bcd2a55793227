import { each, parentOf, SCALARS, type TypeSource } from "./source.ts";

const columns = SCALARS.map(({ name, isText }) => `  ${name}: ${isText ? "string" : "number"} | null;`).join("\n");

export const kysely: TypeSource = {
  title: "Kysely: select, join, two conditions",
  schema: (tables) => `
${each(
  tables,
  (table) => `
export interface T${table} {
  id: number;
  parent_id: number | null;
${columns}
}`,
)}
export interface Tables {
${each(tables, (table) => `  t${table}: T${table};`)}
}`,
  queries: (tables) => `
import type { Kysely } from "kysely";
import type { Tables } from "./schema.ts";
export async function main(db: Kysely<Tables>) {
${each(tables, (table) => {
  const [own, parent] = [`t${table}`, `t${parentOf(table, tables)}`];
  return `
  const r${table} = await db.selectFrom("${own}").innerJoin("${parent}", "${parent}.id", "${own}.parent_id")
    .where("${parent}.id", "=", ${table}).where("${own}.field0", "is", null)
    .select(["${own}.id", "${own}.field1", "${parent}.field0"]).execute();
  r${table}[0]?.field0 satisfies string | null | undefined;`;
})}
}`,
};
