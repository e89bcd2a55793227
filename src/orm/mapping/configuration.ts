import { MappingError } from "../../errors/index.ts";
import { Table } from "../../schema/index.ts";
import { configureColumns } from "./configure-columns.ts";
import { type ConfiguredRelationship, configureRelationship } from "./configure-relationship.ts";
import { DECLARATION, type Declaration, declarationOf, findDeclaration } from "./declaration.ts";
import { hiddenInverse, link } from "./inverse.ts";
import { Mapper } from "./mapper.ts";
import { polymorphicEntries } from "./mapper-args.ts";
import type { RelationshipProperty } from "./property.ts";
import { RelationDefinition } from "./relation-definition.ts";
import { instanceRuntime } from "./runtime.ts";
import { settle } from "./settle.ts";
import { tryConstruction } from "./trial-construction.ts";

/**
 * The mapper of a mapped class, or of the class of an object. Configures the class on first use, and with it all classes
 * that it can reach by relationships and inheritance; if that fails, none of them is, and the next use tries again.
 *
 * @throws MappingError if it is not mapped, or if the mapping is wrong somewhere
 */
export function mapperOf(classOrInstance: object): Mapper {
  if (typeof classOrInstance === "object" && classOrInstance !== null) {
    // Mostly an object of a class that is configured: every object of a flush comes by here several times.
    const known = (classOrInstance as { readonly [DECLARATION]?: Declaration })[DECLARATION]?.mapper;
    if (known !== null && known !== undefined) return known;
  }
  const declaration = declarationOf(classOrInstance);
  return declaration.mapper ?? configure(declaration);
}

/** The same; null for what is not mapped. */
export function findMapper(classOrInstance: unknown): Mapper | null {
  const declaration = findDeclaration(classOrInstance);
  return declaration === null ? null : (declaration.mapper ?? configure(declaration));
}

/** How often classes were configured. What was worked out about a class holds as long as this stays the same. */
export const configurations: { count: number } = { count: 0 };

function configure(wanted: Declaration): Mapper {
  const declarations = reachableFrom(wanted);
  const mappers = new Map<Declaration, Mapper>();
  const find = (declaration: Declaration): Mapper => {
    const mapper = mappers.get(declaration) ?? declaration.mapper;
    if (mapper === null) throw new Error(`${declaration.label} is out of reach of ${wanted.label}.`);
    return mapper;
  };
  for (const declaration of declarations) {
    const { mappedClass, parent, inheritance } = declaration;
    if (mappedClass === null) throw new Error(`The class of ${declaration.label} is not known.`);
    const mapper = new Mapper({
      declaration,
      mappedClass,
      parent: parent === null || inheritance === "concrete" ? null : find(parent),
    });
    mappers.set(declaration, mapper);
    configureColumns(mapper);
  }
  for (const mapper of mappers.values()) settle(mapper, find);
  const hidden = configureRelationships([...mappers.values()], find);
  publish([...mappers.values()], hidden);
  return find(wanted);
}

/** Unconfigured declarations that `start` can reach, parents before the classes that extend them. */
function reachableFrom(start: Declaration): readonly Declaration[] {
  const reached = new Set<Declaration>();
  const reach = (declaration: Declaration): void => {
    if (declaration.mapper !== null || reached.has(declaration)) return;
    if (declaration.parent !== null) reach(declaration.parent);
    reached.add(declaration);
    for (const key of declaration.ownKeys) {
      const definition = declaration.definition(key);
      if (definition instanceof RelationDefinition) reach(targetOf(declaration, key, definition));
    }
    for (const [, member] of polymorphicEntries(declaration.mapperArgs)) reach(declarationOf(member));
    for (const child of declaration.children) if (child.mappedClass !== null) reach(child);
  };
  reach(start);
  return [...reached].sort((a, b) => a.depth - b.depth);
}

function targetOf(declaration: Declaration, key: string, { target }: RelationDefinition): Declaration {
  const found = findDeclaration(target);
  if (found !== null) return found;
  const name = target.name || "an anonymous class";
  throw new MappingError(
    `${declaration.label}.${key} leads to ${name}, which is not mapped. Write class ${name} extends Base("table_name", { ... }).`,
  );
}

/** @returns the hidden inverses that were made */
function configureRelationships(
  mappers: readonly Mapper[],
  find: (declaration: Declaration) => Mapper,
): readonly RelationshipProperty[] {
  const configured: ConfiguredRelationship[] = [];
  for (const mapper of mappers) {
    if (mapper.parent !== null) mapper.inheritRelationships(mapper.parent);
    const { declaration } = mapper;
    for (const [slot, key] of declaration.keys.entries()) {
      if (mapper.findProperty(key) !== null) continue;
      const written = declaration.definition(key);
      if (!(written instanceof RelationDefinition)) continue;
      // With concrete inheritance, the other side of what the parent declares leads to the parent.
      const definition = declaration.ownKeys.includes(key) ? written : written.withoutInverse();
      const target = find(targetOf(declaration, key, definition));
      const one = configureRelationship(mapper, key, slot, definition, target, throughTable(definition));
      mapper.add(one.relationship);
      configured.push(one);
    }
  }
  const hidden: RelationshipProperty[] = [];
  for (const { relationship, inverse } of configured) {
    if (inverse !== null) {
      const other = relationship.target.property(inverse.name);
      if (other.kind === "relationship") link(relationship, other);
    } else if (relationship.direction === "oneToMany" && !relationship.viewOnly) {
      hidden.push(hiddenInverse(relationship));
    }
  }
  return hidden;
}

function throughTable({ through }: RelationDefinition): Table | null {
  if (through === null || through instanceof Table) return through;
  return declarationOf(through).table;
}

/** Makes the mappers known, and the classes ready for objects. */
function publish(mappers: readonly Mapper[], hidden: readonly RelationshipProperty[]): void {
  for (const mapper of mappers) mapper.declaration.mapper = mapper;
  try {
    for (const mapper of mappers) instanceRuntime().install(mapper);
    for (const mapper of mappers) tryConstruction(mapper);
  } catch (error) {
    for (const mapper of mappers) mapper.declaration.mapper = null;
    throw error;
  }
  // From here on nothing fails: this changes mappers that were there before.
  configurations.count++;
  for (const mapper of mappers) mapper.parent?.addSubclass(mapper);
  for (const relationship of hidden) relationship.mapper.addHidden(relationship);
  for (const mapper of mappers) {
    for (const relationship of mapper.relationships) if (relationship.mapper === mapper) noteReferences(relationship);
  }
  for (const relationship of hidden) noteReferences(relationship);
}

/** Lets the foreign key columns of a many-to-one relationship know it. */
function noteReferences(relationship: RelationshipProperty): void {
  if (relationship.direction !== "manyToOne" || relationship.viewOnly) return;
  for (const { local } of relationship.pairs) {
    for (const mapper of relationship.mapper.selfAndDescendants()) {
      const references = mapper.findColumnProperty(local)?.references;
      if (references !== undefined && !references.includes(relationship)) references.push(relationship);
    }
  }
}
