import { MappingError } from "../../errors/index.ts";
import { type Condition, expressionOf, type SqlExpression } from "../../expression/sql-expression.ts";
import type { Column, Table } from "../../schema/index.ts";
import { parseCascade } from "./cascade.ts";
import { resolveDirectJoin } from "./direct-join.ts";
import type { Side } from "./foreign-key-candidates.ts";
import { type DeclaredInverse, declaredInverse } from "./inverse.ts";
import type { JoinCondition } from "./join-condition.ts";
import { type JoinRequest, labelOf, optionColumns } from "./join-request.ts";
import type { Mapper } from "./mapper.ts";
import { type Direction, RelationshipProperty } from "./property.ts";
import {
  checkOptions,
  KeyedBy,
  type RelationDefinition,
  type RelationKind,
  type RelationOptions,
} from "./relation-definition.ts";
import { resolveSecondaryJoin } from "./secondary-join.ts";

/** A relationship that is understood, and what it names as its other side. */
export interface ConfiguredRelationship {
  readonly relationship: RelationshipProperty;
  readonly inverse: DeclaredInverse | null;
}

/**
 * Understands one relationship of a class: its join, its direction, its cascades.
 *
 * @param target the mapper of its target
 * @param through its association table, if it has one
 * @throws MappingError if what was declared contradicts itself, the foreign keys or the other side
 */
export function configureRelationship(
  mapper: Mapper,
  name: string,
  slot: number,
  definition: RelationDefinition,
  target: Mapper,
  through: Table | null,
): ConfiguredRelationship {
  checkOptions(definition, `${mapper.name}.${name}`);
  const inverse = declaredInverse(mapper, name, definition, target);
  const request = requestFor(mapper, name, definition, target, through, inverse);
  const label = labelOf(request);
  const { direction, join } = resolveJoin(request);
  const cascade = parseCascade(definition.options.cascade, label, request.viewOnly);
  const relationship = new RelationshipProperty({
    name,
    slot,
    mapper,
    target,
    direction,
    many: definition.relation === "many",
    hidden: false,
    cascade,
    join,
    definition,
  });
  checkDeletes(relationship);
  checkCollection(relationship);
  return { relationship, inverse };
}

function resolveJoin(request: JoinRequest): { direction: Direction; join: JoinCondition } {
  if (request.kind === "manyToMany") {
    if (request.through === null) {
      throw new MappingError(`${labelOf(request)} is manyToMany and needs its association table: add through: table.`);
    }
    return { direction: "manyToMany", join: resolveSecondaryJoin(request, request.through) };
  }
  const { side, join } = resolveDirectJoin(request);
  return { direction: side === "near" ? "manyToOne" : "oneToMany", join };
}

/** Puts together what both sides say about the join: what one leaves out, the other may have. */
function requestFor(
  near: Mapper,
  name: string,
  definition: RelationDefinition,
  far: Mapper,
  through: Table | null,
  inverse: DeclaredInverse | null,
): JoinRequest {
  const { kind, options } = definition;
  const label = `${near.name}.${name}`;
  const other: RelationOptions<string> = inverse?.definition.options ?? {};
  const isManyToMany = kind === "manyToMany";
  const columns = (
    option: "foreignKeys" | "remoteSide",
    from: RelationOptions<string>,
  ): readonly Column<unknown>[] | null =>
    from[option] === undefined ? null : optionColumns(from[option], option, label);
  return {
    name,
    kind,
    backPopulates: options.backPopulates ?? null,
    near,
    far,
    through,
    primaryJoin: conditionOf(options.primaryJoin ?? (isManyToMany ? other.secondaryJoin : other.primaryJoin)),
    secondaryJoin: conditionOf(options.secondaryJoin ?? (isManyToMany ? other.primaryJoin : undefined)),
    foreignKeys: columns("foreignKeys", options) ?? columns("foreignKeys", other),
    remoteSide: columns("remoteSide", options),
    localSide: columns("remoteSide", other),
    wanted: wantedSide(kind, inverse?.definition.kind ?? null),
    viewOnly: options.viewOnly ?? false,
  };
}

function conditionOf(condition: Condition | undefined): SqlExpression<unknown> | null {
  return condition === undefined ? null : expressionOf(condition);
}

function wantedSide(kind: RelationKind, inverse: RelationKind | null): Side | null {
  if (kind === "manyToOne") return "near";
  if (kind === "oneToMany") return "far";
  return inverse === "manyToOne" ? "far" : null;
}

function checkDeletes(relationship: RelationshipProperty): void {
  const { label, cascade, direction, singleParent, passiveDeletes } = relationship;
  if (cascade.deleteOrphan && direction !== "oneToMany" && !singleParent) {
    throw new MappingError(
      `${label} cannot have the cascade delete-orphan: by a ${direction} relationship, an object can have many parents, and is no ` +
        `orphan when one lets go of it. Put the cascade on the oneToMany side, or add singleParent: true if there is one parent at most.`,
    );
  }
  if (cascade.delete && passiveDeletes === "all") {
    throw new MappingError(
      `${label} has passiveDeletes: "all", which leaves deletes to the database, and the cascade delete, which does not. Leave one out.`,
    );
  }
}

function checkCollection({ label, collection, many, target }: RelationshipProperty): void {
  if (collection === null) return;
  if (!many)
    throw new MappingError(`${label} leads to one object at most and has no collection: leave that option out.`);
  if (collection === "set") return;
  const name = target.name;
  if (!(collection instanceof KeyedBy)) {
    throw new MappingError(
      `${label} has a collection that does not exist: write collection: "set", or keyedBy(${name}.c.key) for a Map.`,
    );
  }
  const { key } = collection.attribute;
  if (target.columns.some((column) => column.name === key)) return;
  throw new MappingError(`${label} is keyed by "${key}", which is no column of ${name}: write keyedBy(${name}.c.key).`);
}
