import { ColumnElement, type FromClause } from "../../expression/from.ts";
import { and, type SqlExpression } from "../../expression/sql-expression.ts";
import type { SqlType } from "../../expression/sql-type.ts";
import { transform } from "../../expression/traverse.ts";
import { Column } from "../../schema/index.ts";
import { Alias } from "../../statement/alias.ts";
import type { EntityDescription } from "../../statement/interfaces.ts";
import { Join } from "../../statement/join.ts";
import type { AttributeOwner } from "./column-attribute.ts";
import type { Mapper } from "./mapper.ts";

/** A class as a statement has it: in its own tables, or under another name. */
export interface EntityReference {
  readonly mapper: Mapper;
  readonly from: FromClause;
  /** The column that stands for one of the class's tables. */
  readonly adapt: (column: Column) => ColumnElement<unknown>;
}

/** The class in its own tables. */
export function plainReference(mapper: Mapper): EntityReference {
  return { mapper, from: mapper.from, adapt: (column) => column };
}

/** The class under another name: each of its tables has an alias. */
export class AliasReference implements EntityReference, AttributeOwner {
  readonly mapper: Mapper;
  readonly from: FromClause;
  readonly #columns = new Map<Column, ColumnElement<unknown>>();

  /** @param name of the alias of the class's own table; null: the compiler finds one */
  constructor(mapper: Mapper, name: string | null) {
    this.mapper = mapper;
    this.from = this.#aliased(mapper.from, name);
  }

  get label(): string {
    return `alias(${this.mapper.name})`;
  }

  get reference(): EntityReference {
    return this;
  }

  readonly adapt = (column: Column): ColumnElement<unknown> => {
    const own = this.#columns.get(column);
    if (own === undefined) throw new Error(`${this.label} has no column ${column.fullName}.`);
    return own;
  };

  get inherits(): boolean {
    return this.mapper.parent !== null;
  }

  describe(): EntityDescription {
    return describeEntity(this, this);
  }

  columnElement(key: string): ColumnElement<unknown> {
    return this.adapt(this.mapper.declaration.column(key));
  }

  columnType(key: string): SqlType<unknown> {
    return this.mapper.declaration.columnType(key);
  }

  #aliased(from: FromClause, name: string | null): FromClause {
    if (from instanceof Join) {
      const left = this.#aliased(from.left, null);
      const right = this.#aliased(from.right, name);
      return new Join(left, right, from.on === null ? null : onAlias(from.on, this.adapt), from.joinKind);
    }
    const alias = new Alias(from, name);
    for (const column of alias.columns) if (column.origin instanceof Column) this.#columns.set(column.origin, column);
    return alias;
  }
}

/** An expression on the tables themselves as one on what stands for them. Columns of aliases in it stay what they are. */
export function onAlias<T>(
  expression: SqlExpression<T>,
  adapt: (column: Column) => ColumnElement<unknown>,
  concerns: (column: Column) => boolean = () => true,
): SqlExpression<T> {
  return transform(expression, (node) => {
    if (!(node instanceof ColumnElement)) return undefined;
    const { origin } = node;
    return origin instanceof Column && node.table === origin.table && concerns(origin) ? adapt(origin) : undefined;
  });
}

/** The condition that tells rows of the class from others in the same table, on what stands for the table. */
export function criteriaOf({ mapper, adapt }: EntityReference): SqlExpression<boolean> | null {
  const { criteria } = mapper;
  return criteria === null ? null : onAlias(criteria, adapt);
}

/** All of the conditions that are there. */
export function allOf(...conditions: readonly (SqlExpression<boolean> | null)[]): SqlExpression<boolean> {
  return and(...conditions.flatMap((condition) => condition ?? []));
}

/** What a statement needs to know to select the class. */
export function describeEntity(entity: object, reference: EntityReference): EntityDescription {
  const { mapper, from, adapt } = reference;
  const criteria = criteriaOf(reference);
  return {
    entity,
    mapping: mapper,
    from,
    columns: mapper.columns.map(({ column }) => adapt(column)),
    keys: mapper.columns.map(({ name }) => name),
    name: mapper.name,
    ...(criteria === null ? {} : { criteria }),
  };
}
