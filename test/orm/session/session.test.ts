import { ArgumentError, InvalidStateError, inspect, NotLoadedError, select, selectinLoad } from "alkahest";
import { describe, expect, it } from "vitest";
import { Address, Child, Group, Line, Order, openDatabase, Parent, Post, Summary, Tag, User, verbs } from "./models.ts";

describe("the states of an object", () => {
  it("are transient, pending, persistent, deleted, detached", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const group = new Group({ name: "g" });
    expect(inspect(group).state).toBe("transient");
    expect(inspect(group).identity).toBeNull();
    session.add(group);
    expect(inspect(group).state).toBe("pending");
    expect(inspect(group).session).toBe(session);
    await session.flush();
    expect(inspect(group).state).toBe("persistent");
    expect(inspect(group).identity).toBe(group.gid);
    session.delete(group);
    expect(inspect(group).state).toBe("persistent");
    await session.flush();
    expect(inspect(group).state).toBe("deleted");
    await session.commit();
    expect(inspect(group).state).toBe("detached");
    expect(inspect(group).session).toBeNull();
  });

  it("show in new, dirty and deleted", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const group = new Group({ name: "g" });
    session.add(group);
    expect([...session.new]).toEqual([group]);
    await session.commit();
    expect(session.new.size).toBe(0);
    group.name = "h";
    expect(session.dirty.has(group)).toBe(true);
    expect(session.isModified(group)).toBe(true);
    group.name = "g";
    expect(session.dirty.size).toBe(0);
    expect(session.isModified(group)).toBe(false);
    session.delete(group);
    expect(session.deleted.has(group)).toBe(true);
    session.add(group);
    expect(session.deleted.size).toBe(0);
  });

  it("change with expunge, clear and close", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const stored = new Group({ name: "a" });
    session.add(stored);
    await session.commit();
    const fresh = new Group({ name: "b" });
    session.add(fresh);
    session.expunge(fresh);
    expect(inspect(fresh).state).toBe("transient");
    session.expunge(stored);
    expect(inspect(stored).state).toBe("detached");
    expect(session.has(stored)).toBe(false);
    session.add(stored);
    expect(inspect(stored).state).toBe("persistent");
    session.clear();
    expect(inspect(stored).state).toBe("detached");
    session.add(stored);
    await session.close();
    expect(inspect(stored).state).toBe("detached");
  });

  it("of what was never flushed survive a close, for a merge elsewhere", async () => {
    const { session: open } = await openDatabase();
    const first = open();
    const group = new Group({ name: "a" });
    first.add(group);
    await first.commit();
    group.name = "b";
    await first.close();
    const second = open();
    await second.merge(group);
    await second.commit();
    expect(await second.all(select(Group.c.name))).toEqual(["b"]);
  });
});

describe("the identity map", () => {
  it("has one object for a row, however it is loaded", async () => {
    const { session: open, take } = await openDatabase();
    const session = open();
    session.add(new User({ login: "ed", email: new Address({ emailAddress: "x@y" }) }));
    await session.commit();
    session.clear();
    const ed = await session.get(User, "ed");
    take();
    expect(await session.get(User, "ed")).toBe(ed);
    expect(take()).toEqual([]);
    expect(await session.one(select(User))).toBe(ed);
    expect(await session.first(select(User).options(selectinLoad(User.c.email)))).toBe(ed);
    expect(ed?.email).toBe(await session.get(Address, "x@y"));
  });

  it("keeps unflushed changes when the row is loaded again", async () => {
    const { session: open } = await openDatabase();
    const session = open({ autoflush: false });
    const group = new Group({ name: "a" });
    session.add(group);
    await session.commit();
    group.name = "b";
    await session.all(select(Group));
    expect(group.name).toBe("b");
  });

  it("takes composite keys as objects", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    session.add(new Order({ id: 1, lines: [new Line({ number: 2, text: "two" })] }));
    await session.commit();
    session.clear();
    const line = await session.get(Line, { orderId: 1, number: 2 });
    expect(line?.text).toBe("two");
    expect(inspect(line!).identity).toEqual([1, 2]);
    expect(await session.get(Line, { number: 2, orderId: 1 })).toBe(line);
    expect(await session.get(Line, { orderId: 1, number: 3 })).toBeNull();
    // @ts-expect-error: a part is missing
    await expect(session.get(Line, { orderId: 1 })).rejects.toThrow(/missing: number/);
    // @ts-expect-error: one value for a key of several columns
    await expect(session.get(Line, 1)).rejects.toThrow(ArgumentError);
  });

  it("refuses keys that are null or of the wrong type", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    // @ts-expect-error: not a number
    await expect(session.get(Group, "one")).rejects.toThrow(ArgumentError);
    // @ts-expect-error: null
    await expect(session.get(Group, null)).rejects.toThrow(/never null/);
  });

  it("refuses a second object for a row", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const group = new Group({ gid: 1 });
    session.add(group);
    await session.commit();
    session.expunge(group);
    const again = await session.get(Group, 1);
    expect(again).not.toBe(group);
    expect(() => session.add(group)).toThrow(/another object stands for the same row.*merge/s);
  });
});

