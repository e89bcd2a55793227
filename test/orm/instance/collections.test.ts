import { beforeEach, describe, expect, it } from "vitest";
import { ArgumentError, InvalidStateError } from "../../../src/errors/index.ts";
import {
  collectionChanges,
  entityOf,
  isModified,
  RelationArray,
  revertChanges,
} from "../../../src/orm/instance/index.ts";
import { expectSame, FakeSession, relationship } from "./fake-session.ts";
import { Child, Parent } from "./models.ts";

let session: FakeSession;
let parent: Parent;
let a: Child;
let b: Child;
let c: Child;
let d: Child;

beforeEach(() => {
  session = new FakeSession();
  a = new Child({ id: 1, name: "a" });
  b = new Child({ id: 2, name: "b" });
  c = new Child({ id: 3, name: "c" });
  d = new Child({ id: 4, name: "d" });
  parent = new Parent({ id: 1, children: [a, b, c] });
  session.store<object>(parent, a, b, c, d);
});

/** Members, parents and changes after something happened to `parent.children`, which was [a, b, c]. */
function expectChildren(...members: Child[]): void {
  const changes = collectionChanges(entityOf(parent), relationship(parent, "children"));
  expectSame(parent.children, members);
  for (const child of [a, b, c, d]) {
    expect(child.parent, child.name ?? "").toBe(members.includes(child) ? parent : null);
    expect(child.parentId).toBe(members.includes(child) ? 1 : null);
  }
  const were = [a, b, c];
  expect(changes.added).toEqual([...new Set(members)].filter((child) => !were.includes(child)));
  expect(changes.removed).toEqual(were.filter((child) => !members.includes(child)));
  expect(changes.unchanged).toEqual([...new Set(members)].filter((child) => were.includes(child)));
}

