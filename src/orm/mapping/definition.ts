import { MappingError } from "../../errors/index.ts";
import { ColumnDefinition } from "../../schema/index.ts";
import { RelationDefinition } from "./relation-definition.ts";

/** What an attribute of a shape can be. */
export type Definition = ColumnDefinition<unknown, boolean, boolean> | RelationDefinition;

/** Names that every object has already, or that the ORM needs for itself. */
const TAKEN = new Set(["constructor", "toJSON", "then", ...Object.getOwnPropertyNames(Object.prototype)]);

/** @throws MappingError for a name that an attribute cannot have */
export function checkAttributeName(name: string, label: string): void {
  if (name.startsWith("$")) {
    throw new MappingError(`${label} cannot have an attribute "${name}": names that begin with $ are the ORM's own.`);
  }
  if (TAKEN.has(name)) {
    throw new MappingError(
      `${label} cannot have an attribute "${name}": every object has that already. ` +
        `Give the property another name and the column this one, e.g. ${name}Value: varchar(50, "${name}").`,
    );
  }
}

/**
 * Evaluates one member of a shape.
 *
 * @param label the attribute, for messages
 * @throws MappingError when a getter fails, which mostly means that it mentions a class that does not exist yet, or when
 * it gives something else than a column or a relationship
 */
export function evaluateMember(shape: object, name: string, label: string): Definition {
  const value = evaluateGetter(shape, name, label);
  if (value instanceof RelationDefinition) {
    if (typeof value.target === "function") return value;
    throw new MappingError(
      `The target of ${label} is ${describe(value.target)}, not a class. Modules that import each other in a circle ` +
        "see each other's classes only when all of them are loaded: import them all before the first use of one.",
    );
  }
  if (value instanceof ColumnDefinition) return value;
  if (typeof value === "function") {
    throw new MappingError(
      `${label} is a function, not a column: call it, e.g. ${name}: integer(). Methods belong in the class body.`,
    );
  }
  throw new MappingError(
    `${label} is ${describe(value)}, neither a column nor a relationship. Write e.g. ${name}: varchar(50), ` +
      `or get ${name}() { return manyToOne(Other); }; other fields belong in the class body.`,
  );
}

/** Evaluates any getter of a shape, `tableArgs` and `mapperArgs` included. */
export function evaluateGetter(shape: object, name: string, label: string): unknown {
  try {
    return Reflect.get(shape, name);
  } catch (error) {
    if (error instanceof MappingError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    const advice =
      error instanceof ReferenceError
        ? " The class is needed before it is declared: use mapped classes only after all that they refer to are declared."
        : "";
    throw new MappingError(`The getter of ${label} failed: ${message}.${advice}`, { cause: error });
  }
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value === "object") return `an object of class ${value.constructor?.name ?? "Object"}`;
  return `a ${typeof value}`;
}