describe("add", () => {
  it("takes in everything that is reachable, at once", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const address = new Address({ emailAddress: "x@y" });
    const user = new User({ login: "ed", email: address });
    const group = new Group({ users: [user] });
    session.add(group);
    expect([group, user, address].map((object) => inspect(object).state)).toEqual(["pending", "pending", "pending"]);
  });

  it("is not needed for what joins an object of the session, from either side", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const parent = new Parent({ name: "p" });
    session.add(parent);
    const pushed = new Child({ z: 1 });
    parent.children.push(pushed);
    const pointing = new Child({ z: 2, parent });
    expect(session.has(pushed)).toBe(true);
    expect(session.has(pointing)).toBe(true);
    await session.commit();
    const late = new Child({ z: 3, parent });
    expect(inspect(late).state).toBe("pending");
    const written = new Child({ z: 4 });
    parent.children[parent.children.length] = written;
    expect(session.new.has(written)).toBe(true);
    await session.commit();
    expect(await session.all(select(Child.c.z).orderBy(Child.c.z))).toEqual([1, 2, 3, 4]);
  });

  it("takes in what is attached to an object that joins later", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const post = new Post({ title: "t" });
    session.add(post);
    const tag = new Tag({ name: "a" });
    const other = new Post({ title: "u", tags: [tag] });
    post.tags.push(tag);
    expect(session.has(tag)).toBe(true);
    expect(session.has(other)).toBe(true);
  });

  it("takes in a detached object with its changes", async () => {
    const { session: open } = await openDatabase();
    const first = open();
    const group = new Group({ name: "a" });
    first.add(group);
    await first.commit();
    await first.close();
    group.name = "b";
    const second = open();
    second.add(group);
    await second.commit();
    expect(await second.all(select(Group.c.name))).toEqual(["b"]);
  });

  it("is taken back for a new object that its owner lets go of", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const [parent, other] = [new Parent(), new Parent()];
    session.addAll([parent, other]);
    const [dropped, moved] = [new Child({ z: 1 }), new Child({ z: 2 })];
    parent.children.push(dropped, moved);
    parent.children.length = 0;
    other.children.push(moved);
    expect([...session.new]).toEqual([parent, other, moved]);
    await session.commit();
    expect(inspect(dropped).state).toBe("transient");
    expect(await session.all(select(Child.c.z))).toEqual([2]);
  });

  it("refuses an object of another session, and takes in nothing of the graph then", async () => {
    const { session: open } = await openDatabase();
    const first = open();
    const second = open();
    const address = new Address({ emailAddress: "x@y" });
    first.add(address);
    const user = new User({ login: "ed", email: address });
    const group = new Group({ users: [user] });
    expect(() => second.add(group)).toThrow(InvalidStateError);
    expect(() => second.add(group)).toThrow(/Address#x@y belongs to another session.*User#ed\.email.*expunge.*merge/s);
    expect(inspect(group).state).toBe("transient");
    expect(second.new.size).toBe(0);
  });

  it("is missed at the flush by an object that refers to one in no session", async () => {
    const { session: open, take } = await openDatabase();
    const session = open();
    const group = new Group({ name: "g" });
    session.add(new User({ login: "ed", group }));
    session.expunge(group);
    const error = await session.flush().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidStateError);
    expect(String(error)).toMatch(/User#ed\.group refers to Group \(new\).*session\.add/);
    expect(take()).toEqual([]);
  });

  it("refuses what is no object of a mapped class", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    expect(() => session.add({ name: "no" })).toThrow(ArgumentError);
    // @ts-expect-error: null is no object
    expect(() => session.add(null)).toThrow(ArgumentError);
  });

  it("refuses an object whose row was deleted in the transaction", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const group = new Group({ name: "a" });
    session.add(group);
    await session.commit();
    session.delete(group);
    await session.flush();
    expect(() => session.add(group)).toThrow(/was deleted in this transaction/);
    await session.rollback();
    expect(inspect(group).state).toBe("persistent");
    session.add(group);
  });

  it("refuses an object whose deletion was committed", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const [group, kept] = [new Group({ name: "a" }), new Group({ name: "b" })];
    session.addAll([group, kept]);
    await session.commit();
    session.delete(group);
    session.delete(kept);
    await session.flush();
    await session.rollback();
    session.delete(group);
    await session.commit();
    session.add(kept);
    expect(() => session.add(group)).toThrow(/was deleted and cannot be added again/);
    expect(() => session.add(new User({ login: "x", group }))).toThrow(InvalidStateError);
    expect(() => session.delete(group)).toThrow(/has been deleted already/);
    expect(inspect(group).state).toBe("detached");
    const copy = await session.merge(group);
    await session.commit();
    expect((await session.all(select(Group.c.name).orderBy(Group.c.name))).flat()).toEqual(["a", "b"]);
    expect([copy.gid, copy.name, inspect(copy).state]).toEqual([group.gid, "a", "persistent"]);
  });
});

