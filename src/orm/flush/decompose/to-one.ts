import type { Column } from "../../../schema/index.ts";
import type { Mapper, RelationshipProperty } from "../../mapping/index.ts";
import { getOrAdd } from "../get-or-add.ts";

interface ToOne {
  readonly hiddenCount: number;
  readonly all: readonly RelationshipProperty[];
  readonly byColumn: ReadonlyMap<Column<unknown>, readonly RelationshipProperty[]>;
}

const known = new WeakMap<Mapper, ToOne>();
const NONE: readonly RelationshipProperty[] = [];

/** The relationships whose foreign key is in the rows of this class, hidden inverses included. */
export function toOne(mapper: Mapper): readonly RelationshipProperty[] {
  return factsOf(mapper).all;
}

/** Those whose foreign key `column` is a part of. */
export function toOneOver(mapper: Mapper, column: Column<unknown>): readonly RelationshipProperty[] {
  return factsOf(mapper).byColumn.get(column) ?? NONE;
}

function factsOf(mapper: Mapper): ToOne {
  const facts = known.get(mapper);
  // A class gains a hidden inverse when a class with a collection of it is configured.
  if (facts !== undefined && facts.hiddenCount === mapper.hiddenRelationships.length) return facts;
  const all = [...mapper.relationships, ...mapper.hiddenRelationships].filter(
    (property) => property.direction === "manyToOne" && !property.viewOnly,
  );
  const byColumn = new Map<Column<unknown>, RelationshipProperty[]>();
  for (const property of all) {
    for (const { local } of property.pairs) {
      getOrAdd(byColumn, local, () => []).push(property);
    }
  }
  const fresh: ToOne = { hiddenCount: mapper.hiddenRelationships.length, all, byColumn };
  known.set(mapper, fresh);
  return fresh;
}
