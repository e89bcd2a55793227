import type { Dialect } from "../../engine/dialect.ts";
import { identityOf } from "../../expression/fingerprint.ts";
import { ColumnElement, type FromClause } from "../../expression/from.ts";
import type { Node } from "../../expression/node.ts";
import { OrderBy, type SqlExpression } from "../../expression/sql-expression.ts";
import { copyWith, transform } from "../../expression/traverse.ts";
import { Column, Table } from "../../schema/index.ts";
import { Alias } from "../../statement/alias.ts";
import { covers, membersOf } from "../../statement/join.ts";
import type { LockClause } from "../../statement/lock.ts";
import { Select } from "../../statement/select.ts";
import type { SelectBase } from "../../statement/select-base.ts";
import { fromCovering, fromsOf } from "../../statement/select-froms.ts";
import { type EntityItem, ExpressionItem, type SelectItem } from "../../statement/select-item.ts";
import { Mapper } from "../mapping/index.ts";
import { type EagerJoins, joinLoads } from "./eager-joins.ts";
import { type EntityPlan, planEntity, RowLayout } from "./entity-plan.ts";
import { EntityTables, type OuterJoin, withOuterJoins } from "./entity-tables.ts";
import type { LoadTree } from "./load-tree.ts";
import type { ItemPlan, RowPlan } from "./row-plan.ts";

/** A statement with entities, made into one without, and how its rows become results. */
export interface Lowered {
  readonly statement: SelectBase<unknown>;
  readonly plan: RowPlan;
}

/** How statements of one form are lowered: everything but what differs from one to the next. */
interface Recipe {
  readonly plan: RowPlan;
  rewrite(statement: SelectBase<unknown>): SelectBase<unknown>;
}

const RECIPES_PER_DIALECT = 500;
const recipes = new WeakMap<Dialect, Map<string, Recipe>>();
const lowered = new WeakMap<
  SelectBase<unknown>,
  { readonly dialect: Dialect; readonly key: string; result: Lowered }
>();

/**
 * Makes a statement with entities into one that a connection can execute. What it finds out is remembered: for the
 * statement itself, and for all others that differ only in conditions, order and limits.
 *
 * @param trees what to load with each entity among the things selected, in their order
 */
export function lower(statement: SelectBase<unknown>, dialect: Dialect, trees: readonly LoadTree[]): Lowered {
  const key = `${formOf(statement)}|${trees.map((tree) => tree.key).join(";")}`;
  const known = lowered.get(statement);
  if (known?.dialect === dialect && known.key === key) return known.result;
  const recipe = recipeFor(statement, dialect, trees, key);
  const result = { statement: recipe.rewrite(statement), plan: recipe.plan };
  lowered.set(statement, { dialect, key, result });
  return result;
}

function recipeFor(statement: SelectBase<unknown>, dialect: Dialect, trees: readonly LoadTree[], key: string): Recipe {
  // An alias is made for one statement: the next one of the same form has another.
  if (!statement.items.every(isShared)) return makeRecipe(statement, dialect, trees);
  let known = recipes.get(dialect);
  if (known === undefined) {
    known = new Map();
    recipes.set(dialect, known);
  }
  let recipe = known.get(key);
  if (recipe === undefined) {
    recipe = makeRecipe(statement, dialect, trees);
    if (known.size >= RECIPES_PER_DIALECT) known.clear();
    known.set(key, recipe);
  }
  return recipe;
}

/** Does the item mean the same in every statement? */
export function isShared(item: SelectItem): boolean {
  if (item.kind === "expression") return true;
  const tables: readonly FromClause[] = mapperOfItem(item).tables;
  return membersOf(item.from).every((member) => tables.includes(member));
}

/** What a recipe depends on, besides the load trees. */
function formOf(statement: SelectBase<unknown>): string {
  const { items, shape, keys } = statement;
  const parts = items.map((item) => {
    if (item.kind === "expression") {
      const { expression } = item;
      return expression instanceof Column ? `c${identityOf(expression)}` : `x${expression.sqlType.cacheKey}`;
    }
    const mapper = mapperOfItem(item);
    // Classes that are configured later may extend this one.
    return `e${identityOf(mapper)}+${mapper.selfAndDescendants().length}`;
  });
  const wraps = statement instanceof Select ? mustWrap(statement) : "compound";
  return `${shape}:${JSON.stringify(keys)}:${parts.join(",")}:${wraps}`;
}

function makeRecipe(statement: SelectBase<unknown>, dialect: Dialect, trees: readonly LoadTree[]): Recipe {
  return statement instanceof Select
    ? new SelectRecipe(statement, dialect, trees)
    : compoundRecipe(statement, dialect, trees);
}