describe("delete", () => {
  it("of a pending object lets it go, with what it owns", async () => {
    const { session: open, take } = await openDatabase();
    const session = open();
    const parent = new Parent({ children: [new Child({ z: 1 })] });
    session.add(parent);
    session.delete(parent);
    expect(session.new.size).toBe(0);
    expect(inspect(parent).state).toBe("transient");
    await session.commit();
    expect(take()).toEqual([]);
  });

  it("of a transient object is an error", async () => {
    const { session: open } = await openDatabase();
    expect(() => open().delete(new Parent())).toThrow(/Parent \(new\) cannot be deleted: it is not stored/);
  });

  it("of an object of another session is an error", async () => {
    const { session: open } = await openDatabase();
    const first = open();
    const group = new Group();
    first.add(group);
    await first.commit();
    expect(() => open().delete(group)).toThrow(/another session/);
  });

  it("of a detached object works", async () => {
    const { session: open } = await openDatabase();
    const first = open();
    const group = new Group();
    first.add(group);
    await first.commit();
    await first.close();
    const second = open();
    second.delete(group);
    await second.commit();
    expect(await second.all(select(Group))).toEqual([]);
  });

  it("of what leaves a collection by index or length happens with the next flush", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const parent = new Parent({ children: [1, 2, 3].map((z) => new Child({ z })) });
    session.add(parent);
    await session.commit();
    const { children } = parent;
    children.length = 1;
    expect(session.dirty.has(parent)).toBe(true);
    await session.commit();
    expect(await session.all(select(Child.c.z))).toEqual([1]);
    children[0] = new Child({ z: 9 });
    await session.commit();
    expect(await session.all(select(Child.c.z))).toEqual([9]);
  });

  it("leaves new objects of the collection without their owner", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const group = new Group({ name: "g", users: [new User({ login: "stored" })] });
    session.add(group);
    await session.commit();
    const user = new User({ login: "new", group });
    session.delete(group);
    await session.commit();
    expect(user.group).toBeNull();
    expect(user.groupId).toBeNull();
    expect(await session.all(select(User.c.login, User.c.groupId).orderBy(User.c.login))).toEqual([
      ["new", null],
      ["stored", null],
    ]);
  });

  it("takes the object out of the loaded collections of others", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const tag = new Tag({ name: "a" });
    const post = new Post({ title: "t", tags: [tag, new Tag({ name: "b" })], summary: new Summary({ text: "s" }) });
    session.add(post);
    await session.commit();
    const { tags, summary } = post;
    session.delete(tag);
    session.delete(summary!);
    await session.flush();
    expect(tags.map(({ name }) => name)).toEqual(["b"]);
    expect(post.summary).toBeNull();
    await session.rollback();
    expect(tags[0]).toBe(tag);
    expect(post.summary).toBe(summary);
  });

  it("of a new object takes it out of the collections of others", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const tag = new Tag({ name: "a" });
    const post = new Post({ title: "t", tags: [tag] });
    session.add(post);
    session.delete(tag);
    await session.commit();
    expect(post.tags.length).toBe(0);
    expect(await session.all(select(Tag))).toEqual([]);
  });

  it("cascades to children that are not loaded", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    session.add(new Parent({ id: 1, children: [new Child({ z: 1 }), new Child({ z: 2 })] }));
    await session.commit();
    session.clear();
    session.delete((await session.get(Parent, 1))!);
    await session.commit();
    expect(await session.all(select(Child))).toEqual([]);
    expect(await session.all(select(Parent))).toEqual([]);
  });
});

