import type { Mapper } from "./mapper.ts";

/**
 * What makes objects of mapped classes work: slots, accessors, history. It lies above the mapping, which calls it
 * through this interface.
 */
export interface InstanceRuntime {
  /** Puts the accessors of the mapper's own attributes on its prototype. Called once, before any object is made. */
  install(mapper: Mapper): void;
  /**
   * Called by the constructor of every object, before the class's own initialisers.
   * @param init what the constructor was given; undefined as well for objects that are about to be loaded
   */
  initialise(instance: object, mapper: Mapper, init: object | undefined): void;
}

let current: InstanceRuntime | null = null;

/** Called once by the layer above. */
export function setInstanceRuntime(runtime: InstanceRuntime): void {
  current = runtime;
}

/** @throws Error if the layer above was not imported, which the package's entry point does */
export function instanceRuntime(): InstanceRuntime {
  if (current === null)
    throw new Error("The instance layer of the ORM is not installed: import it from the package's entry point.");
  return current;
}
