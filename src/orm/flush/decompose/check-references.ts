import { InvalidStateError } from "../../../errors/index.ts";
import { describe, type Entity, Status } from "../../instance/index.ts";
import type { RelationshipProperty } from "../../mapping/index.ts";

/**
 * Refuses a row that would refer to an object without one: NULL would be stored where the program sees an object.
 * @throws InvalidStateError
 */
export function checkReferred(owner: Entity, property: RelationshipProperty, target: Entity): void {
  if (target.$status !== Status.transient) return;
  throw new InvalidStateError(
    `${describe(owner)}.${property.name} refers to ${describe(target)}, which is in no session and has no row. ` +
      `Add it (session.add), or take it out of ${property.mapper.name}.${property.name}.`,
  );
}
