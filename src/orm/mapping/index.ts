export { suggestion } from "../../expression/near-match.ts";
export { ByMapper } from "./by-mapper.ts";
export type { CascadeOptions } from "./cascade.ts";
export { ColumnAttribute } from "./column-attribute.ts";
export { configurations, findMapper, mapperOf } from "./configuration.ts";
export { declarationOf, mapperForTable } from "./declaration.ts";
export {
  type DeclarativeBase,
  type DeclarativeOptions,
  declarativeBase,
} from "./declarative-base.ts";
export type { ColumnPair } from "./join-condition.ts";
export { Mapper } from "./mapper.ts";
export type { MapperArgs } from "./mapper-args.ts";
export { mixin } from "./mixin.ts";
export type {
  AnyModel,
  InheritedModel,
  Init,
  Instance,
  Model,
  PrimaryKeyOf,
  ShapedModel,
} from "./model.ts";
export { conflictColumns } from "./on-conflict.ts";
export { ColumnProperty, type Property, RelationshipProperty } from "./property.ts";
export type { RelationAttribute, ToManyAttribute, ToOneAttribute } from "./relation-attribute.ts";
export {
  type Cascade,
  KeyedBy,
  keyedBy,
  manyToMany,
  manyToOne,
  oneToMany,
  oneToOne,
  type RelationOptions,
  type ToMany,
  type ToOne,
} from "./relation-definition.ts";
export { type InstanceRuntime, setInstanceRuntime } from "./runtime.ts";
