import { ArgumentError } from "../../errors/index.ts";
import { type ColumnProperty, type InstanceRuntime, type Mapper, type Property, suggestion } from "../mapping/index.ts";
import { checkAssignable } from "./assignable.ts";
import type { Entity } from "./entity.ts";
import { layOut } from "./layout.ts";
import { holdsObjects, watchValue } from "./mutable-values.ts";
import { writeRaw } from "./raw.ts";
import { getterOf, type Slotted } from "./slots.ts";
import { inspectEntity, toJSON } from "./to-json.ts";
import {
  readCollection,
  setCollection,
  setColumn,
  setReference,
  setValue,
  unsetColumn,
  unsetReference,
} from "./values.ts";

/** What the mapping calls to make objects work. */
export const instanceRuntime: InstanceRuntime = {
  install(mapper) {
    const { prototype } = mapper;
    for (const property of mapper.properties) {
      if (property.mapper === mapper) Object.defineProperty(prototype, property.name, accessor(property));
    }
    defineMethod(prototype, "toJSON", toJSON);
    defineMethod(prototype, Symbol.for("nodejs.util.inspect.custom"), inspectEntity);
  },

  initialise(instance, mapper, init) {
    const entity = instance as Slotted; // laid out here
    layOut(entity, mapper.properties.length);
    if (init !== undefined) assign(entity, mapper, init);
  },
};

function accessor(property: Property): PropertyDescriptor {
  const shared = { enumerable: true, configurable: true };
  if (property.kind === "column") {
    const get = getterOf(property.slot, (entity) => unsetColumn(entity, property));
    return {
      ...shared,
      get: holdsObjects(property) ? watching(property, get) : get,
      set(this: Entity, value: unknown) {
        if (property.restricted) checkAssignable(this, property, value);
        setColumn(this, property, value);
      },
    };
  }
  if (property.many) {
    return {
      ...shared,
      get(this: Entity) {
        return readCollection(this, property);
      },
      set(this: Entity, value: unknown) {
        setCollection(this, property, value);
      },
    };
  }
  return {
    ...shared,
    get: getterOf(property.slot, (entity) => unsetReference(entity, property)),
    set(this: Entity, value: unknown) {
      setReference(this, property, value);
    },
  };
}

function watching(property: ColumnProperty, get: (this: Slotted) => unknown) {
  return function (this: Slotted): unknown {
    const value = get.call(this);
    if (typeof value === "object" && value !== null) watchValue(this, property, value);
    return value;
  };
}

function defineMethod(prototype: object, name: PropertyKey, method: Function): void {
  Object.defineProperty(prototype, name, { value: method, writable: true, configurable: true });
}

/** What the constructor was given. Columns come first: where both are given, a relationship knows better. */
function assign(entity: Entity, mapper: Mapper, init: object): void {
  if (typeof init !== "object" || init === null) {
    throw new ArgumentError(`new ${mapper.name}(…) takes an object with values of attributes.`);
  }
  const values = init as Readonly<Record<string, unknown>>; // an object, as was just seen
  let relationships: [Property, unknown][] | null = null;
  for (const name in values) {
    if (!Object.hasOwn(values, name)) continue;
    const value = values[name];
    const property = mapper.findProperty(name);
    if (property === null) {
      const known = mapper.properties.map((other) => other.name);
      throw new ArgumentError(`${mapper.name} has no attribute "${name}".${suggestion(name, known)}`);
    }
    if (value === undefined) continue; // as if it were not given
    if (property.kind === "column" && property.restricted) checkAssignable(entity, property, value);
    if (property.kind === "relationship") {
      relationships ??= [];
      relationships.push([property, value]);
    } else if (property.references.length === 0)
      writeRaw(entity, property, value); // nothing can have changed before
    else setColumn(entity, property, value);
  }
  if (relationships === null) return;
  for (const [property, value] of relationships) setValue(entity, property, value);
}
