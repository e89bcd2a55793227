import { MappingError } from "../../errors/index.ts";
import { SqlExpression } from "../../expression/sql-expression.ts";
import type { Column, ForeignKeyConstraint } from "../../schema/index.ts";
import type { CascadeOptions } from "./cascade.ts";
import type { ColumnPair, JoinCondition, Secondary } from "./join-condition.ts";
import type { Mapper } from "./mapper.ts";
import type { CollectionKind, LazyStrategy, RelationDefinition, RelationOptions } from "./relation-definition.ts";

/** The slot of a property that no object stores. */
export const NO_SLOT = -1;

/** A mapped attribute. */
export type Property = ColumnProperty | RelationshipProperty;

/** An attribute that holds the value of a column. */
export class ColumnProperty {
  readonly kind = "column";
  readonly name: string;
  /** Where objects keep the value. */
  readonly slot: number;
  /** The mapper that declares it; mappers of subclasses share it unless they declare it again. */
  readonly mapper: Mapper;
  /** The column that stands for the attribute in queries. */
  readonly column: Column<unknown>;
  /**
   * All columns that hold the value: with joined inheritance, the key has one in each table. `column` comes first, the
   * root's last.
   */
  readonly columns: readonly Column<unknown>[];
  /**
   * The many-to-one relationships that this column is a foreign key of, hidden ones included. Grows when a class that
   * refers to this one is configured later.
   */
  readonly references: RelationshipProperty[] = [];
  /**
   * Programs cannot give it any value: the database computes it, or it is a discriminator. The latter is known when the
   * class is configured.
   */
  restricted: boolean;

  constructor(name: string, slot: number, mapper: Mapper, columns: readonly [Column<unknown>, ...Column<unknown>[]]) {
    this.name = name;
    this.slot = slot;
    this.mapper = mapper;
    this.column = columns[0];
    this.columns = columns;
    this.restricted = columns[0].computed !== null;
  }
}

/** Which way a relationship goes: `oneToMany` is the one whose target has the foreign key. */
export type Direction = "oneToMany" | "manyToOne" | "manyToMany";

/** What configuring a relationship finds out. */
export interface RelationshipConfiguration {
  readonly name: string;
  readonly slot: number;
  readonly mapper: Mapper;
  readonly target: Mapper;
  readonly direction: Direction;
  readonly many: boolean;
  readonly hidden: boolean;
  readonly cascade: CascadeOptions;
  readonly join: JoinCondition;
  readonly definition: RelationDefinition | null;
}

/** An attribute that holds the related objects of another class. */
export class RelationshipProperty {
  readonly kind = "relationship";
  readonly name: string;
  /** Where objects keep the related object or collection; -1 if hidden. */
  readonly slot: number;
  /** The mapper that declares it; mappers of subclasses share it. */
  readonly mapper: Mapper;
  readonly target: Mapper;
  readonly direction: Direction;
  /** A collection, or one object at most. */
  readonly many: boolean;
  /**
   * The other side: declared, or hidden; null for a many-to-one or many-to-many without one, and with `viewOnly`. Set
   * while configuring.
   */
  inverse: RelationshipProperty | null = null;
  /** Made for a one-to-many without inverse, so that each has a many-to-one; no attribute of any object. */
  readonly hidden: boolean;
  readonly cascade: CascadeOptions;
  /** The join as conditions. */
  readonly join: JoinCondition;
  /**
   * The columns of equal value. Many-to-one: `local` is the foreign key, `remote` what it refers to; one-to-many: the
   * reverse; many-to-many: empty.
   */
  readonly pairs: readonly ColumnPair[];
  readonly secondary: Secondary | null;
  /** The constraint that the pairs follow, if there is one. */
  readonly foreignKey: ForeignKeyConstraint | null;
  readonly orderBy: readonly SqlExpression<unknown>[];
  /** What a collection is shown as, if not as an array. */
  readonly collection: CollectionKind | null;
  readonly viewOnly: boolean;
  readonly singleParent: boolean;
  readonly passiveDeletes: boolean | "all";
  readonly passiveUpdates: boolean;
  readonly postUpdate: boolean;
  readonly lazy: LazyStrategy;

  constructor(configuration: RelationshipConfiguration) {
    const { definition, join } = configuration;
    const options = definition?.options ?? {};
    this.name = configuration.name;
    this.slot = configuration.slot;
    this.mapper = configuration.mapper;
    this.target = configuration.target;
    this.direction = configuration.direction;
    this.many = configuration.many;
    this.hidden = configuration.hidden;
    this.cascade = configuration.cascade;
    this.join = join;
    this.pairs = join.pairs;
    this.secondary = join.secondary;
    this.foreignKey = join.foreignKey;
    this.orderBy = orderingsOf(this.label, options.orderBy);
    this.collection = configuration.definition?.options.collection ?? null;
    this.viewOnly = options.viewOnly ?? false;
    this.singleParent = (options.singleParent ?? false) || definition?.kind === "oneToOne";
    this.passiveDeletes = options.passiveDeletes ?? false;
    this.passiveUpdates = options.passiveUpdates ?? true;
    this.postUpdate = options.postUpdate ?? false;
    this.lazy = options.lazy ?? "raise";
  }

  /** The join as one condition on the tables themselves; for a many-to-many, both of its conditions. */
  get primaryJoin(): SqlExpression<boolean> {
    return this.join.condition;
  }

  /** `User.addresses`, for messages. */
  get label(): string {
    return `${this.mapper.name}.${this.name}`;
  }
}

function orderingsOf(label: string, orderBy: RelationOptions<string>["orderBy"]): readonly SqlExpression<unknown>[] {
  if (orderBy === undefined) return [];
  return [orderBy].flat().map((one) => {
    if (one instanceof SqlExpression) return one;
    throw new MappingError(
      `${label} has an orderBy that is no column: write orderBy: Other.c.name, Other.c.name.desc(), or several in an array.`,
    );
  });
}
