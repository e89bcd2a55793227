import type { Condition, SqlExpression } from "../../expression/sql-expression.ts";
import type { JOIN, JoinDescription } from "../../statement/interfaces.ts";
import type { RelationshipProperty } from "./property.ts";

/** A relationship in queries: `User.c.addresses`. It can be joined, and gives conditions on the related objects. */
export interface RelationAttribute<Key extends string = string> {
  /** The name of the property. */
  readonly key: Key;
  /** The relationship itself. Configures the class on first use. */
  readonly property: RelationshipProperty;
  /** The joins that it stands for. */
  [JOIN](): JoinDescription;
}

/** An alias as far as a relationship can lead to it. */
export interface AliasTarget {
  readonly c: object;
}

/** A relationship to many objects in queries. */
export interface ToManyAttribute<T, Key extends string = string> extends RelationAttribute<Key> {
  /** Leads to an alias of the target instead: `.join(User.c.friends.to(friend))`. */
  to(alias: AliasTarget): ToManyAttribute<T, Key>;
  /**
   * Is there a related object, one that meets the condition if there is one? `EXISTS (...)`. Write `.not()` behind it for
   * objects without any.
   */
  any(criterion?: Condition): SqlExpression<boolean>;
  /** Is this object among the related ones? It must have a key, i.e. be stored. */
  contains(object: T): SqlExpression<boolean>;
}

/** A relationship to one object in queries. */
export interface ToOneAttribute<T, Key extends string = string> extends RelationAttribute<Key> {
  /** Leads to an alias of the target instead: `.join(Employee.c.boss.to(boss))`. */
  to(alias: AliasTarget): ToOneAttribute<T, Key>;
  /** Is there a related object, one that meets the condition if there is one? `EXISTS (...)`. */
  has(criterion?: Condition): SqlExpression<boolean>;
  /** Is it this object, or with null: is there none? The object must have a key, i.e. be stored. */
  eq(object: T | null): SqlExpression<boolean>;
  /** Is it another object than this one, or none; with null: is there any? */
  ne(object: T | null): SqlExpression<boolean>;
  isNull(): SqlExpression<boolean>;
  isNotNull(): SqlExpression<boolean>;
}
