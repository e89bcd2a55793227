import { MappingError } from "../../errors/index.ts";
import { showValue } from "../../expression/show-value.ts";
import type { Column } from "../../schema/index.ts";
import { type Declaration, declarationOf } from "./declaration.ts";
import { optionColumn } from "./join-request.ts";
import type { Mapper, Polymorphic } from "./mapper.ts";
import { polymorphicEntries } from "./mapper-args.ts";
import { readOnConflict } from "./on-conflict.ts";
import type { ColumnProperty } from "./property.ts";

/**
 * Understands `mapperArgs` of a class. Subclasses have what their parent says and they do not.
 *
 * @param find the mapper of a declaration that is configured together with this one
 * @throws MappingError if something in it does not belong to the class
 */
export function settle(mapper: Mapper, find: (declaration: Declaration) => Mapper): void {
  const { mapperArgs } = mapper.declaration;
  const { versionId, onConflict, reinsert, construct } = mapperArgs;
  const polymorphic = polymorphicOf(mapper, find);
  if (polymorphic !== null) mapper.columnProperty(polymorphic.on.column).restricted = true;
  mapper.settle({
    versionId:
      versionId === undefined
        ? (mapper.parent?.versionId ?? null)
        : attribute(mapper, optionColumn(versionId, "versionId", mapper.name), "versionId"),
    onConflict: onConflict === undefined ? (mapper.parent?.onConflict ?? null) : readOnConflict(mapper, onConflict),
    reinsert: reinsert ?? mapper.parent?.reinsert ?? false,
    polymorphic,
    construct: construct ?? null,
  });
}

function attribute(mapper: Mapper, column: Column, option: string): ColumnProperty {
  const property = mapper.findColumnProperty(column);
  if (property !== null) return property;
  throw new MappingError(`${option} of ${mapper.name} is ${column.fullName}, which is no column of ${mapper.name}.`);
}

// ── polymorphic loading ──

function polymorphicOf(mapper: Mapper, find: (declaration: Declaration) => Mapper): Polymorphic | null {
  const { mapperArgs } = mapper.declaration;
  if (mapper.parent === null) return mapperArgs.polymorphicOn === undefined ? checkAlone(mapper) : rootOf(mapper, find);
  const family = mapper.parent.polymorphic;
  if (family === null) {
    if (mapper.inheritance !== "single") return null;
    throw new MappingError(
      `${mapper.name} keeps its rows in the table of ${mapper.root.name}, but nothing tells them apart. Add to ${mapper.root.name}: a ` +
        `column, e.g. kind: varchar(50), and get mapperArgs() { return { polymorphicOn: ${mapper.root.name}.c.kind, ` +
        `polymorphicMap: { ${mapper.name.toLowerCase()}: ${mapper.name} } }; }`,
    );
  }
  const own = mapperArgs.polymorphicIdentity;
  const identity = own === undefined ? identityIn(family.map, mapper) : identityValue(family.on.column, own, mapper);
  if (identity === undefined && mapper.declaration.children.length === 0) {
    throw new MappingError(
      `${mapper.name} has no value of ${family.on.mapper.name}.${family.on.name} that stands for it. Add it to polymorphicMap of ` +
        `${mapper.root.name}: { ${mapper.name.toLowerCase()}: ${mapper.name} }`,
    );
  }
  if (identity !== undefined) register(family.map, identity, mapper);
  return { on: family.on, identity, map: family.map };
}

function checkAlone(mapper: Mapper): null {
  const { polymorphicMap, polymorphicIdentity } = mapper.declaration.mapperArgs;
  if (polymorphicMap === undefined && polymorphicIdentity === undefined) return null;
  throw new MappingError(
    `${mapper.name} has ${polymorphicMap === undefined ? "polymorphicIdentity" : "polymorphicMap"}, but no polymorphicOn: add the column ` +
      "that holds the value.",
  );
}

function rootOf(mapper: Mapper, find: (declaration: Declaration) => Mapper): Polymorphic {
  const { mapperArgs } = mapper.declaration;
  const column = optionColumn(mapperArgs.polymorphicOn, "polymorphicOn", mapper.name);
  const on = attribute(mapper, column, "polymorphicOn");
  const map = new Map<unknown, Mapper>();
  for (const [key, member] of polymorphicEntries(mapperArgs)) {
    const other = find(declarationOf(member));
    if (!other.isA(mapper)) {
      throw new MappingError(
        `polymorphicMap of ${mapper.name} has ${other.name}, which does not extend it. Write class ${other.name} extends ` +
          `Base.inherit(${mapper.name}, "${other.table.name}", { ... })`,
      );
    }
    register(map, identityValue(column, key, mapper), other);
  }
  const own = mapperArgs.polymorphicIdentity;
  if (own !== undefined) register(map, identityValue(column, own, mapper), mapper);
  return { on, identity: identityIn(map, mapper), map };
}

function register(map: ReadonlyMap<unknown, Mapper>, identity: unknown, mapper: Mapper): void {
  const other = map.get(identity);
  if (other !== undefined && other.mappedClass !== mapper.mappedClass) {
    throw new MappingError(`${showValue(identity)} stands for both ${other.name} and ${mapper.name}.`);
  }
  const known = identityIn(map, mapper);
  if (known !== undefined && known !== identity) {
    throw new MappingError(
      `${showValue(known)} and ${showValue(identity)} both stand for ${mapper.name}: its rows have one value. Leave one out of ` +
        `polymorphicMap of ${mapper.root.name}, or map a class that extends ${mapper.name} for it.`,
    );
  }
  // The map of a family grows until the last of its classes is configured; others see it read-only.
  (map as Map<unknown, Mapper>).set(identity, mapper);
}

function identityIn(map: ReadonlyMap<unknown, Mapper>, mapper: Mapper): unknown {
  for (const [identity, other] of map) if (other.mappedClass === mapper.mappedClass) return identity;
  return undefined;
}

/** The keys of an object literal are strings: turns one into the number that a column of numbers holds. */
function identityValue(column: Column, value: unknown, mapper: Mapper): unknown {
  const reason = column.sqlType.validate(value);
  if (reason === null) return value;
  if (typeof value === "string" && value.trim() !== "") {
    for (const convert of [Number, BigInt]) {
      try {
        const converted = convert(value);
        if (column.sqlType.validate(converted) === null) return converted;
      } catch {
        // BigInt refuses what is no whole number.
      }
    }
  }
  throw new MappingError(
    `The value ${JSON.stringify(value)} in the polymorphic mapping of ${mapper.name} does not fit ${column.fullName}: ${reason}.`,
  );
}
