export { Column, columnOf } from "./column.ts";
export {
  type AnyColumnDefinition,
  type ColumnDefault,
  ColumnDefinition,
  type ColumnReference,
  type Computed,
  isColumnDefinition,
} from "./column-definition.ts";
export {
  array,
  bigint,
  boolean,
  bytes,
  char,
  date,
  dateTime,
  defineType,
  double,
  enumeration,
  float,
  integer,
  json,
  numeric,
  real,
  smallint,
  text,
  time,
  timestamp,
  uuid,
  varchar,
} from "./column-types.ts";
export { CheckConstraint, Index, UniqueConstraint, type UniqueKey } from "./constraints.ts";
export { ForeignKeyConstraint, type ReferenceTarget } from "./foreign-key.ts";
export { type DdlOptions, type DdlTarget, MetaData, type MetaDataOptions } from "./metadata.ts";
export { foreignKeyName, type NamingConvention } from "./naming.ts";
export type {
  ForeignKeyOptions,
  IdentityOptions,
  IndexOptions,
  ReferentialAction,
  TableOptions,
  UniqueOptions,
} from "./options.ts";
export type { SortedTables } from "./sort-tables.ts";
export { type ColumnDefinitions, Table, type TableColumns, type TableSettings } from "./table.ts";
export { check, foreignKey, index, type TableArg, tableOptions, unique } from "./table-arguments.ts";
