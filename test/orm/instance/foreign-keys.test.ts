import { beforeEach, describe, expect, it } from "vitest";
import { NotLoadedError } from "../../../src/errors/index.ts";
import {
  collectionChanges,
  entityOf,
  identityKeyOf,
  isModified,
  Status,
  writeRaw,
} from "../../../src/orm/instance/index.ts";
import { expectSame, FakeSession, property, relationship } from "./fake-session.ts";
import { Album, Child, Line, Member, Parent, Song, Ticket } from "./models.ts";

let session: FakeSession;
let one: Parent;
let two: Parent;
let child: Child;

beforeEach(() => {
  session = new FakeSession();
  one = new Parent({ id: 1 });
  two = new Parent({ id: 2 });
  child = new Child({ id: 1, parent: one });
  session.store<object>(one, two, child);
});

describe("a foreign key column", () => {
  it("moves the object when the session has the new target", () => {
    child.parentId = 2;
    expect(child.parent).toBe(two);
    expectSame(one.children, []);
    expectSame(two.children, [child]);
  });

  it("leaves the relationship not loaded when the session does not have the target", () => {
    child.parentId = 99;
    expectSame(one.children, []);
    expect(() => child.parent).toThrow(NotLoadedError);
    child.parentId = 1;
    expect(child.parent).toBe(one);
    expectSame(one.children, [child]);
    expect(isModified(entityOf(child))).toBe(false);
  });

  it("clears the relationship with null", () => {
    child.parentId = null;
    expect(child.parent).toBeNull();
    expectSame(one.children, []);
  });

  it("clears a relationship to an object whose key is not known yet", () => {
    const fresh = new Parent();
    child.parent = fresh;
    expect(child.parentId).toBeNull();
    child.parentId = null;
    expect(child.parent).toBeNull();
    expectSame(fresh.children, []);
  });

  it("keeps the object that has this key", () => {
    child.parent = two;
    child.parentId = 2;
    expect(child.parent).toBe(two);
    expectSame(two.children, [child]);
  });

  it("says that there is nothing to load when it is null", () => {
    writeRaw(entityOf(child), property(child, "parent"), undefined);
    writeRaw(entityOf(child), property(child, "parentId"), null);
    expect(child.parent).toBeNull();
  });

  it("moves the object out of the collection of a target that is only known by its key", () => {
    writeRaw(entityOf(child), property(child, "parent"), undefined);
    child.parent = two;
    expectSame(one.children, []);
    expectSame(two.children, [child]);
  });

  it("is no change when it says what the row says", () => {
    writeRaw(entityOf(child), property(child, "parent"), undefined);
    child.parent = one;
    expect(isModified(entityOf(child))).toBe(false);
    expect(entityOf(child).$changes).toBeNull();
    expectSame(one.children, [child]);
  });

  it("moves objects whose many-to-one side is not mapped", () => {
    const [first, second] = [new Album({ id: 1 }), new Album({ id: 2 })];
    const song = new Song({ id: 1 });
    first.songs.push(song);
    session.store<object>(first, second, song);
    song.albumId = 2;
    expectSame(first.songs, []);
    expectSame(second.songs, [song]);
    second.songs = [];
    expect(song.albumId).toBeNull();
  });

  it("of a new object finds its target once the object has a session", () => {
    const fresh = new Child({ id: 5, parentId: 2 });
    expect(fresh.parent).toBeNull();
    entityOf(fresh).$session = session;
    entityOf(fresh).$status = Status.pending;
    expect(fresh.parent).toBe(two);
    fresh.parent = two;
    expectSame(two.children, [fresh]);
  });

  it("links a new object with what it refers to when its row is stored", () => {
    const fresh = new Child({ id: 5, parentId: 2 });
    session.store(fresh);
    expect(fresh.parent).toBe(two);
    expectSame(two.children, [fresh]);
    expect(collectionChanges(entityOf(two), relationship(two, "children")).added).toEqual([]);
  });
});

describe("composite foreign keys that share a column", () => {
  it("take the whole key, and give up only the column that is their own", () => {
    const [ada, bob] = [new Member({ tenantId: 1, number: 10 }), new Member({ tenantId: 1, number: 20 })];
    const ticket = new Ticket({ id: 1, assignee: ada, reporter: bob });
    session.store<object>(ada, bob, ticket);
    expect([ticket.tenantId, ticket.assigneeNumber, ticket.reporterNumber]).toEqual([1, 10, 20]);
    ticket.assignee = null;
    expect([ticket.tenantId, ticket.assigneeNumber, ticket.reporterNumber]).toEqual([1, null, 20]);
    expect(ticket.reporter).toBe(bob);
    ticket.assigneeNumber = 20;
    expect(ticket.assignee).toBe(bob);
    expectSame(bob.assigned, [ticket]);
  });

  it("re-read one relationship when another one changes the shared column", () => {
    const [ada, bob] = [new Member({ tenantId: 1, number: 10 }), new Member({ tenantId: 2, number: 10 })];
    const ticket = new Ticket({ id: 1, assignee: ada, reporterNumber: 10 });
    session.store<object>(ada, bob, ticket);
    expect(ticket.reporter).toBe(ada);
    ticket.assignee = bob;
    expect(ticket.tenantId).toBe(2);
    expect(ticket.reporter).toBe(bob);
  });
});

describe("a foreign key that is a part of the primary key", () => {
  it("is known through the relationship, and waits for a key that is not known yet", () => {
    const ticket = new Ticket();
    const line = new Line({ ticket, position: 1 });
    expect(identityKeyOf(entityOf(line))).toBeNull();
    ticket.id = 7;
    expect(identityKeyOf(entityOf(line))).toBe(identityKeyOf(entityOf(new Line({ ticketId: 7, position: 1 }))));
    line.ticketId = 8;
    expect(line.ticket).toBeNull();
  });
});
