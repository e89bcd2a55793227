import { MappingError } from "../../errors/index.ts";
import type { Mapper } from "./mapper.ts";

/**
 * Makes one object of the class as loading will, and throws it away, so that a class that cannot be loaded is found when
 * it is configured.
 *
 * @throws MappingError if the constructor fails without arguments, or the class hides a mapped attribute
 */
export function tryConstruction(mapper: Mapper): void {
  const { name, mappedClass, prototype } = mapper;
  for (const { name: attribute } of mapper.properties) {
    if (mappedClass.prototype === prototype || !Object.hasOwn(mappedClass.prototype, attribute)) continue;
    throw new MappingError(
      `The class ${name} defines "${attribute}" in its body, which hides the mapped attribute. Give one of them another name.`,
    );
  }
  const trial = construct(mapper);
  if (!(trial instanceof mappedClass)) {
    throw new MappingError(`mapperArgs.construct of ${name} returned something else than an object of ${name}.`);
  }
  for (const { name: attribute } of mapper.properties) {
    if (!Object.hasOwn(trial, attribute)) continue;
    throw new MappingError(
      `The class ${name} has a field "${attribute}", which hides the mapped attribute. Remove the field, or write ` +
        `"declare ${attribute}" if it is there for its type.`,
    );
  }
}

function construct(mapper: Mapper): object {
  try {
    return mapper.construct();
  } catch (error) {
    if (error instanceof MappingError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new MappingError(
      `Objects of ${mapper.name} cannot be loaded: its constructor throws when it is called without arguments (${message}). Give its ` +
        "parameters defaults, or say how an object is made: get mapperArgs() { return { construct: () => new " +
        `${mapper.name}(...) }; }`,
      { cause: error },
    );
  }
}
