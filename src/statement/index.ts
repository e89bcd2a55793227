export { type Alias, alias, type EntityAlias } from "./alias.ts";
export { Delete, deleteFrom } from "./delete.ts";
export { DmlStatement } from "./dml-statement.ts";
export { cte, exists, lateral, subquery } from "./functions.ts";
export { insert } from "./insert.ts";
export {
  ENTITY,
  ENTITY_ALIAS,
  type EntityDescription,
  JOIN,
  type JoinDescription,
  type Loaded,
  type LoadOption,
} from "./interfaces.ts";
export type { PlainRow, Row } from "./result-types.ts";
export { Select, select } from "./select.ts";
export { type CompoundSelect, SelectBase, union, unionAll } from "./select-base.ts";
export { text } from "./text.ts";
export { Update, update } from "./update.ts";
export { values } from "./values.ts";
