import { beforeEach, describe, expect, it } from "vitest";
import {
  committedValue,
  entityOf,
  isModified,
  resetChanges,
  revertChanges,
  takeBackChanges,
  takeBackValues,
} from "../../../src/orm/instance/index.ts";
import { expectSame, FakeSession, property } from "./fake-session.ts";
import { Album, Child, Parent, Song } from "./models.ts";

let session: FakeSession;
let p: Parent;
let q: Parent;
let a: Child;
let b: Child;
let c: Child;

beforeEach(() => {
  session = new FakeSession();
  [a, b, c] = [new Child({ id: 1 }), new Child({ id: 2 }), new Child({ id: 3 })];
  p = new Parent({ id: 1, name: "p", children: [a, b] });
  q = new Parent({ id: 2, name: "q", children: [c] });
  session.store<object>(p, q, a, b, c);
});

function expectStart(): void {
  expectSame(p.children, [a, b]);
  expectSame(q.children, [c]);
  expect([a.parent, b.parent, c.parent]).toEqual([p, p, q]);
  expect([a.parentId, b.parentId, c.parentId]).toEqual([1, 1, 2]);
  expect([p.name, q.name]).toEqual(["p", "q"]);
  for (const object of [p, q, a, b, c]) expect(isModified(entityOf(object))).toBe(false);
}

describe("taking changes back", () => {
  it("restores values, collections with their order, and the other sides, in any order", () => {
    for (const order of [
      [p, q, a, b, c],
      [c, b, a, q, p],
      [a, p, c, q, b],
    ]) {
      p.name = null;
      p.children.reverse();
      q.children = [b, a];
      c.parentId = null;
      p.children[0] = c;
      for (const object of order) revertChanges(entityOf(object));
      expectStart();
    }
  });

  it("of one parent brings its children back from where they are", () => {
    q.children.push(a);
    b.parent = null;
    revertChanges(entityOf(p));
    expectStart();
  });

  it("of one child puts it where it was in the collection", () => {
    a.parent = q;
    revertChanges(entityOf(a));
    expectStart();
    a.parentId = 2;
    revertChanges(entityOf(a));
    expectStart();
    a.parentId = 99;
    revertChanges(entityOf(a));
    expectStart();
  });

  it("releases new objects that joined", () => {
    const fresh = new Child({ name: "fresh" });
    p.children = [fresh];
    revertChanges(entityOf(p));
    expectStart();
    expect(fresh.parent).toBeNull();
    expect(fresh.parentId).toBeNull();
    expect(fresh.name).toBe("fresh");
  });

  it("finds what was written to an index before", () => {
    p.children[0] = c;
    revertChanges(entityOf(p));
    expectStart();
  });

  it("does nothing to new objects", () => {
    const fresh = new Parent({ name: "x", children: [new Child()] });
    revertChanges(entityOf(fresh));
    expect(fresh.name).toBe("x");
    expect(fresh.children).toHaveLength(1);
  });

  it("works where the many-to-one side is not mapped", () => {
    const [first, second] = [new Album({ id: 1 }), new Album({ id: 2 })];
    const songs = [new Song({ id: 1 }), new Song({ id: 2 })];
    first.songs = songs;
    session.store<object>(first, second, ...songs);
    second.songs = first.songs;
    revertChanges(entityOf(second));
    expectSame(first.songs, songs);
    expectSame(second.songs, []);
    expect(songs.map((song) => song.albumId)).toEqual([1, 1]);
    for (const object of [first, second, ...songs]) expect(isModified(entityOf(object))).toBe(false);
  });
});

describe("resetting", () => {
  it("makes what is now the committed state", () => {
    q.children.push(a);
    p.name = "new";
    for (const object of [p, q, a, b, c]) resetChanges(entityOf(object));
    p.children.push(a);
    p.name = "newer";
    for (const object of [a, p, q]) revertChanges(entityOf(object));
    expectSame(q.children, [c, a]);
    expectSame(p.children, [b]);
    expect(p.name).toBe("new");
    expect(a.parentId).toBe(2);
  });
});

describe("restoring what was committed before a flush", () => {
  it("takes back what was flushed and what came after it", () => {
    p.name = "flushed";
    q.children = [a, c];
    const before = new Map<Parent | Child, unknown[]>();
    for (const object of [p, q, a, b, c]) {
      const names = ["name", ...(object instanceof Parent ? ["children"] : ["parent", "parentId"])];
      const values = names
        .map((name) => property(object, name))
        .flatMap((each) => [each, committedValue(entityOf(object), each)]);
      before.set(object, values);
    }
    for (const object of before.keys()) resetChanges(entityOf(object));
    p.name = "later";
    p.children = [c];
    for (const object of before.keys()) takeBackChanges(entityOf(object));
    for (const [object, values] of before) takeBackValues(entityOf(object), values);
    expectStart();
  });
});
