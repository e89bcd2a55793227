import { childOf, each, parentOf, SCALARS, type TypeSource } from "./source.ts";

const fields = SCALARS.map(({ name, isText }) => `  ${name}!: ${isText ? "string" : "number"} | null;`).join("\n");

const schema = (tables: number) => `
import { Collection } from "@mikro-orm/core";
${each(
  tables,
  (table) => `
export class T${table} {
  id!: number;
${fields}
  parent!: T${parentOf(table, tables)} | null;
  children = new Collection<T${childOf(table, tables)}>(this);
}`,
)}`;

function queries(tables: number, options: string): string {
  return `
import type { EntityManager } from "@mikro-orm/core";
import { ${each(tables, (table) => `T${table},`)} } from "./schema.ts";
export async function main(em: EntityManager) {
${each(
  tables,
  (table) => `
  const r${table} = await em.find(T${table}, { parent: { id: ${table} }, field0: null }, ${options});
  r${table}[0]?.parent?.field0 satisfies string | null | undefined;`,
)}
}`;
}

export const mikroOrm: TypeSource = {
  title: "MikroORM: find, two conditions, two relationships populated",
  schema,
  queries: (tables) => queries(tables, '{ populate: ["parent", "children"] }'),
};

export const mikroOrmFields: TypeSource = {
  title: "MikroORM: the same with the fields named",
  schema,
  queries: (tables) =>
    queries(
      tables,
      '{ populate: ["parent", "children"], fields: ["id", "field1", "parent.field0", "children.field1"] }',
    ),
};
