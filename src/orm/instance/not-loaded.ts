import { type AlkahestError, DetachedInstanceError, NotLoadedError } from "../../errors/index.ts";
import type { Property } from "../mapping/index.ts";
import { describe } from "./describe.ts";
import { type Entity, Status } from "./entity.ts";

/** The error of reading an attribute that is not there: it names the object, the attribute and the ways to load it. */
export function notLoaded(entity: Entity, property: Property): AlkahestError {
  const { name } = property;
  const subject = `${describe(entity)}: "${name}" is not loaded`;
  const variable = variableName(property.mapper.name);
  if (entity.$status === Status.deleted) {
    return new NotLoadedError(`${subject}, and the row is deleted. Read it before deleting the object.`);
  }
  const isAway = entity.$status === Status.detached || entity.$status === Status.gone;
  if (property.kind === "column") {
    const names = property.column.deferred ? `, ["${name}"]` : "";
    return isAway
      ? new NotLoadedError(
          `${subject}, and the object belongs to no session. Load it again, or merge it into a session.`,
        )
      : new NotLoadedError(
          `${subject}. Load it with await session.refresh(${variable}${names}), or read it with await lazy(${variable}).${name}.`,
        );
  }
  const option = `options(selectinLoad(${property.mapper.name}.c.${name}))`;
  return isAway
    ? new DetachedInstanceError(
        `${subject}, and the object belongs to no session. Load it before that, with ${option}, or merge the object into a session.`,
      )
    : new NotLoadedError(
        `${subject}. Load it with the query, ${option}, or read it with await lazy(${variable}).${name}.`,
      );
}

/** The error of replacing what one does not know. */
export function notReplaceable(entity: Entity, property: Property): NotLoadedError {
  const { name } = property;
  const variable = variableName(property.mapper.name);
  return new NotLoadedError(
    `${describe(entity)}: "${name}" is not loaded, so it is not known what an assignment replaces. Load it with the query, ` +
      `options(selectinLoad(${property.mapper.name}.c.${name})), or with await lazy(${variable}).${name}, and then assign.`,
  );
}

function variableName(className: string): string {
  return className.charAt(0).toLowerCase() + className.slice(1);
}
