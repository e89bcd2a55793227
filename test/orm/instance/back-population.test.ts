import { beforeEach, describe, expect, it } from "vitest";
import { ArgumentError } from "../../../src/errors/index.ts";
import { expectSame, FakeSession } from "./fake-session.ts";
import { Album, Child, Employee, Parent, Player, Song, Team } from "./models.ts";

describe("a one-to-many and its many-to-one", () => {
  it("follow each other on new objects, from either side", () => {
    const parent = new Parent();
    const a = new Child({ parent });
    const b = new Child();
    parent.children.push(b);
    expectSame(parent.children, [a, b]);
    expect(b.parent).toBe(parent);
    b.parent = null;
    expectSame(parent.children, [a]);
    parent.children.pop();
    expect(a.parent).toBeNull();
  });

  it("are both filled by the constructor of either side", () => {
    const child = new Child({ name: "c" });
    const parent = new Parent({ children: [child] });
    expect(child.parent).toBe(parent);
    expect(new Child({ parent }).parent).toBe(parent);
    expect(parent.children).toHaveLength(2);
  });

  it("move a child to another parent by its attribute", () => {
    const [from, to] = [new Parent(), new Parent()];
    const [a, b] = [new Child({ parent: from }), new Child({ parent: from })];
    a.parent = to;
    expectSame(from.children, [b]);
    expectSame(to.children, [a]);
  });

  it("move a child to another parent by that parent's collection", () => {
    const [from, to] = [new Parent(), new Parent()];
    const [a, b] = [new Child({ parent: from }), new Child({ parent: from })];
    to.children.push(a);
    expect(a.parent).toBe(to);
    expectSame(from.children, [b]);
  });

  it("empty the collection that is assigned to another parent", () => {
    const [from, to] = [new Parent(), new Parent({ children: [new Child()] })];
    const replaced = to.children[0];
    const moved = [new Child({ parent: from }), new Child({ parent: from })];
    to.children = from.children;
    expectSame(to.children, moved);
    expectSame(from.children, []);
    expect(replaced?.parent).toBeNull();
    expect(moved.map((child) => child.parent)).toEqual([to, to]);
  });

  it("do nothing when the same parent is set again", () => {
    const parent = new Parent();
    const child = new Child({ parent });
    child.parent = parent;
    expectSame(parent.children, [child]);
  });

  it("keep the child while it is a member a second time", () => {
    const parent = new Parent();
    const child = new Child();
    parent.children.push(child, child);
    expect(parent.children).toHaveLength(2);
    parent.children.pop();
    expect(child.parent).toBe(parent);
    parent.children.pop();
    expect(child.parent).toBeNull();
  });

  it("remove every occurrence when the child leaves by its own side", () => {
    const parent = new Parent();
    const [child, other] = [new Child(), new Child()];
    parent.children.push(child, other, child);
    child.parent = null;
    expectSame(parent.children, [other]);
  });

  it("copy the foreign key at once if it is known", () => {
    const child = new Child();
    child.parent = new Parent({ id: 7 });
    expect(child.parentId).toBe(7);
    child.parent = new Parent();
    expect(child.parentId).toBeNull();
    new Parent({ id: 8, children: [child] });
    expect(child.parentId).toBe(8);
    child.parent = null;
    expect(child.parentId).toBeNull();
  });

  it("refuse objects of another class and nothing at all, and change nothing then", () => {
    const parent = new Parent();
    const child = new Child({ parent });
    const wrong: unknown[] = [new Album(), { id: 1 }, "x", null, undefined];
    for (const value of wrong) {
      expect(() => parent.children.push(new Child(), value as Child)).toThrow(ArgumentError);
      expect(() => parent.children.splice(0, 1, value as Child)).toThrow(/Parent.*"children".*class Child/);
      expect(() => {
        parent.children = [value as Child];
      }).toThrow(ArgumentError);
    }
    expect(() => {
      child.parent = new Album() as unknown as Parent;
    }).toThrow('Child (new): "parent" holds objects of class Parent, and Album (new) is none.');
    expect(() => {
      child.parent = undefined as unknown as Parent;
    }).toThrow(/assign null/);
    expectSame(parent.children, [child]);
    expect(child.parent).toBe(parent);
  });
});

describe("a one-to-many without inverse", () => {
  it("moves objects between collections", () => {
    const [from, to] = [new Album({ id: 1 }), new Album({ id: 2 })];
    const song = new Song();
    from.songs.push(song);
    expect(song.albumId).toBe(1);
    to.songs.push(song);
    expectSame(from.songs, []);
    expect(song.albumId).toBe(2);
    to.songs.length = 0;
    to.songs.push(); // a look at the collection
    expect(to.songs.reverse()).toEqual([]);
    expect(song.albumId).toBeNull();
  });

  it("follows a many-to-one over the same foreign key that does not name it", () => {
    const [red, blue] = [new Team({ id: 1 }), new Team()];
    const player = new Player();
    player.team = red;
    expectSame(red.players, [player]);
    blue.players.push(player);
    expect(player.team).toBe(blue);
    expectSame(red.players, []);
    expect(player.teamId).toBeNull();
    player.team = null;
    expectSame(blue.players, []);
  });
});

describe("a relationship of a class with itself", () => {
  it("keeps both sides equal", () => {
    const [ada, bob, cyd] = [new Employee({ name: "ada" }), new Employee(), new Employee()];
    ada.reports.push(bob);
    cyd.boss = bob;
    expect(bob.boss).toBe(ada);
    expectSame(bob.reports, [cyd]);
    ada.reports = [cyd, ada];
    expect(bob.boss).toBeNull();
    expectSame(bob.reports, []);
    expect(ada.boss).toBe(ada);
    ada.boss = null;
    expectSame(ada.reports, [cyd]);
  });
});

describe("the session", () => {
  let session: FakeSession;
  beforeEach(() => {
    session = new FakeSession();
  });

  it("hears of both ends of a link when it begins and when it ends", () => {
    const [parent] = session.store(new Parent({ id: 1 }));
    const child = new Child();
    parent?.children.push(child);
    expect(session.attached).toEqual(["Parent.children Child"]);
    child.parent = null;
    expect(session.detached).toEqual(["Parent.children Child"]);
    child.id = 1;
    session.store(child);
    child.parent = parent ?? null;
    expect(session.attached.slice(1)).toEqual(["Parent.children Child", "Child.parent Parent"]);
  });

  it("hears once that an object has changes", () => {
    const [parent] = session.store(new Parent({ id: 1, name: "a" })) as [Parent];
    parent.name = "a";
    expect(session.modified.size).toBe(0);
    parent.name = "b";
    expect([...session.modified]).toEqual([parent]);
  });

  it("hears of keys that change, also through a relationship", () => {
    const [parent] = session.store(new Parent({ id: 1 })) as [Parent];
    parent.name = "b";
    expect(session.keysChanged).toEqual([]);
    parent.id = 2;
    expect(session.keysChanged).toEqual([parent]);
  });
});