describe("autoflush", () => {
  it("flushes before queries and before a get that the session cannot answer", async () => {
    const { session: open, take } = await openDatabase();
    const session = open();
    session.add(new Group({ name: "a" }));
    expect(await session.all(select(Group.c.name))).toEqual(["a"]);
    expect(verbs(take())).toEqual(["INSERT groups", "SELECT groups"]);
    session.add(new Group({ name: "b" }));
    expect(await session.get(User, "nobody")).toBeNull();
    expect(verbs(take())).toEqual(["INSERT groups", "SELECT users"]);
  });

  it("can be switched off for a session and for a function", async () => {
    const { session: open } = await openDatabase();
    const off = open({ autoflush: false });
    off.add(new Group({ name: "a" }));
    expect(await off.all(select(Group))).toEqual([]);
    await off.close();
    const session = open();
    session.add(new Group({ name: "a" }));
    await session.noAutoflush(async () => {
      expect(await session.all(select(Group))).toEqual([]);
    });
    expect((await session.all(select(Group))).length).toBe(1);
  });

  it("finds the object that it has just stored under the key", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const group = new Group();
    session.add(group);
    expect(await session.get(Group, 1)).toBe(group);
  });
});

describe("expire and refresh", () => {
  it("forget values, and read them again", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const parent = new Parent({ name: "a", children: [new Child({ z: 1 })] });
    session.add(parent);
    await session.commit();
    parent.name = "changed";
    session.expire(parent);
    expect(() => parent.name).toThrow(NotLoadedError);
    expect(session.dirty.size).toBe(0);
    await session.refresh(parent);
    expect(parent.name).toBe("a");
    expect(await session.get(Parent, parent.id)).toBe(parent);
  });

  it("can be limited to attributes", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const user = new User({ login: "ed", name: "Ed" });
    session.add(user);
    await session.commit();
    session.expire(user, ["name"]);
    expect(user.groupId).toBeNull();
    expect(() => user.name).toThrow(NotLoadedError);
    expect(() => session.expire(user, ["nmae"])).toThrow(/User has no attribute "nmae"/);
  });

  it("read the relationships again that were loaded, and what others wrote", async () => {
    const { session: open, engine } = await openDatabase();
    const session = open();
    const parent = new Parent({ name: "a", children: [new Child({ z: 1 })] });
    session.add(parent);
    await session.commit();
    const { text } = await import("alkahest");
    await engine.begin(async (connection) => {
      await connection.execute(text("UPDATE parent SET name = 'b'"));
      await connection.execute(text("INSERT INTO child (parent_id, z) VALUES (1, 2)"));
    });
    await session.refresh(parent);
    expect(parent.name).toBe("b");
    expect(parent.children.map(({ z }) => z)).toEqual([1, 2]);
  });

  it("flush first", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const group = new Group({ name: "a" });
    session.add(group);
    await session.commit();
    group.name = "b";
    await session.refresh(group);
    expect(group.name).toBe("b");
  });

  it("notice that the row is gone", async () => {
    const { session: open, engine } = await openDatabase();
    const session = open();
    const group = new Group({ name: "a" });
    const other = new Group({ name: "b" });
    session.addAll([group, other]);
    await session.commit();
    const { text } = await import("alkahest");
    await engine.begin((connection) => connection.execute(text("DELETE FROM groups")));
    await expect(session.refresh(group)).rejects.toThrow(/row is gone/);
    expect(session.has(group)).toBe(false);
    session.expire(other);
    expect(await session.get(Group, other.gid)).toBeNull();
    expect(session.has(other)).toBe(false);
  });

  it("are errors for what is not stored in the session", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const group = new Group();
    expect(() => session.expire(group)).toThrow(InvalidStateError);
    session.add(group);
    await expect(session.refresh(group)).rejects.toThrow(InvalidStateError);
  });

  it("happen to everything at commit with expireOnCommit", async () => {
    const { session: open } = await openDatabase();
    const session = open({ expireOnCommit: true });
    const group = new Group({ name: "a" });
    session.add(group);
    await session.commit();
    expect(() => group.name).toThrow(NotLoadedError);
    const again = await session.get(Group, group.gid);
    expect(again).toBe(group);
    expect(group.name).toBe("a");
  });
});
