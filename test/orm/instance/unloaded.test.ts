import { inspect } from "node:util";
import { beforeEach, describe, expect, it } from "vitest";
import { ArgumentError, NotLoadedError } from "../../../src/errors/index.ts";
import {
  collectionChanges,
  entityOf,
  isModified,
  loadCollection,
  resetChanges,
  revertChanges,
} from "../../../src/orm/instance/index.ts";
import { expectSame, FakeSession, relationship } from "./fake-session.ts";
import { Child, Parent } from "./models.ts";

let session: FakeSession;
let parent: Parent;
let a: Child;
let b: Child;

beforeEach(() => {
  session = new FakeSession();
  parent = session.load(new Parent({ id: 1 }));
  a = session.load(new Child({ id: 1, parentId: 1 }));
  b = session.load(new Child({ id: 2, parentId: 1 }));
});

const changes = () => collectionChanges(entityOf(parent), relationship(parent, "children"));
const load = (...members: Child[]) =>
  loadCollection(entityOf(parent), relationship(parent, "children"), members.map(entityOf));

describe("a collection that is not loaded", () => {
  it("takes additions, which link both sides", () => {
    const fresh = new Child();
    expect(parent.children.push(fresh, new Child())).toBe(2);
    expect(fresh.parent).toBe(parent);
    expect(fresh.parentId).toBe(1);
    expect(changes()).toMatchObject({ loaded: false, added: [fresh, expect.any(Child)], removed: [] });
    expect(isModified(entityOf(parent))).toBe(true);
  });

  it("takes removals of what its row says is a member", () => {
    (parent.children as unknown as Set<Child> & { remove(c: Child): boolean }).remove(a);
    expect(a.parent).toBeNull();
    expect(a.parentId).toBeNull();
    expect(changes().removed).toEqual([a]);
    const children = parent.children as unknown as { add(c: Child): unknown; remove(c: Child): boolean };
    expect(children.remove(new Child())).toBe(false);
    children.add(a);
    expect(changes()).toMatchObject({ added: [], removed: [] });
    expect(isModified(entityOf(parent))).toBe(false);
    expect(isModified(entityOf(a))).toBe(false);
  });

  it("does not count an addition that is a member already", () => {
    parent.children.push(a);
    expect(isModified(entityOf(parent))).toBe(false);
    expect(isModified(entityOf(a))).toBe(false);
  });

  it("hears of members that come and go by their own side", () => {
    const fresh = new Child({ parent });
    a.parent = null;
    b.parentId = null;
    expect(changes()).toMatchObject({ added: [fresh], removed: [a, b] });
    fresh.parent = null;
    a.parent = parent;
    expect(changes()).toMatchObject({ added: [], removed: [b] });
  });

  it("refuses to be read or changed in other ways, and says how to load it", () => {
    const uses: (() => unknown)[] = [
      () => parent.children.length,
      () => parent.children[0],
      () => [...parent.children],
      () => parent.children.map(String),
      () => JSON.stringify(parent.children),
      () => "0" in parent.children,
      () => Object.keys(parent.children),
      () => parent.children.splice(0, 1),
      () => {
        parent.children[0] = a;
      },
      () => {
        parent.children.length = 0;
      },
      () => {
        parent.children = [];
      },
    ];
    for (const use of uses) {
      expect(use).toThrow(NotLoadedError);
      expect(use).toThrow(
        /Parent#1: "children" is not loaded.*selectinLoad\(Parent\.c\.children\).*lazy\(parent\)\.children/,
      );
    }
  });

  it("turns awaiting it by mistake into an error", async () => {
    await expect(async () => await parent.children).rejects.toThrow(NotLoadedError);
  });

  it("refuses what cannot be a member", () => {
    for (const wrong of [null, undefined, parent]) {
      expect(() => parent.children.push(new Child(), wrong as unknown as Child)).toThrow(ArgumentError);
    }
    expect(isModified(entityOf(parent))).toBe(false);
  });

  it("is an array to those who ask, can be shown and can be assigned to itself", () => {
    expect(Array.isArray(parent.children)).toBe(true);
    expect(inspect(parent.children)).toBe("[not loaded]");
    const own = parent.children;
    parent.children = own;
    expect(isModified(entityOf(parent))).toBe(false);
  });

  it("leads to the members once they are loaded", () => {
    const kept = parent.children;
    load(a, b);
    expect(kept.length).toBe(2);
    expect([...kept]).toEqual([a, b]);
    const fresh = new Child();
    kept.push(fresh);
    kept[0] = fresh;
    expect(Object.keys(kept)).toEqual(["0", "1", "2"]);
    expect(changes()).toMatchObject({ added: [fresh], removed: [a] });
  });
});

describe("loading a collection", () => {
  it("fills the other side without making anything modified", () => {
    load(a, b);
    expect(a.parent).toBe(parent);
    expectSame(parent.children, [a, b]);
    for (const object of [parent, a, b]) expect(entityOf(object).$changes).toBeNull();
  });

  it("applies what waited for it", () => {
    const fresh = new Child();
    parent.children.push(fresh);
    a.parent = null;
    load(a, b);
    expectSame(parent.children, [b, fresh]);
    expect(changes()).toMatchObject({ loaded: true, added: [fresh], removed: [a], unchanged: [b] });
    revertChanges(entityOf(parent));
    expectSame(parent.children, [a, b]);
    expect(a.parent).toBe(parent);
    expect(fresh.parent).toBeNull();
  });

  it("leaves out members that were moved away before their owner was known", () => {
    const other = session.load(new Parent({ id: 2 }));
    session.identityMap.delete(entityOf(parent), 1);
    a.parent = other;
    b.parentId = 77;
    load(a, b);
    expectSame(parent.children, []);
    expect(changes().removed).toEqual([a, b]);
  });

  it("does not add an addition twice that is stored by now", () => {
    const fresh = new Child({ id: 9 });
    parent.children.push(fresh);
    load(a, b, fresh);
    expectSame(parent.children, [a, b, fresh]);
    expect(isModified(entityOf(parent))).toBe(false);
  });

  it("again replaces the members", () => {
    load(a);
    load(a, b);
    expectSame(parent.children, [a, b]);
    expect(isModified(entityOf(parent))).toBe(false);
  });
});

describe("what waits for a collection", () => {
  it("is forgotten by a flush", () => {
    parent.children.push(new Child());
    resetChanges(entityOf(parent));
    expect(changes()).toMatchObject({ loaded: false, added: [], removed: [] });
  });

  it("is taken back on both sides", () => {
    const fresh = new Child();
    parent.children.push(fresh);
    a.parent = null;
    revertChanges(entityOf(parent));
    expect(changes()).toMatchObject({ loaded: false, added: [], removed: [] });
    expect(fresh.parent).toBeNull();
    expect(a.parentId).toBe(1);
    expect(isModified(entityOf(a))).toBe(false);
  });
});