/** What an entity among the things selected adds to FROM. */
interface EntityJoins {
  readonly anchor: FromClause;
  readonly subclassJoins: readonly OuterJoin[];
  readonly eagerJoins: readonly OuterJoin[];
}

/** Rewrites a plain SELECT. */
class SelectRecipe implements Recipe {
  readonly plan: RowPlan;
  readonly #layout: RowLayout;
  /** The items of the statement at these positions are selected; the others are among the columns of an entity. */
  readonly #items: readonly (readonly SqlExpression<unknown>[] | "same" | "none")[];
  readonly #ownCount: number;
  readonly #joins: readonly EntityJoins[];
  readonly #orderings: readonly SqlExpression<unknown>[];
  readonly #wraps: boolean;

  constructor(statement: Select<unknown>, dialect: Dialect, trees: readonly LoadTree[]) {
    const layout = new RowLayout(dialect);
    const entities: { plan: EntityPlan; tables: EntityTables; tree: LoadTree; anchor: FromClause }[] = [];
    const plans: ItemPlan[] = [];
    this.#items = statement.items.map((item) => {
      const start = layout.expressions.length;
      if (item.kind === "expression") {
        const { expression } = item;
        const value = expression instanceof Column ? layout.value(expression) : layout.append(expression);
        plans.push({ kind: "value", value });
        return value.index === start ? "same" : "none";
      }
      const mapper = mapperOfItem(item);
      const tables = EntityTables.of(item.from, mapper);
      const tree = trees[entities.length] as LoadTree; // one for each entity
      const plan = planEntity(mapper, tables, layout, tree);
      plans.push({ kind: "entity", plan });
      entities.push({ plan, tables, tree, anchor: item.from });
      return layout.expressions.slice(start);
    });
    this.#ownCount = layout.expressions.length;
    let hasCollections = false;
    const orderings: SqlExpression<unknown>[] = [];
    this.#joins = entities.map(({ plan, tables, tree, anchor }) => {
      const eager: EagerJoins = { joins: [], orderings, hasCollections: false };
      joinLoads(plan, tables, tree, layout, eager);
      hasCollections ||= eager.hasCollections;
      return { anchor, subclassJoins: tables.subclassJoins, eagerJoins: eager.joins };
    });
    const hasJoins = this.#joins.some(({ eagerJoins }) => eagerJoins.length > 0);
    this.#wraps = hasJoins && (statement.groupings.length > 0 || (hasCollections && mustWrap(statement)));
    this.#orderings = orderings;
    this.#layout = layout;
    this.plan = { items: plans, shape: statement.shape, keys: statement.keys, repeatsRows: hasCollections };
  }

  rewrite(statement: SelectBase<unknown>): SelectBase<unknown> {
    const select = statement as Select<unknown>; // recipes are made for one class of statement
    const { items } = select;
    if (items.every(({ kind }) => kind === "expression")) return select;
    const own = items.flatMap((item, position) => {
      const columns = this.#items[position];
      if (columns === "none" || columns === undefined) return [];
      return columns === "same" ? [item] : [copyWith(item, { columns })];
    });
    const froms = fromsOf(select);
    const inner = select.with({
      items: own,
      shape: "tuple",
      keys: [],
      froms: this.#froms(froms, ({ subclassJoins }) => subclassJoins),
      lock: this.#lock(select.lock, froms),
      loadOptions: [],
    });
    if (this.#wraps) return this.#wrapped(inner);
    return inner.with({
      items: [...own, ...this.#eagerItems],
      froms: this.#froms(inner.froms, ({ eagerJoins }) => eagerJoins),
      orderings: [...inner.orderings, ...this.#orderings],
    });
  }

  get #eagerItems(): readonly SelectItem[] {
    return this.#layout.expressions.slice(this.#ownCount).map((expression) => new ExpressionItem(expression));
  }

  /** Only the rows of the statement's own tables are locked, since what is joined to them is invisible, and may be missing. */
  #lock(lock: LockClause | null, froms: readonly FromClause[]): LockClause | null {
    if (lock === null || lock.of.length > 0) return lock;
    const hasJoins = this.#joins.some(({ subclassJoins, eagerJoins }) => subclassJoins.length + eagerJoins.length > 0);
    return hasJoins ? copyWith(lock, { of: froms.flatMap(membersOf).filter(isTable) }) : lock;
  }

  #froms(froms: readonly FromClause[], joinsOf: (joins: EntityJoins) => readonly OuterJoin[]): readonly FromClause[] {
    return this.#joins.reduce((current, entity) => {
      const joins = joinsOf(entity);
      if (joins.length === 0) return current;
      const from = fromCovering(current, entity.anchor);
      return current.map((one) => {
        if (one !== from) return one;
        // The statement itself may select from the table of a subclass.
        const missing = joins.filter(({ target }) => !covers(one, target));
        return withOuterJoins(one, missing);
      });
    }, froms);
  }

  /**
   * Makes the statement a subquery and joins to that: LIMIT, DISTINCT and GROUP BY then mean the same as without the
   * joins, which repeat rows.
   */
  #wrapped(inner: Select<unknown>): Select<unknown> {
    const { orderings } = inner;
    const ordered = orderings.map((ordering) => (ordering instanceof OrderBy ? ordering.expression : ordering));
    const places = ordered.map((expression) => this.#placeOf(expression));
    const missing = ordered.filter((_, position) => places[position] === -1);
    const subquery = inner
      .with({ items: [...inner.items, ...missing.map((expression) => new ExpressionItem(expression))] })
      .subquery();
    const at = (index: number): ColumnElement<unknown> => subquery.columns[index] as ColumnElement<unknown>; // in bounds
    const replacements = new Map<Node, Node>();
    for (let i = 0; i < this.#ownCount; i++) replacements.set(this.#layout.expressions[i] as Node, at(i)); // in bounds
    const replace = (node: Node) => replacements.get(node);
    const joins = this.#joins.flatMap(({ eagerJoins }) =>
      eagerJoins.map(({ target, on }) => ({ target, on: transform(on, replace) })),
    );
    let next = this.#ownCount;
    const outerOrderings = orderings.map((ordering, position) => {
      const place = places[position] ?? -1;
      const column = at(place === -1 ? next++ : place);
      return ordering instanceof OrderBy ? copyWith(ordering, { expression: column }) : column;
    });
    const columns = this.#layout.expressions.slice(0, this.#ownCount).map((_, index) => new ExpressionItem(at(index)));
    return new Select<unknown>({ items: [...columns, ...this.#eagerItems], shape: "tuple", keys: [] }).with({
      froms: [withOuterJoins(subquery, joins)],
      orderings: [...outerOrderings, ...this.#orderings],
    });
  }

  /** Where the rows have a column; -1 if they have not. */
  #placeOf(expression: SqlExpression<unknown>): number {
    return this.#layout.expressions.findIndex(
      (own, index) =>
        index < this.#ownCount &&
        (own === expression ||
          (own instanceof ColumnElement &&
            expression instanceof ColumnElement &&
            own.origin === expression.origin &&
            own.table === expression.table)),
    );
  }
}

