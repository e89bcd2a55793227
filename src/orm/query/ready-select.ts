import type { Dialect, PreparedQuery } from "../../engine/index.ts";
import { fingerprint } from "../../expression/fingerprint.ts";
import type { BindParameter } from "../../expression/sql-expression.ts";
import type { SelectBase } from "../../statement/select-base.ts";
import { configurations } from "../mapping/index.ts";
import type { LoadTree } from "./load-tree.ts";
import type { LoaderContext } from "./loader-context.ts";
import { isShared, lower } from "./lower.ts";
import type { RowPlan } from "./row-plan.ts";

/** A statement of a user as it is sent, and how its rows become results. */
export interface ReadySelect {
  readonly query: PreparedQuery;
  readonly plan: RowPlan;
}

/** As many as a connection remembers compiled statements. */
const CAPACITY = 500;
/** Null: a statement of this form has values that are made anew each time. */
const ready = new WeakMap<Dialect, Map<string, ReadySelect | null>>();

/**
 * Finds how a statement of the same form was sent before, by its fingerprint alone: it is neither lowered nor compiled
 * again.
 *
 * @param trees what to load with each entity among the things selected, in their order
 * @returns null if the statement has to be executed as it is
 */
export function readySelect(
  context: LoaderContext,
  statement: SelectBase<unknown>,
  trees: readonly LoadTree[],
): { readonly select: ReadySelect; readonly values: readonly unknown[] } | null {
  // An alias is made for one statement: the next one of the same form has another.
  if (!statement.items.every(isShared)) return null;
  const { key, binds } = fingerprint(statement);
  const { dialect } = context;
  let known = ready.get(dialect);
  if (known === undefined) {
    known = new Map();
    ready.set(dialect, known);
  }
  // Classes that are configured later may extend those that are selected.
  let form = `${configurations.count}|`;
  for (const tree of trees) form += `${tree.key};`;
  form += key;
  let select = known.get(form);
  if (select === undefined) {
    select = make(context, statement, trees, binds);
    if (known.size >= CAPACITY) known.clear();
    known.set(form, select);
  }
  return select === null ? null : { select, values: binds.map(({ value }) => value) };
}

function make(
  context: LoaderContext,
  statement: SelectBase<unknown>,
  trees: readonly LoadTree[],
  binds: readonly BindParameter<unknown>[],
): ReadySelect | null {
  const lowered = lower(statement, context.dialect, trees);
  const query = context.prepare(lowered.statement, binds);
  return query === null ? null : { query, plan: lowered.plan };
}
