import { describe, expect, it } from "vitest";
import { AlkahestError, ArgumentError, DetachedInstanceError, NotLoadedError } from "../../../src/errors/index.ts";
import {
  describe as describeEntity,
  entityOf,
  expireAttributes,
  isEntity,
  isModified,
  Status,
} from "../../../src/orm/instance/index.ts";
import { FakeSession } from "./fake-session.ts";
import { Album, Child, Member, Parent } from "./models.ts";

describe("an attribute of a new object", () => {
  it("is null, or an empty collection, until it is set", () => {
    const parent = new Parent();
    expect(parent.name).toBeNull();
    expect(parent.children).toEqual([]);
    expect(new Child().parent).toBeNull();
  });

  it("can be set without leaving a log", () => {
    const parent = new Parent({ name: "a" });
    parent.name = "b";
    new Child({ parent }).parent = null;
    expect(parent.name).toBe("b");
    expect(entityOf(parent).$changes).toBeNull();
    expect(entityOf(parent).$extra).toBeNull();
  });

  it("is taken from what the constructor is given; undefined is as if it were not given", () => {
    const child = new Child({ id: 1, name: undefined as unknown as string });
    expect([child.id, child.name]).toEqual([1, null]);
  });

  it("must exist, and the error names the one that was probably meant", () => {
    const init = { nam: "x" } as object;
    expect(() => new Parent(init)).toThrow('Parent has no attribute "nam". Did you mean "name"?');
    expect(() => new Parent(init)).toThrow(ArgumentError);
    expect(() => new Parent("x" as unknown as object)).toThrow(ArgumentError);
  });

  it("cannot be undefined", () => {
    const parent = new Parent();
    expect(() => {
      parent.name = undefined as unknown as null;
    }).toThrow('Parent (new): "name" cannot be undefined: assign null to empty it.');
  });
});

describe("an object", () => {
  it("has one hidden class for all objects of its class, however they came about", () => {
    const names = (object: object) => Object.keys(object);
    expect(names(new Parent({ name: "x", children: [] }))).toEqual(names(new Parent()));
  });

  it("shows its attributes to for … in, and keeps none of its own under their names", () => {
    const shown: string[] = [];
    for (const name in new Parent()) shown.push(name);
    expect(shown).toEqual(expect.arrayContaining(["id", "name", "children"]));
    expect(Object.hasOwn(new Parent(), "name")).toBe(false);
  });

  it("is told from others", () => {
    expect(isEntity(new Parent())).toBe(true);
    for (const other of [{}, null, 5, [], Parent]) expect(isEntity(other)).toBe(false);
    expect(() => entityOf({})).toThrow("Expected an object of a mapped class, got a plain object.");
  });

  it("has a short description", () => {
    expect(describeEntity(entityOf(new Parent()))).toBe("Parent (new)");
    expect(describeEntity(entityOf(new Parent({ id: 5 })))).toBe("Parent#5");
    expect(describeEntity(entityOf(new Member({ tenantId: 1, number: 2 })))).toBe("Member#(1, 2)");
  });
});

describe("an attribute that is not loaded", () => {
  function failure(read: () => unknown): AlkahestError {
    try {
      read();
    } catch (error) {
      if (error instanceof AlkahestError) return error;
    }
    throw new Error("It did not fail as expected.");
  }

  it("throws, and the error names attribute, object and the ways to load it", () => {
    const session = new FakeSession();
    const child = session.load(new Child({ id: 5, parentId: 3 }));
    const error = failure(() => child.parent);
    expect(error).toBeInstanceOf(NotLoadedError);
    expect(error.message).toContain('Child#5: "parent" is not loaded');
    expect(error.message).toContain("options(selectinLoad(Child.c.parent))");
    expect(error.message).toContain("await lazy(child).parent");
    expireAttributes(entityOf(child), ["name"]);
    expect(failure(() => child.name).message).toContain("await session.refresh(child)");
    child.name = "set without loading";
    expect(child.name).toBe("set without loading");
  });

  it("of an object without session is a DetachedInstanceError for relationships", () => {
    const child = new FakeSession().load(new Child({ id: 5, parentId: 3 }));
    expireAttributes(entityOf(child), ["name"]);
    entityOf(child).$session = null;
    entityOf(child).$status = Status.detached;
    expect(failure(() => child.parent)).toBeInstanceOf(DetachedInstanceError);
    expect(failure(() => child.name)).toBeInstanceOf(NotLoadedError);
  });
});

describe("setting a column", () => {
  it("is a change only if the value is another one for the database", () => {
    const [album] = new FakeSession().store(new Album({ id: 1, released: new Date(5), plays: 3n, title: null })) as [
      Album,
    ];
    album.released = new Date(5);
    album.plays = 3n;
    album.title = null;
    expect(isModified(entityOf(album))).toBe(false);
    album.released = new Date(6);
    expect(isModified(entityOf(album))).toBe(true);
    album.released = new Date(5);
    expect(isModified(entityOf(album))).toBe(false);
    expect(entityOf(album).$changes).toBeNull();
  });
});

describe("expiring", () => {
  it("drops values and changes, and keeps the key", () => {
    const session = new FakeSession();
    const [parent] = session.store(new Parent({ id: 1, name: "a", children: [new Child({ id: 1 })] })) as [Parent];
    const list = parent.children;
    parent.name = "b";
    parent.id = 9;
    expireAttributes(entityOf(parent));
    expect(parent.id).toBe(1);
    expect(() => parent.name).toThrow(NotLoadedError);
    expect(() => parent.children.length).toThrow(NotLoadedError);
    list.push(new Child());
    expect(list).toHaveLength(2);
    expect(entityOf(parent).$changes).toBeNull();
  });

  it("is refused for objects without a row", () => {
    expect(() => expireAttributes(entityOf(new Parent()))).toThrow(ArgumentError);
  });
});
