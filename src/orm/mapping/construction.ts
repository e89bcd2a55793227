import type { MappedClass, Mapper } from "./mapper.ts";

/** The mapper whose object is about to be loaded, from the call of its constructor until the base class takes it. */
let loading: Mapper | null = null;

/**
 * Calls the constructor of a mapped class for an object that a row is loaded into: what the class itself gives to
 * `super(...)` is ignored, so that only the row decides what is loaded.
 */
export function constructForLoading(mapper: Mapper, construct: (() => object) | null): object {
  loading = mapper;
  try {
    // Configuring the class has made sure that its constructor works without arguments.
    return construct === null ? new (mapper.mappedClass as ConcreteClass)() : construct();
  } finally {
    loading = null;
  }
}

/**
 * Asked by the constructor of the base class: is this the object that is being loaded? Answers yes once, since the
 * class's own constructor may go on to make other objects of the same class.
 */
export function takeLoading(mapper: Mapper): boolean {
  if (loading !== mapper) return false;
  loading = null;
  return true;
}

type ConcreteClass = MappedClass & (new () => object);
