export { Alias, alias, type EntityAlias } from "./alias.ts";
export { Cte, CteSelf } from "./cte.ts";
export { Delete, deleteFrom } from "./delete.ts";
export { DmlStatement } from "./dml-statement.ts";
export type { ColumnValues, ExcludedColumns } from "./dml-types.ts";
export type { FromSource } from "./from-source.ts";
export { cte, exists, lateral, subquery } from "./functions.ts";
export { type ConflictTarget, type ConflictUpdate, Insert, insert } from "./insert.ts";
export {
  type Aliasable,
  type AnyClass,
  ENTITY,
  ENTITY_ALIAS,
  type EntityDescription,
  type EntitySource,
  isEntitySource,
  JOIN,
  type JoinDescription,
  type JoinSource,
  type JoinStep,
  type Loaded,
  type LoadOption,
} from "./interfaces.ts";
export { Join, type JoinKind } from "./join.ts";
export type { LockOptions } from "./lock.ts";
export type { Result, Row, Selected, SubqueryColumns } from "./result-types.ts";
export { Select, type SelectParts, select } from "./select.ts";
export { CompoundSelect, SelectBase, type SetOperator, union, unionAll } from "./select-base.ts";
export { EntityItem, ExpressionItem, type RowShape, type SelectItem, type Selection } from "./select-item.ts";
export { Subquery } from "./subquery.ts";
export { type TextParameters, text } from "./text.ts";
export { Update, update } from "./update.ts";
export { ValuesTable, values } from "./values.ts";
