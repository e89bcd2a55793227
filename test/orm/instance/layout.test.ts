import { describe, expect, it } from "vitest";
import { entityOf, isModified, readRaw, revertChanges } from "../../../src/orm/instance/index.ts";
import { manyToOne, mapperOf, oneToMany } from "../../../src/orm/mapping/index.ts";
import { type ColumnDefinition, integer, varchar } from "../../../src/schema/index.ts";
import { FakeSession } from "./fake-session.ts";
import { Base } from "./models.ts";

const wideShape: { [name: string]: ColumnDefinition<number | null, boolean, boolean> } = { id: integer().primaryKey() };
for (let i = 1; i < 100; i++) wideShape[`c${i}`] = integer();

class Wide extends Base("wide", wideShape) {}

class Animal extends Base("animal", {
  id: integer().primaryKey(),
  name: varchar(20),
  get ownerId() {
    return integer().references(Owner.c.id);
  },
  get owner() {
    return manyToOne(Owner, { backPopulates: "animals" });
  },
}) {}
class Dog extends Base.inherit(Animal, "dog", {
  get id() {
    return integer().primaryKey().references(Animal.c.id);
  },
  tricks: integer(),
}) {
  #secret = 42;
  get secret() {
    return this.#secret;
  }
}
class Owner extends Base("owner", {
  id: integer().primaryKey(),
  get animals() {
    return oneToMany(Animal, { backPopulates: "owner" });
  },
}) {}

describe("an object with more attributes than there are slots with a name", () => {
  it("works like any other", () => {
    const wide = new Wide({ id: 1, c5: 5, c99: 99 });
    expect([wide.c5, wide.c98, wide.c99]).toEqual([5, null, 99]);
    new FakeSession().store(wide);
    wide.c99 = 100;
    wide.c64 = 64;
    expect(isModified(entityOf(wide))).toBe(true);
    revertChanges(entityOf(wide));
    expect([wide.c64, wide.c99]).toEqual([null, 99]);
    expect(readRaw(entityOf(wide), mapperOf(Wide).property("c99"))).toBe(99);
  });
});

describe("an object of a class that extends a mapped class", () => {
  it("has the attributes and the relationships of both", () => {
    const owner = new Owner({ id: 1 });
    const dog = new Dog({ id: 2, name: "rex", tricks: 3, owner });
    expect([dog.id, dog.name, dog.tricks, dog.ownerId, dog.secret]).toEqual([2, "rex", 3, 1, 42]);
    expect(owner.animals[0]).toBe(dog);
    new FakeSession().store<object>(owner, dog);
    owner.animals = [];
    dog.name = "max";
    dog.id = 5;
    expect(dog.owner).toBeNull();
    revertChanges(entityOf(dog));
    expect([dog.id, dog.name, dog.ownerId]).toEqual([2, "rex", 1]);
    expect(owner.animals[0]).toBe(dog);
  });

  it("keeps its class when it is an object to load into", () => {
    const dog = mapperOf(Dog).construct() as Dog;
    expect(dog).toBeInstanceOf(Dog);
    expect(dog.secret).toBe(42);
  });

  it("is refused where another class of the family is meant", () => {
    class Kennel extends Base("kennel", {
      id: integer().primaryKey(),
      get dogId() {
        return integer().references(Dog.c.id);
      },
      get dog() {
        return manyToOne(Dog);
      },
    }) {}
    expect(() => new Kennel({ dog: new Animal({ id: 1 }) as Dog })).toThrow(
      /"dog" holds objects of class Dog, and Animal#1 is none/,
    );
  });
});
