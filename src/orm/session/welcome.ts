import { InvalidStateError } from "../../errors/index.ts";
import { describe, type Entity, Status } from "../instance/index.ts";
import { mapperOf } from "../mapping/index.ts";
import { wayTo } from "./cascade.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

/**
 * May a session take an object in? False for what is there already.
 * @param reached what save-update came to before it, for messages
 * @throws InvalidStateError for an object of another session, of a deleted row, or whose row another object stands for
 */
export function isWelcome(session: UnitOfWork, entity: Entity, reached: readonly Entity[]): boolean {
  if (entity.$session === session) {
    if (entity.$status !== Status.deleted) return false;
    throw new InvalidStateError(
      `${describe(entity)} was deleted in this transaction and cannot be added again${pathTo(entity, reached)}. ` +
        "Roll back, or add a new object with the same values.",
    );
  }
  assertOwn(session, entity, reached);
  if (entity.$status === Status.gone) {
    throw new InvalidStateError(
      `${describe(entity)} was deleted and cannot be added again${pathTo(entity, reached)}. ` +
        "Add a new object with the same values, or a copy: await session.merge(object).",
    );
  }
  if (entity.$status === Status.detached) {
    const other = entity.$key === null ? undefined : session.identityMap.get(mapperOf(entity), entity.$key);
    if (other !== undefined && other !== entity) {
      throw new InvalidStateError(
        `${describe(entity)} cannot be added${pathTo(entity, reached)}: another object stands for the same row in this session. ` +
          "Use that one (session.get), or copy the changes onto it: await session.merge(object).",
      );
    }
  }
  return true;
}

/** @throws InvalidStateError for an object of another session */
export function assertOwn(session: UnitOfWork, entity: Entity, reached: readonly Entity[] = []): void {
  if (entity.$session === null || entity.$session === session) return;
  throw new InvalidStateError(
    `${describe(entity)} belongs to another session${pathTo(entity, reached)}. ` +
      "Take it out there first (other.expunge(object), or close that session), " +
      "or work with a copy here: await session.merge(object).",
  );
}

/** How save-update came to an object, for messages. */
function pathTo(entity: Entity, reached: readonly Entity[]): string {
  const way = wayTo(entity, reached, "saveUpdate");
  return way === null ? "" : ` (reached by ${describe(way.owner)}.${way.property.name})`;
}
