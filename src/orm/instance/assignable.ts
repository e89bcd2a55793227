import { ArgumentError } from "../../errors/index.ts";
import { showValue } from "../../expression/show-value.ts";
import { type ColumnProperty, type Mapper, mapperOf } from "../mapping/index.ts";
import { describe } from "./describe.ts";
import type { Entity } from "./entity.ts";
import { isEqual } from "./links.ts";
import { readRaw } from "./raw.ts";

/**
 * Of an attribute that is restricted: may the program give it this value? What the object has already is no change.
 * @throws ArgumentError for a computed column, and for a discriminator that is not that of the object's class
 */
export function checkAssignable(entity: Entity, property: ColumnProperty, value: unknown): void {
  if (isEqual(property, readRaw(entity, property), value)) return;
  if (property.column.computed !== null) {
    throw new ArgumentError(
      `${describe(entity)}: "${property.name}" is computed by the database, and cannot be set. Set what it is computed from; ` +
        "the flush reads the new value.",
    );
  }
  const mapper = mapperOf(entity);
  const { polymorphic } = mapper;
  if (polymorphic === null || isEqual(property, polymorphic.identity ?? null, value)) return;
  throw new ArgumentError(
    `${describe(entity)}: "${property.name}" says of which class the object is, and ${showValue(value)} is not ${mapper.name}. ` +
      advice(mapper, polymorphic.map.get(value)),
  );
}

function advice(mapper: Mapper, other: Mapper | undefined): string {
  const { polymorphic } = mapper;
  if (other !== undefined) {
    return (
      `Make an object of that class instead: new ${other.name}(...). To change the class of a stored row, write its tables with ` +
      "update(...) and insert(...), and load it into a new session."
    );
  }
  return polymorphic?.identity === undefined
    ? `${mapper.name} has no value of its own: make an object of a class that extends it.`
    : `Leave it out: the flush writes ${showValue(polymorphic.identity)}.`;
}
