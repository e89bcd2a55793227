import { beforeEach, describe, expect, it } from "vitest";
import {
  committedValue,
  entityOf,
  expireAttributes,
  history,
  isModified,
  resetChanges,
} from "../../../src/orm/instance/index.ts";
import { FakeSession, property } from "./fake-session.ts";
import { Child, Parent } from "./models.ts";

const of = (object: object, name: string) => history(entityOf(object), property(object, name));
const committed = (object: object, name: string) => committedValue(entityOf(object), property(object, name));
const nothing = { added: [], unchanged: [], deleted: [] };

describe("the history of a new object", () => {
  it("has what was set as added, null included", () => {
    const parent = new Parent({ name: null });
    const child = new Child({ parent });
    expect(of(parent, "id")).toEqual(nothing);
    expect(of(parent, "name")).toEqual({ ...nothing, added: [null] });
    expect(of(parent, "children")).toEqual({ ...nothing, added: [child] });
    expect(of(child, "parent")).toEqual({ ...nothing, added: [parent] });
    expect(committed(parent, "name")).toBeUndefined();
    expect(isModified(entityOf(parent))).toBe(true);
  });
});

describe("the history of a stored object", () => {
  let session: FakeSession;
  let parent: Parent;
  let a: Child;
  let b: Child;

  beforeEach(() => {
    session = new FakeSession();
    a = new Child({ id: 1 });
    b = new Child({ id: 2 });
    parent = new Parent({ id: 1, name: "x", children: [a, b] });
    session.store<object>(parent, a, b);
  });

  it("has what was not touched as unchanged", () => {
    expect(of(parent, "name")).toEqual({ ...nothing, unchanged: ["x"] });
    expect(of(parent, "children")).toEqual({ ...nothing, unchanged: [a, b] });
    expect(of(a, "parent")).toEqual({ ...nothing, unchanged: [parent] });
  });

  it("compares with the committed value, however often it was set", () => {
    parent.name = "y";
    parent.name = "z";
    expect(of(parent, "name")).toEqual({ added: ["z"], unchanged: [], deleted: ["x"] });
    expect(committed(parent, "name")).toBe("x");
    parent.name = "x";
    expect(of(parent, "name")).toEqual({ ...nothing, unchanged: ["x"] });
  });

  it("does not know the old value of an attribute that was not loaded", () => {
    expireAttributes(entityOf(parent), ["name"]);
    expect(of(parent, "name")).toEqual(nothing);
    parent.name = "x";
    expect(of(parent, "name")).toEqual({ ...nothing, added: ["x"] });
    expect(isModified(entityOf(parent))).toBe(true);
  });

  it("has both objects of a to-one relationship, and the columns below it", () => {
    const other = new Parent({ id: 2 });
    a.parent = other;
    expect(of(a, "parent")).toEqual({ added: [other], unchanged: [], deleted: [parent] });
    expect(of(a, "parentId")).toEqual({ added: [2], unchanged: [], deleted: [1] });
    expect(committed(a, "parent")).toBe(parent);
  });

  it("has the members of a collection, repeated ones as often as they are there", () => {
    const fresh = new Child();
    parent.children = [fresh, b, fresh];
    expect(of(parent, "children")).toEqual({ added: [fresh, fresh], unchanged: [b], deleted: [a] });
    expect(committed(parent, "children")).toEqual([a, b]);
    resetChanges(entityOf(parent));
    expect(of(parent, "children")).toEqual({ ...nothing, unchanged: [fresh, b] });
  });

  it("has members that were removed and came back as unchanged", () => {
    parent.children.shift();
    parent.children.push(a);
    expect(of(parent, "children")).toEqual({ ...nothing, unchanged: [b, a] });
    expect(isModified(entityOf(parent))).toBe(false);
  });

  it("has what waits for a collection that is not loaded", () => {
    const late = session.load(new Parent({ id: 2 }));
    late.children.push(a);
    expect(of(late, "children")).toEqual({ ...nothing, added: [a] });
    expect(committed(late, "children")).toBeUndefined();
  });
});
