import { andThen, type MaybePromise } from "../../engine/maybe-promise.ts";
import { ArgumentError } from "../../errors/index.ts";
import { JOIN } from "../../statement/interfaces.ts";
import { covers } from "../../statement/join.ts";
import { Select } from "../../statement/select.ts";
import type { CompoundSelect, SelectBase } from "../../statement/select-base.ts";
import type { EntityItem } from "../../statement/select-item.ts";
import { Hydration, type Row } from "./hydrate.ts";
import { LoadPath, PopulateExisting } from "./load-options.ts";
import { loadAll } from "./load-relationship.ts";
import { belongsTo, defaultLoads, type LoadTree, loadTree } from "./load-tree.ts";
import type { LoaderContext, RawRows } from "./loader-context.ts";
import { lower, mapperOfItem, withoutJoins } from "./lower.ts";
import { readySelect } from "./ready-select.ts";
import { type RowPlan, readRows } from "./row-plan.ts";

/** How many rows a stream makes objects of at a time. */
const CHUNK_SIZE = 500;

/**
 * Runs a statement and makes its rows what was selected: objects of mapped classes and values, one thing unwrapped,
 * several as a tuple, or objects. Relationships are loaded as its options and the mapping say.
 *
 * @throws ArgumentError for load options that fit none of the selected classes
 */
export function runSelect<R>(context: LoaderContext, statement: SelectBase<R>): MaybePromise<R[]> {
  const { trees, populateExisting } = loadsOf(statement);
  const known = readySelect(context, statement, trees);
  const read = (plan: RowPlan, sent: MaybePromise<RawRows>): MaybePromise<R[]> =>
    andThen(sent, ({ rows }) => readAndLoad<R>(context, plan, rows, populateExisting));
  if (known !== null) return read(known.select.plan, context.runPrepared(known.select.query, known.values));
  const { statement: core, plan } = lower(statement, context.dialect, trees);
  return read(plan, context.query(core));
}

/**
 * Runs a statement and makes its rows results a few hundred at a time, with all that is to be loaded for them.
 * Relationships that would be joined are loaded by statements of their own: the rows of one object could be parted.
 */
export async function* streamSelect<R>(
  context: LoaderContext,
  statement: SelectBase<R>,
): AsyncGenerator<R, void, undefined> {
  const { trees, populateExisting } = loadsOf(statement);
  const { statement: core, plan } = lower(statement, context.dialect, trees.map(withoutJoins));
  let chunk: Row[] = [];
  for await (const row of context.stream(core)) {
    if (chunk.push(row) < CHUNK_SIZE) continue;
    yield* await readAndLoad<R>(context, plan, chunk, populateExisting);
    chunk = [];
  }
  if (chunk.length > 0) yield* await readAndLoad<R>(context, plan, chunk, populateExisting);
}

/** @returns at once if nothing more is to be loaded */
function readAndLoad<R>(
  context: LoaderContext,
  plan: RowPlan,
  rows: readonly Row[],
  populateExisting: boolean,
): MaybePromise<R[]> {
  const hydration = new Hydration(context, populateExisting ? new Set() : null);
  // The plan was made of the statement that R is the type of.
  const results = readRows(plan, rows, hydration) as R[];
  const pending = hydration.finish();
  return pending.length === 0 ? results : andThen(loadAll(context, pending, hydration.populated), () => results);
}

interface Loads {
  /** For each selected entity. */
  readonly trees: readonly LoadTree[];
  readonly populateExisting: boolean;
}

function loadsOf(statement: SelectBase<unknown>): Loads {
  const [only] = statement.items;
  const options = optionsOf(statement);
  if (options.length === 0 && statement.items.length === 1 && only !== undefined) {
    const trees = only.kind === "entity" ? [defaultLoads(mapperOfItem(only))] : [];
    return { trees, populateExisting: false };
  }
  const entities = statement.items.filter((item) => item.kind === "entity");
  const paths = new Map<EntityItem, LoadPath<string>[]>(entities.map((item) => [item, []]));
  let populateExisting = false;
  for (const option of options) {
    if (option instanceof PopulateExisting) populateExisting = true;
    else if (option instanceof LoadPath) paths.get(startOf(option, entities))?.push(option);
    else throw new ArgumentError("options() takes load options: selectinLoad(...), joinedLoad(...).");
  }
  const trees = entities.map((item) => loadTree(mapperOfItem(item), paths.get(item) ?? []));
  return { trees, populateExisting };
}

function optionsOf(statement: SelectBase<unknown>): readonly unknown[] {
  if (statement instanceof Select) return statement.loadOptions;
  return optionsOf((statement as CompoundSelect<unknown>).first); // the only other kind
}

/** The selected entity that a load path starts from. */
function startOf(path: LoadPath<string>, entities: readonly EntityItem[]): EntityItem {
  const attribute = path.steps[0]?.attribute;
  if (attribute === undefined) throw new ArgumentError("A load path needs a relationship to start with.");
  const { property } = attribute;
  const candidates = entities.filter((item) => belongsTo(property, mapperOfItem(item)));
  const [only, another] = candidates;
  if (only === undefined) {
    throw new ArgumentError(
      `options() has a load path that starts with ${property.label}, but no ${property.mapper.name} is selected.`,
    );
  }
  if (another === undefined) return only;
  // The same class is selected several times: the attribute says whether it belongs to it, or to one of its aliases.
  const { left } = attribute[JOIN]();
  return candidates.find(({ from }) => covers(from, left)) ?? only;
}
