import { childOf, each, parentOf, SCALARS, type TypeSource } from "./source.ts";

const columns = SCALARS.map(({ name, isText }) => `  ${name}: ${isText ? "varchar(50)" : "integer()"},`).join("\n");

export const alkahest: TypeSource = {
  title: "alkahest: select, join, two conditions, two relationships loaded",
  schema: (tables) => `
import { declarativeBase, integer, manyToOne, oneToMany, varchar } from "alkahest";
const Base = declarativeBase();
${each(
  tables,
  (table) => `
export class T${table} extends Base("t${table}", {
  id: integer().primaryKey(),
  get parentId() { return integer().references(T${parentOf(table, tables)}.c.id); },
${columns}
  get parent() { return manyToOne(T${parentOf(table, tables)}, { backPopulates: "children" }); },
  get children() { return oneToMany(T${childOf(table, tables)}, { backPopulates: "parent" }); },
}) {}`,
)}`,
  queries: (tables) => `
import { type Session, select, selectinLoad } from "alkahest";
import { ${each(tables, (table) => `T${table},`)} } from "./schema.ts";
export async function main(session: Session) {
${each(tables, (table) => {
  const model = `T${table}`;
  return `
  const r${table} = await session.all(select(${model}).join(${model}.c.parent)
    .where(T${parentOf(table, tables)}.c.id.eq(${table}), ${model}.c.field0.isNull())
    .options(selectinLoad(${model}.c.parent), selectinLoad(${model}.c.children)));
  r${table}[0]?.parent?.field0 satisfies string | null | undefined;
  r${table}[0]?.children[0]?.field1 satisfies number | null | undefined;`;
})}
}`,
};
