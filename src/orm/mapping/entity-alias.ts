import { ENTITY, type EntityDescription, type EntitySource } from "../../statement/interfaces.ts";
import { makeAttributes } from "./attributes.ts";
import { AliasReference } from "./entity-reference.ts";
import type { Mapper } from "./mapper.ts";
import { RelationshipAttribute } from "./relationship-attribute.ts";

/** A mapped class once more in the same statement: `const boss = alias(Employee)`, `boss.c.name`. */
export class MappedAlias implements EntitySource {
  /** The attributes as SQL expressions on the alias. */
  readonly c: object;
  readonly #reference: AliasReference;

  constructor(mapper: Mapper, name: string | null) {
    const reference = new AliasReference(mapper, name);
    this.#reference = reference;
    this.c = makeAttributes(mapper.declaration, reference, (key) => new RelationshipAttribute(() => reference, key));
  }

  [ENTITY](): EntityDescription {
    return this.#reference.describe();
  }
}