describe("a loaded collection", () => {
  it("is an array whose derived arrays are plain", () => {
    expect(Array.isArray(parent.children)).toBe(true);
    expect(parent.children).toBeInstanceOf(RelationArray);
    for (const derived of [parent.children.slice(), parent.children.map((x) => x), parent.children.concat([d])]) {
      expect(derived).not.toBeInstanceOf(RelationArray);
    }
    parent.children.filter(() => false).push(d);
    expectChildren(a, b, c);
  });

  it("tracks push with any number of members", () => {
    expect(parent.children.push(d)).toBe(4);
    expect(parent.children.push()).toBe(4);
    expectChildren(a, b, c, d);
  });

  it("tracks pop", () => {
    expect(parent.children.pop()).toBe(c);
    expectChildren(a, b);
    parent.children.pop();
    parent.children.pop();
    expect(parent.children.pop()).toBeUndefined();
    expectChildren();
  });

  it("tracks shift", () => {
    expect(parent.children.shift()).toBe(a);
    expectChildren(b, c);
  });

  it("tracks unshift", () => {
    expect(parent.children.unshift(d)).toBe(4);
    expectChildren(d, a, b, c);
  });

  it("tracks splice in all its forms", () => {
    expect(parent.children.splice(1, 1, d)).toEqual([b]);
    expectChildren(a, d, c);
    expect(parent.children.splice(1, 0, b)).toEqual([]);
    expectChildren(a, b, d, c);
    expect(parent.children.splice(-1, 1)).toEqual([c]);
    expectChildren(a, b, d);
    expect(parent.children.splice(1)).toEqual([b, d]);
    expectChildren(a);
    // @ts-expect-error: without arguments it does nothing
    expect(parent.children.splice()).toEqual([]);
    expectChildren(a);
  });

  it("tracks sort and reverse, which change no member", () => {
    expect(parent.children.reverse()).toBe(parent.children);
    expectChildren(c, b, a);
    parent.children.sort((x, y) => x.id - y.id);
    expectChildren(a, b, c);
    parent.children.sort((x, y) => y.id - x.id);
    expect(isModified(entityOf(parent))).toBe(false);
  });

  it("tracks fill", () => {
    parent.children.fill(d, 1, 2);
    expectChildren(a, d, c);
    parent.children.fill(d);
    expectChildren(d, d, d);
  });

  it("tracks copyWithin", () => {
    parent.children.copyWithin(0, 2);
    expectChildren(c, b, c);
  });

  it("tracks length", () => {
    parent.children.length = 1;
    expectChildren(a);
    parent.children.length = 0;
    expectChildren();
  });

  it("tracks index assignment", () => {
    parent.children[0] = d;
    expectChildren(d, b, c);
    parent.children[3] = a;
    expectChildren(d, b, c, a);
  });

  it("tracks an exchange in place", () => {
    [parent.children[0], parent.children[2]] = [c, a];
    expectChildren(c, b, a);
  });

  it("closes the gap after delete, after an index beyond the end and after a greater length", () => {
    delete parent.children[1];
    expectChildren(a, c);
    parent.children[7] = d;
    expectChildren(a, c, d);
    parent.children.length = 20;
    expectChildren(a, c, d);
  });

  it("tracks add and remove", () => {
    const children = parent.children as RelationArray<never> as unknown as {
      add(c: Child): unknown;
      remove(c: Child): boolean;
    };
    children.add(d);
    expect(children.remove(a)).toBe(true);
    expect(children.remove(a)).toBe(false);
    expectChildren(b, c, d);
  });

  it("finds index assignments that were followed by methods", () => {
    parent.children[0] = d;
    parent.children.push(a);
    expectChildren(d, b, c, a);
    parent.children.length = 2;
    expect(parent.children.pop()).toBe(b);
    expectChildren(d);
    parent.children[0] = a;
    parent.children.shift();
    expectChildren();
  });

  it("keeps a member twice in mind that is taken out once by an index and once by a method", () => {
    parent.children.push(a);
    parent.children[0] = b;
    expect(parent.children.pop()).toBe(a);
    parent.children = [a];
    expectChildren(a);
  });

  it("is replaced by assignment; the old array is a plain list then", () => {
    const old = parent.children;
    parent.children = [d, a];
    expectChildren(d, a);
    expect([...old]).toEqual([a, b, c]);
    old.push(d);
    old.length = 1;
    old[0] = b;
    expectChildren(d, a);
  });

  it("is the same after it was assigned to itself", () => {
    const old = parent.children;
    old[0] = d;
    parent.children = old;
    expect(parent.children).toBe(old);
    expectChildren(d, b, c);
    parent.children = parent.children.filter((child) => child !== b);
    expectChildren(d, c);
  });

  it("holds an object twice until the flush", () => {
    parent.children.push(d, d);
    expectChildren(a, b, c, d, d);
    parent.children = [a, a, b];
    expectChildren(a, a, b);
  });

  it("refuses what was written to an index and is no member, naming attribute and class", () => {
    for (const wrong of [null, undefined, new Parent()]) {
      parent.children[1] = wrong as unknown as Child;
      expect(() => isModified(entityOf(parent))).toThrow(ArgumentError);
      expect(() => parent.children.reverse()).toThrow(/Parent#1: "children"/);
      parent.children[1] = b;
    }
    expect(() => parent.children.fill(null as unknown as Child)).toThrow(ArgumentError);
    expect(() => parent.children.unshift(undefined as unknown as Child)).toThrow(ArgumentError);
    parent.children.sort((x, y) => x.id - y.id);
    expectChildren(a, b, c);
  });

  it("takes arrays only", () => {
    for (const wrong of [null, new Set([a]), a, "x"]) {
      expect(() => {
        parent.children = wrong as unknown as Child[];
      }).toThrow(ArgumentError);
    }
    expect(() => {
      parent.children = null as unknown as Child[];
    }).toThrow(/Assign \[\] to empty it/);
    expect(() => {
      parent.children = new Array<Child>(2);
    }).toThrow(ArgumentError);
  });

  it("tells the session that the program has it", () => {
    void parent.children;
    expect([...session.collectionsRead]).toEqual([parent.children]);
  });

  it("is not modified by what was taken back", () => {
    parent.children.push(d);
    parent.children.pop();
    d.parent = parent;
    d.parent = null;
    parent.children[0] = d;
    parent.children[0] = a;
    expect(isModified(entityOf(parent))).toBe(false);
    expect(isModified(entityOf(d))).toBe(false);
    expectChildren(a, b, c);
  });
});

describe("a collection of a new object", () => {
  it("exists when it is read for the first time", () => {
    const fresh = new Parent();
    expectSame(fresh.children, []);
    expect(fresh.children).toBe(fresh.children);
    fresh.children[0] = a;
    expect(fresh.children.reverse()).toEqual([a]);
    expect(a.parent).toBe(fresh);
    expectSame(parent.children, [b, c]);
  });
});

describe("what is written to an index and is no member", () => {
  it("does not stand in the way of a new assignment, nor of going back", () => {
    parent.children[0] = null as unknown as Child;
    parent.children = [d];
    expectChildren(d);
    parent.children[0] = null as unknown as Child;
    revertChanges(entityOf(parent));
    expectChildren(a, b, c);
  });
});

describe("an object of another session", () => {
  it("is refused before anything changes", () => {
    const [foreign] = new FakeSession().store(new Child({ id: 9 })) as [Child];
    const uses: (() => unknown)[] = [
      () => parent.children.push(d, foreign),
      () => {
        parent.children = [foreign];
      },
      () => {
        foreign.parent = parent;
      },
    ];
    for (const use of uses) expect(use).toThrow(InvalidStateError);
    expectChildren(a, b, c);
    expect(foreign.parent).toBeNull();
  });
});
