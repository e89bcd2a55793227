export type { CascadeOptions } from "./cascade.ts";
export { type AttributeOwner, ColumnAttribute } from "./column-attribute.ts";
export { findMapper, mapperOf } from "./configuration.ts";
export { mapperForTable } from "./declaration.ts";
export {
  type DeclarativeBase,
  type DeclarativeOptions,
  declarativeBase,
  type InheritOptions,
} from "./declarative-base.ts";
export { AliasReference, type EntityReference } from "./entity-reference.ts";
export type { ColumnAdapter, ColumnPair, JoinCondition, Secondary } from "./join-condition.ts";
export { type InheritanceKind, type MappedClass, Mapper, type OnConflict, type Polymorphic } from "./mapper.ts";
export type { MapperArgs } from "./mapper-args.ts";
export { mixin } from "./mixin.ts";
export type {
  AnyModel,
  AttributeNames,
  Attributes,
  InheritedModel,
  Init,
  Instance,
  Model,
  PrimaryKeyOf,
  SHAPE,
  ShapedModel,
  ShapeOf,
} from "./model.ts";
export { nearest, suggestion } from "./near-match.ts";
export { ColumnProperty, type Direction, type Property, RelationshipProperty } from "./property.ts";
export type { AliasTarget, RelationAttribute, ToManyAttribute, ToOneAttribute } from "./relation-attribute.ts";
export {
  type Cascade,
  type CascadeList,
  type LazyStrategy,
  manyToMany,
  manyToOne,
  oneToMany,
  oneToOne,
  type RelationOptions,
  type ThroughOptions,
  type ToMany,
  type ToOne,
} from "./relation-definition.ts";
export { type InstanceRuntime, setInstanceRuntime } from "./runtime.ts";
