import { ColumnElement, type FromClause } from "../../expression/from.ts";
import type { Fields } from "../../expression/node.ts";
import type { SqlType } from "../../expression/sql-type.ts";
import { type EntityDescription, type EntityMember, MEMBER_OF } from "../../statement/interfaces.ts";
import type { EntityReference } from "./entity-reference.ts";

/** What attributes belong to: a mapped class or an alias of one. It answers late, when the class is complete. */
export interface AttributeOwner {
  /** The name for messages. */
  readonly label: string;
  /** The column that stands for the attribute: of the table, or of its alias. */
  columnElement(key: string): ColumnElement<unknown>;
  /** The type of the column, which is known before there is a table. */
  columnType(key: string): SqlType<unknown>;
  /** What the rows are selected from. Configures the class. */
  readonly reference: EntityReference;
  /** Does the class extend another one? Then the tables of its attributes do not tell which rows are meant. */
  readonly inherits: boolean;
  /** What selecting the class means. Configures it. */
  describe(): EntityDescription;
}

const FIELDS_OF_INHERITING: Fields = [
  ["table", "reference"],
  ["name", "value"],
  ["from", "reference"],
];

/**
 * A mapped column in queries: `User.c.name`. Which column of which table it is, is found out on first use, so that
 * classes may refer to each other in any order.
 *
 * @typeParam T the type of its values, `null` included if it is nullable
 */
export class ColumnAttribute<T> extends ColumnElement<T> implements EntityMember {
  readonly kind = "column";
  /** The name of the property. */
  readonly key: string;
  /** The class, or the alias of it. */
  readonly owner: AttributeOwner;
  #element: ColumnElement<unknown> | null = null;

  constructor(owner: AttributeOwner, key: string) {
    super();
    this.owner = owner;
    this.key = key;
  }

  get #column(): ColumnElement<unknown> {
    this.#element ??= this.owner.columnElement(this.key);
    return this.#element;
  }

  get name(): string {
    return this.#column.name;
  }

  get table(): FromClause {
    return this.#column.table;
  }

  get origin(): ColumnElement<unknown> {
    return this.#column.origin;
  }

  get sqlType(): SqlType<unknown> {
    return this.owner.columnType(this.key);
  }

  [MEMBER_OF](): EntityDescription | null {
    return this.owner.inherits ? this.owner.describe() : null;
  }

  /** The tables of the class: they tell it from the same column taken from another class of the family. */
  get from(): FromClause {
    return this.owner.reference.from;
  }

  override get symbol(): string | null {
    return this.owner.inherits ? null : this.#column.symbol;
  }

  override get fields(): Fields {
    return this.owner.inherits ? FIELDS_OF_INHERITING : super.fields;
  }
}
