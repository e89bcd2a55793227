import { ArgumentError } from "../errors/index.ts";
import { ColumnElement, FromClause } from "../expression/from.ts";
import { declareFields, Node, QueryNode } from "../expression/node.ts";
import { SqlExpression } from "../expression/sql-expression.ts";
import { describeValue } from "../expression/sql-type.ts";
import { visit } from "../expression/traverse.ts";
import { columnKey } from "./from-columns.ts";
import { ENTITY, type EntityDescription, type EntitySource, entityOfMember, isEntitySource } from "./interfaces.ts";

/** A mapped class among the things selected. */
export class EntityItem extends Node {
  readonly kind = "entity";
  readonly description: EntityDescription;
  /** What it adds to the list of columns. */
  readonly columns: readonly SqlExpression<unknown>[];
  readonly from: FromClause;
  /** What it adds to WHERE. */
  readonly criteria: readonly SqlExpression<boolean>[];
  /** The mapper: two classes may share a table and all its columns. */
  readonly mapping: object;

  constructor(source: EntitySource) {
    super();
    this.description = source[ENTITY]();
    this.columns = this.description.columns;
    this.from = this.description.from;
    this.criteria = this.description.criteria === undefined ? [] : [this.description.criteria];
    this.mapping = this.description.mapping;
  }

  /** What it adds to FROM. */
  get froms(): readonly FromClause[] {
    return [this.from];
  }

  static {
    declareFields(EntityItem, { mapping: "reference", from: "reference", columns: "nodes", criteria: "nodes" });
  }
}

/** An expression among the things selected. */
export class ExpressionItem extends Node {
  readonly kind = "expression";
  readonly expression: SqlExpression<unknown>;
  /** What its attributes add to FROM, besides their tables: the joined tables of classes that extend others. */
  readonly froms: readonly FromClause[];
  /** What its attributes add to WHERE: the conditions of classes that share a table. */
  readonly criteria: readonly SqlExpression<boolean>[];

  /** @param entities the classes of its attributes that extend others */
  constructor(expression: SqlExpression<unknown>, entities: readonly EntityDescription[] = []) {
    super();
    this.expression = expression;
    this.froms = entities.map(({ from }) => from);
    this.criteria = entities.flatMap(({ criteria }) => criteria ?? []);
  }

  /** What it adds to the list of columns. */
  get columns(): readonly SqlExpression<unknown>[] {
    return [this.expression];
  }

  static {
    declareFields(ExpressionItem, { expression: "node", froms: "nodes", criteria: "nodes" });
  }
}

/** One of the things that a SELECT or a RETURNING names, as given. */
export type SelectItem = EntityItem | ExpressionItem;

/** How a row is handed out: its only value, all values in order, or values by name. */
export type RowShape = "single" | "tuple" | "object";

/** What is selected: the items, and the form of a row. */
export interface Selection {
  readonly items: readonly SelectItem[];
  readonly shape: RowShape;
  /** The name of each item; empty unless the shape is `object`. */
  readonly keys: readonly string[];
}

/**
 * Reads the arguments of `select(...)` and `returning(...)`: entities and expressions in a row, or one object of them.
 * A table (or alias, or subquery) stands for all its columns; alone, for rows as objects.
 *
 * @param place what to call it in messages, e.g. `select()`
 * @throws ArgumentError for anything else, naming what it was
 */
export function selectionOf(what: readonly unknown[], place: string): Selection {
  const [only] = what;
  if (what.length === 0) {
    throw new ArgumentError(`${place} needs something to select: a mapped class, columns or expressions.`);
  }
  if (what.length > 1) return { items: what.flatMap((one) => itemsOf(one, place)), shape: "tuple", keys: [] };
  if (only instanceof FromClause)
    return { items: itemsOf(only, place), shape: "object", keys: only.columns.map(columnKey) };
  if (!isPlainObject(only)) return { items: itemsOf(only, place), shape: "single", keys: [] };
  const keys = Object.keys(only);
  if (keys.length === 0) throw new ArgumentError(`${place} needs something to select, the object is empty.`);
  return { items: keys.map((key) => itemOf(only[key], `${place} at "${key}"`)), shape: "object", keys };
}

function itemsOf(value: unknown, place: string): readonly SelectItem[] {
  return value instanceof FromClause
    ? value.columns.map((column) => new ExpressionItem(column))
    : [itemOf(value, place)];
}

function itemOf(value: unknown, place: string): SelectItem {
  if (value instanceof SqlExpression) return new ExpressionItem(value, entitiesIn(value));
  if (isEntitySource(value)) return new EntityItem(value);
  throw new ArgumentError(`${place} cannot select ${describe(value)}: give a mapped class, a column or an expression.`);
}

/** The classes that extend others, and that an expression mentions outside its subqueries. */
function entitiesIn(expression: SqlExpression<unknown>): readonly EntityDescription[] {
  const entities: EntityDescription[] = [];
  visit(expression, (part) => {
    if (part instanceof QueryNode) return false;
    const entity = part instanceof ColumnElement ? entityOfMember(part) : null;
    if (entity !== null && entities.every(({ entity: known }) => known !== entity.entity)) entities.push(entity);
    return true;
  });
  return entities;
}

function describe(value: unknown): string {
  if (typeof value === "function") return `the class ${value.name}, which is not mapped`;
  if (typeof value === "string") return `${describeValue(value)} (literal(...) makes a value of it, sql\`...\` SQL)`;
  return describeValue(value);
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || isEntitySource(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
