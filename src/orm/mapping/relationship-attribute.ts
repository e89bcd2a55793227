import { ArgumentError } from "../../errors/index.ts";
import { sql } from "../../expression/func.ts";
import { type Condition, expressionOf, not, or, type SqlExpression } from "../../expression/sql-expression.ts";
import { describeValue } from "../../expression/sql-type.ts";
import type { Column } from "../../schema/index.ts";
import { Alias } from "../../statement/alias.ts";
import { ENTITY, isEntitySource, JOIN, type JoinDescription } from "../../statement/interfaces.ts";
import { Join, membersOf } from "../../statement/join.ts";
import { select } from "../../statement/select.ts";
import { mentionedFroms } from "../../statement/select-froms.ts";
import { findMapper } from "./configuration.ts";
import {
  AliasReference,
  allOf,
  criteriaOf,
  type EntityReference,
  onAlias,
  plainReference,
} from "./entity-reference.ts";
import type { RelationshipProperty } from "./property.ts";
import type { AliasTarget, ToManyAttribute, ToOneAttribute } from "./relation-attribute.ts";

const ONE = sql`1`;

/** The attribute of a relationship, of either kind: `User.c.addresses`, or of an alias. */
export class RelationshipAttribute implements ToManyAttribute<object>, ToOneAttribute<object> {
  readonly key: string;
  /** Answers late: a class may be named in queries before those that it refers to are declared. */
  readonly #owner: () => EntityReference;
  readonly #target: EntityReference | null;

  constructor(owner: () => EntityReference, key: string, target: EntityReference | null = null) {
    this.#owner = owner;
    this.key = key;
    this.#target = target;
  }

  get property(): RelationshipProperty {
    const property = this.#owner().mapper.property(this.key);
    if (property.kind === "relationship") return property;
    throw new ArgumentError(`${property.mapper.name}.${this.key} is a column, and a relationship is needed here.`);
  }

