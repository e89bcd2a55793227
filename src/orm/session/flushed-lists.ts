import { type Entity, Status } from "../instance/index.ts";

/** Takes what was flushed out of a list, which mostly is all of it: nothing leaves a list during a flush but by this. */
export function leave(
  list: Set<Entity>,
  flushed: readonly Entity[],
  stays: (entity: Entity) => boolean = isNever,
): void {
  let at = 0;
  let isAll = list.size === flushed.length;
  list.forEach((entity) => {
    if (entity !== flushed[at++] || stays(entity)) isAll = false; // what was flushed is in the order of the list
  });
  if (isAll) list.clear();
  else for (const entity of flushed) if (!stays(entity)) list.delete(entity);
}

const isNever = (): boolean => false;

/** The object changed while the flush read something back. */
export function isChangedAgain({ $changes: changes, $status: status }: Entity): boolean {
  return changes !== null && status === Status.persistent;
}
