import { ArgumentError } from "../../errors/index.ts";
import { identityOf } from "../../expression/fingerprint.ts";
import { ByMapper, type Mapper, type RelationshipProperty } from "../mapping/index.ts";
import type { LoadPath, LoadStep, LoadStrategy } from "./load-options.ts";

/** A relationship to load, and what to load of the objects that it brings. */
export interface LoadNode {
  readonly property: RelationshipProperty;
  readonly strategy: LoadStrategy;
  readonly tree: LoadTree;
}

/** What to load of the objects of a class. */
export interface LoadTree {
  readonly nodes: readonly LoadNode[];
  /** Equal for trees that load the same. */
  readonly key: string;
}

/** Nothing more than the columns. */
export const NO_LOADS: LoadTree = { nodes: [], key: "" };

/**
 * Unites the paths that start at one class, and adds what its relationships are to be loaded by when nothing else is
 * said (`lazy: "selectin"`). Such defaults end where a relationship would be followed a second time.
 *
 * @throws ArgumentError for a path that goes on with a relationship of another class than it has reached
 */
export function loadTree(mapper: Mapper, paths: readonly LoadPath<string>[]): LoadTree {
  if (paths.length === 0) return defaultLoads(mapper);
  const step = paths.length === 1 && paths[0]?.steps.length === 1 ? paths[0].steps[0] : undefined;
  if (step !== undefined) return treeOfStep(mapper, step); // mostly one relationship is asked for
  return grow(
    mapper,
    paths.map(({ steps }) => steps),
    new Set(),
  );
}

function treeOfStep(mapper: Mapper, step: LoadStep): LoadTree {
  const known = single[step.strategy].of(mapper);
  const { property } = step.attribute;
  let tree = known.get(property);
  if (tree === undefined) {
    tree = grow(mapper, [[step]], new Set());
    known.set(property, tree);
  }
  return tree;
}

/** What the classes of a family say themselves. */
export function defaultLoads(mapper: Mapper): LoadTree {
  return defaults.of(mapper);
}

const defaults = new ByMapper((mapper) => grow(mapper, [], new Set()));

/** What to load along one relationship of a class, and what the classes say themselves. */
const single: Readonly<Record<LoadStrategy, ByMapper<Map<RelationshipProperty, LoadTree>>>> = {
  selectin: new ByMapper(() => new Map()),
  joined: new ByMapper(() => new Map()),
};

function grow(
  mapper: Mapper,
  paths: readonly (readonly LoadStep[])[],
  followed: ReadonlySet<RelationshipProperty>,
): LoadTree {
  const branches = new Map<RelationshipProperty, { strategy: LoadStrategy; paths: (readonly LoadStep[])[] }>();
  for (const [step, ...rest] of paths) {
    if (step === undefined) continue;
    const { property } = step.attribute;
    assertBelongs(property, mapper);
    const branch = branches.get(property);
    if (branch === undefined) branches.set(property, { strategy: step.strategy, paths: [rest] });
    else {
      branch.strategy = step.strategy;
      branch.paths.push(rest);
    }
  }
  for (const descendant of mapper.selfAndDescendants()) {
    for (const property of descendant.relationships) {
      if (property.lazy === "raise" || branches.has(property) || followed.has(property)) continue;
      branches.set(property, { strategy: property.lazy, paths: [] });
    }
  }
  if (branches.size === 0) return NO_LOADS;
  const nodes = [...branches].map(([property, branch]) => ({
    property,
    strategy: branch.strategy,
    tree: grow(property.target, branch.paths, new Set([...followed, property])),
  }));
  const key = nodes
    .map(({ property, strategy, tree }) => `${strategy[0]}${identityOf(property)}(${tree.key})`)
    .join("");
  return { nodes, key };
}

/** Can objects of this class have the relationship? Also true if only those of some subclass do. */
export function belongsTo(property: RelationshipProperty, mapper: Mapper): boolean {
  return mapper.isA(property.mapper) || property.mapper.isA(mapper);
}

function assertBelongs(property: RelationshipProperty, mapper: Mapper): void {
  if (belongsTo(property, mapper)) return;
  throw new ArgumentError(
    `The load path goes on with ${property.label}, but what it has reached are objects of ${mapper.name}. ` +
      `Chain relationships of ${mapper.name}, or start another path in options(...).`,
  );
}