  to(alias: AliasTarget): RelationshipAttribute {
    const { label, target } = this.property;
    const entity = isEntitySource(alias) ? alias[ENTITY]().entity : null;
    if (entity instanceof AliasReference && (entity.mapper.isA(target) || target.isA(entity.mapper))) {
      return new RelationshipAttribute(this.#owner, this.key, entity);
    }
    throw new ArgumentError(`${label}.to() takes an alias of ${target.name}: alias(${target.name}).`);
  }

  [JOIN](): JoinDescription {
    const owner = this.#owner();
    const { join, label, target: targetMapper } = this.property;
    const target = this.#target ?? plainReference(targetMapper);
    const criteria = criteriaOf(target);
    if (membersOf(target.from).some((member) => membersOf(owner.from).includes(member))) {
      const { name } = targetMapper;
      throw new ArgumentError(
        `${label} leads to a table that the query has already: join an alias of ${name} instead. Write const other = alias(${name}), ` +
          `then .join(${owner.mapper.name}.c.${this.key}.to(other)), and other.c for its columns.`,
      );
    }
    if (join.secondary === null) {
      const on = allOf(join.direct(owner.adapt, target.adapt), criteria);
      return { left: owner.from, steps: [{ target: target.from, on }] };
    }
    const secondary = this.#secondary(owner, target);
    return {
      left: owner.from,
      steps: [
        { target: secondary.from, on: join.direct(owner.adapt, secondary.adapt) },
        { target: target.from, on: allOf(join.target(secondary.adapt, target.adapt), criteria) },
      ],
    };
  }

  any(criterion?: Condition): SqlExpression<boolean> {
    if (!this.property.many) throw this.#wrongKind("any", "has");
    return this.#exists(criterion);
  }

  has(criterion?: Condition): SqlExpression<boolean> {
    if (this.property.many) throw this.#wrongKind("has", "any");
    return this.#exists(criterion);
  }

  contains(object: object): SqlExpression<boolean> {
    const { many } = this.property;
    if (!many) throw this.#wrongKind("contains", "eq");
    return this.#leadsTo(object, "contains");
  }

  eq(object: object | null): SqlExpression<boolean> {
    const { many } = this.property;
    if (many) throw this.#wrongKind("eq", "contains");
    return object === null ? this.isNull() : this.#leadsTo(object, "eq");
  }

  ne(object: object | null): SqlExpression<boolean> {
    if (object === null) return this.isNotNull();
    if (this.property.direction !== "manyToOne") return not(this.eq(object));
    const { adapt } = this.#owner();
    const read = this.#reader(object, "ne");
    // Where the foreign key is NULL, a comparison is neither true nor false, and the object is another one all the same.
    return or(
      ...this.property.join.pairs.flatMap(({ local, remote }) => {
        const column = adapt(local);
        return [column.ne(read(remote)), column.isNull()];
      }),
    );
  }

  isNull(): SqlExpression<boolean> {
    const { direction, many, join } = this.property;
    if (many) throw this.#wrongKind("isNull", "any");
    const { adapt } = this.#owner();
    if (direction !== "manyToOne") return not(this.#exists());
    const [first, ...rest] = join.pairs.map(({ local }) => adapt(local).isNull());
    // A relationship has at least one pair.
    return first!.or(...rest);
  }

  isNotNull(): SqlExpression<boolean> {
    const { direction, many, join } = this.property;
    if (many) throw this.#wrongKind("isNotNull", "any");
    if (direction !== "manyToOne") return this.#exists();
    const { adapt } = this.#owner();
    return allOf(...join.pairs.map(({ local }) => adapt(local).isNotNull()));
  }

  /** The columns of the foreign key have the values of the object. */
  #leadsTo(object: object, method: string): SqlExpression<boolean> {
    const { adapt } = this.#owner();
    const { join } = this.property;
    const read = this.#reader(object, method);
    if (join.secondary === null) {
      return allOf(...join.pairs.map(({ local, remote }) => adapt(local).eq(read(remote))));
    }
    const { table, local, remote } = join.secondary;
    const secondary = new Alias(table, null);
    const column = columnFinder(secondary);
    return select(ONE)
      .selectFrom(secondary)
      .where(
        ...local.map((pair) => column(pair.secondary).eq(adapt(pair.local))),
        ...remote.map((pair) => column(pair.secondary).eq(read(pair.remote))),
      )
      .correlate(...membersOf(this.#owner().from))
      .exists();
  }

  /** Reads values of the given object by column. */
  #reader(object: object, method: string): (column: Column) => {} {
    const { target, label } = this.property;
    const mapper = findMapper(object);
    if (mapper === null || typeof object === "function" || !mapper.isA(target)) {
      throw new ArgumentError(`${label}.${method}() takes an object of ${target.name}, not ${describeValue(object)}.`);
    }
    return (column) => {
      const { name } = mapper.columnProperty(column);
      const value: unknown = Reflect.get(object, name);
      if (value !== null && value !== undefined) return value;
      throw new ArgumentError(
        `${label}.${method}() needs an object with a key, and ${name} of this ${mapper.name} has no value: flush the session first.`,
      );
    };
  }

  /** `EXISTS (SELECT 1 FROM target WHERE ...)`. */
  #exists(criterion?: Condition): SqlExpression<boolean> {
    const owner = this.#owner();
    const { join, target: mapper } = this.property;
    const overlaps = mapper.tables.some((table) => membersOf(owner.from).includes(table));
    const target = this.#target ?? (overlaps ? new AliasReference(mapper, null) : plainReference(mapper));
    const condition = criterion === undefined ? null : expressionOf(criterion);
    // What the criterion says of the class is meant of the related object, also where that has an alias of its own.
    const meant =
      condition === null ? null : onAlias(condition, target.adapt, ({ table }) => mapper.tables.includes(table));
    const secondary = join.secondary === null ? null : this.#secondary(owner, target);
    const from =
      secondary === null
        ? target.from
        : new Join(secondary.from, target.from, join.target(secondary.adapt, target.adapt), "inner");
    const on = join.direct(owner.adapt, secondary?.adapt ?? target.adapt);
    const criteria = criteriaOf(target);
    const conditions = [on, ...(criteria === null ? [] : [criteria]), ...(meant === null ? [] : [meant])];
    const own = membersOf(from);
    const outer = conditions.flatMap(mentionedFroms).filter((mentioned) => !own.includes(mentioned));
    // Conditions are conditions, nullable or not.
    return select(ONE)
      .selectFrom(from)
      .where(...(conditions as Condition[]))
      .correlate(...new Set(outer))
      .exists();
  }

  /** The association table: under another name when one of the classes is, so that it can occur twice. */
  #secondary(owner: EntityReference, target: EntityReference): Pick<EntityReference, "from" | "adapt"> {
    const { table } = this.property.join.secondary!;
    if (!(owner instanceof AliasReference || target instanceof AliasReference))
      return { from: table, adapt: (column) => column };
    const alias = new Alias(table, null);
    return { from: alias, adapt: columnFinder(alias) };
  }

  #wrongKind(used: string, right: string): ArgumentError {
    const { label, many } = this.property;
    return new ArgumentError(
      `${label} leads to ${many ? "many objects" : "one object at most"}, for which there is no ${used}(): write ${right}().`,
    );
  }
}

function columnFinder(alias: Alias): EntityReference["adapt"] {
  const columns = new Map(alias.columns.map((column) => [column.origin, column]));
  return (column) => columns.get(column) ?? column;
}