function isTable(from: FromClause): boolean {
  return from instanceof Table || (from instanceof Alias && from.source instanceof Table);
}

/** Queries combined by UNION and the like stay as they are: all that differs is how their rows are read. */
function compoundRecipe(statement: SelectBase<unknown>, dialect: Dialect, trees: readonly LoadTree[]): Recipe {
  const { items, shape, keys } = statement;
  const layout = new RowLayout(dialect);
  let entityCount = 0;
  const plans = items.map((item): ItemPlan => {
    if (item.kind === "expression") return { kind: "value", value: layout.append(item.expression) };
    const mapper = mapperOfItem(item);
    const tables = EntityTables.of(item.from, mapper);
    for (const column of item.columns) {
      const origin = column instanceof ColumnElement ? column.origin : null;
      layout.append(origin instanceof Column ? tables.columnOf(origin) : column);
    }
    const tree = trees[entityCount++] as LoadTree; // one for each entity
    return { kind: "entity", plan: planEntity(mapper, tables, layout, withoutJoins(tree), true) };
  });
  return { plan: { items: plans, shape, keys, repeatsRows: false }, rewrite: (compound) => compound };
}

/** What would be joined is loaded by statements of its own. */
export function withoutJoins(tree: LoadTree): LoadTree {
  const nodes = tree.nodes.map((node) => ({ ...node, strategy: "selectin" as const }));
  return { nodes, key: `-${tree.key}` };
}

function mustWrap({ limitCount, offsetCount, isDistinct, groupings }: Select<unknown>): boolean {
  return limitCount !== null || offsetCount !== null || isDistinct || groupings.length > 0;
}

export function mapperOfItem(item: EntityItem): Mapper {
  const { mapping } = item;
  // Only mapped classes and their aliases describe themselves as entities.
  if (!(mapping instanceof Mapper)) throw new Error("An entity without a mapper was selected.");
  return mapping;
}
