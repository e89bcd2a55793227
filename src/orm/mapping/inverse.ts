import { MappingError } from "../../errors/index.ts";
import { NO_CASCADE } from "./cascade.ts";
import type { JoinCondition } from "./join-condition.ts";
import { declarationLine } from "./join-request.ts";
import type { MappedClass, Mapper } from "./mapper.ts";
import { NO_SLOT, RelationshipProperty } from "./property.ts";
import type { RelationDefinition, RelationKind } from "./relation-definition.ts";

/** The kinds that the other side of a relationship can have, the usual one first. */
const INVERSE_KINDS: Readonly<Record<RelationKind, readonly [RelationKind, ...RelationKind[]]>> = {
  oneToMany: ["manyToOne"],
  manyToOne: ["oneToMany", "oneToOne"],
  oneToOne: ["oneToOne", "manyToOne"],
  manyToMany: ["manyToMany"],
};

/** What was declared as the other side of a relationship. */
export interface DeclaredInverse {
  readonly name: string;
  readonly definition: RelationDefinition;
}

/**
 * Finds what `backPopulates` names, and checks that both sides fit.
 *
 * @returns null if the relationship names no other side
 * @throws MappingError if there is no such attribute, or it is something else than the other side of this one; the
 * message has the line to write
 */
export function declaredInverse(
  mapper: Mapper,
  name: string,
  definition: RelationDefinition,
  target: Mapper,
): DeclaredInverse | null {
  const { backPopulates } = definition.options;
  if (backPopulates === undefined) return null;
  const label = `${mapper.name}.${name}`;
  const { declaration } = target;
  const [usualKind] = INVERSE_KINDS[definition.kind];
  const line = (kind: RelationKind): string =>
    declarationLine(backPopulates, kind, mapper.name, {
      backPopulates: JSON.stringify(name),
      ...(kind === "manyToMany" ? { through: throughText(definition) } : {}),
    });
  if (!declaration.keys.includes(backPopulates)) {
    throw new MappingError(
      `${label} has backPopulates: "${backPopulates}", but ${target.name} has no such attribute. Add to ${target.name}: ${line(usualKind)}`,
    );
  }
  const inverse = declaration.definition(backPopulates);
  if (!("relation" in inverse)) {
    throw new MappingError(
      `${label} has backPopulates: "${backPopulates}", but ${target.name}.${backPopulates} is a column. The other side is a ` +
        `relationship, e.g. ${declarationLine(`${backPopulates}Object`, usualKind, mapper.name, { backPopulates: JSON.stringify(name) })}`,
    );
  }
  const inverseLabel = `${target.name}.${backPopulates}`;
  if (inverse.options.backPopulates !== name) {
    const found = inverse.options.backPopulates;
    throw new MappingError(
      `${label} has backPopulates: "${backPopulates}", but ${inverseLabel} has ` +
        `${found === undefined ? "no backPopulates" : `backPopulates: "${found}"`}: both sides must name each other. Write in ` +
        `${target.name}: ${line(inverse.kind)}`,
    );
  }
  if (!isRelated(mapper.mappedClass, inverse.target)) {
    throw new MappingError(
      `${label} has backPopulates: "${backPopulates}", but ${inverseLabel} leads to ${inverse.target.name}, not to ${mapper.name}.`,
    );
  }
  if (!INVERSE_KINDS[definition.kind].includes(inverse.kind)) {
    throw new MappingError(
      `${label} is ${definition.kind} and ${inverseLabel} is ${inverse.kind}, which are not two sides of one relationship. The other ` +
        `side of ${definition.kind} is ${INVERSE_KINDS[definition.kind].join(" or ")}: ${line(usualKind)}`,
    );
  }
  return { name: backPopulates, definition: inverse };
}

/** Is one class the other, or does it extend it? */
function isRelated(some: MappedClass, other: MappedClass): boolean {
  return some === other || some.prototype instanceof other || other.prototype instanceof some;
}

function throughText({ through }: RelationDefinition): string {
  return through === null ? "..." : through.name;
}

/**
 * Makes two relationships the sides of one.
 * @throws MappingError if they do not follow the same columns
 */
export function link(relationship: RelationshipProperty, inverse: RelationshipProperty): void {
  if (relationship.inverse === inverse) return;
  if (!mirrors(relationship.join, inverse.join)) {
    throw new MappingError(
      `${relationship.label} and ${inverse.label} name each other as the two sides of one relationship, but follow different ` +
        `columns: ${describePairs(relationship.join)} and ${describePairs(inverse.join)}. Give both the same primaryJoin or foreignKeys.`,
    );
  }
  if (relationship.viewOnly || inverse.viewOnly) return; // nothing is written, so nothing is kept in step
  relationship.inverse = inverse;
  inverse.inverse = relationship;
}

function mirrors(join: JoinCondition, inverse: JoinCondition): boolean {
  if (join.secondary === null || inverse.secondary === null) {
    return (
      join.secondary === inverse.secondary &&
      join.pairs.length === inverse.pairs.length &&
      join.pairs.every(({ local, remote }) =>
        inverse.pairs.some((pair) => pair.local === remote && pair.remote === local),
      )
    );
  }
  const { local, remote, table } = join.secondary;
  const other = inverse.secondary;
  return (
    table === other.table &&
    local.length === other.remote.length &&
    remote.length === other.local.length &&
    local.every(({ secondary }) => other.remote.some((pair) => pair.secondary === secondary)) &&
    remote.every(({ secondary }) => other.local.some((pair) => pair.secondary === secondary))
  );
}

function describePairs({ pairs, secondary }: JoinCondition): string {
  if (secondary === null) {
    return pairs
      .map(({ local, remote }) => `${local.table.name}.${local.name} = ${remote.table.name}.${remote.name}`)
      .join(" and ");
  }
  return [...secondary.local, ...secondary.remote]
    .map((pair) => `${secondary.table.name}.${pair.secondary.name}`)
    .join(", ");
}

/**
 * The other side of a one-to-many relationship (or a one-to-one whose target has the foreign key) that has none: a
 * many-to-one that is no attribute, so that everything that follows foreign keys has one mechanism.
 */
export function hiddenInverse(relationship: RelationshipProperty): RelationshipProperty {
  const inverse = new RelationshipProperty({
    name: `~${relationship.label}`,
    slot: NO_SLOT,
    mapper: relationship.target,
    target: relationship.mapper,
    direction: "manyToOne",
    many: false,
    hidden: true,
    cascade: NO_CASCADE,
    join: relationship.join.reversed(),
    definition: null,
  });
  inverse.inverse = relationship;
  relationship.inverse = inverse;
  return inverse;
}
