import { MappingError } from "../../errors/index.ts";
import { suggestion } from "../../expression/near-match.ts";
import { type AttributeOwner, ColumnAttribute } from "./column-attribute.ts";
import type { Declaration } from "./declaration.ts";
import { RelationDefinition } from "./relation-definition.ts";

/** Makes the attribute for a relationship; those for columns are the same everywhere. */
export type RelationAttributeFactory = (key: string) => object;

/**
 * Makes the `c` of a class or of an alias: an object that makes each attribute when it is first asked for, and says what
 * there is when it is asked for another one.
 *
 * The attribute of a getter that is being evaluated (two columns whose foreign keys refer to each other) is taken for a
 * column, and finds out which one when it is used.
 */
export function makeAttributes(
  declaration: Declaration,
  owner: AttributeOwner,
  relationAttribute: RelationAttributeFactory,
): object {
  const made = new Map<string, object>();
  const attribute = (key: string): object => {
    const known = made.get(key);
    if (known !== undefined) return known;
    if (declaration.isEvaluating(key)) return new ColumnAttribute(owner, key);
    const isRelation = declaration.definition(key) instanceof RelationDefinition;
    const created = isRelation ? relationAttribute(key) : new ColumnAttribute(owner, key);
    made.set(key, created);
    return created;
  };
  const attributes: object = Object.create(unknownAttributes(owner, declaration.keys));
  for (const key of declaration.keys) {
    Object.defineProperty(attributes, key, { get: () => attribute(key), enumerable: true });
  }
  return attributes;
}

/** Names that tools ask every object for. */
const ASKED_BY_TOOLS = new Set(["then", "toJSON", "asymmetricMatch", "nodeType", "tagName", "inspect", "href"]);

/** The prototype of `c`: reached only by names that are no attributes. */
function unknownAttributes(owner: AttributeOwner, keys: readonly string[]): object {
  return new Proxy(Object.prototype, {
    get(target, name, receiver) {
      if (typeof name === "symbol" || name in target || ASKED_BY_TOOLS.has(name)) {
        return Reflect.get(target, name, receiver);
      }
      throw new MappingError(`${owner.label} has no attribute "${name}".${suggestion(name, keys)}`);
    },
  });
}
