import { DuplicateIdentityError, func, inspect, StaleDataError, select, selectinLoad } from "alkahest";
import { describe, expect, it } from "vitest";
import { Address, Child, Doc, Group, Line, Order, openDatabase, Parent, Post, Tag, User, verbs } from "./models.ts";

const userWith = (login: string, address: string) =>
  new User({ login, name: login, email: new Address({ emailAddress: address }) });

const groupOfThree = () => new Group({ name: "G1", users: ["u3", "u4", "u5"].map((login) => userWith(login, "x@y")) });

describe.each([true, false])("merge with equal new addresses, autoflush %s", (autoflush) => {
  it("unites those of a group's users: one row, one shared object", async () => {
    const { session: open, take } = await openDatabase();
    const session = open({ autoflush });
    const source = groupOfThree();
    const group = await session.merge(source);
    expect(verbs(take())).toEqual(["SELECT users", "SELECT addresses"]);
    expect(group).not.toBe(source);
    expect(new Set(group.users.map(({ email }) => email)).size).toBe(1);
    await session.commit();
    expect(verbs(take()).filter((verb) => verb.includes("addresses"))).toEqual(["INSERT addresses"]);
    expect(await session.all(select(func.count(Address.c.emailAddress)))).toEqual([1]);
    expect(await session.all(select(User.c.login, User.c.address).orderBy(User.c.login))).toEqual([
      ["u3", "x@y"],
      ["u4", "x@y"],
      ["u5", "x@y"],
    ]);
  });

  it("unites those of two users that are merged one after the other", async () => {
    const { session: open, take } = await openDatabase();
    const session = open({ autoflush });
    const first = await session.merge(userWith("guy", "x@y"));
    const second = await session.merge(userWith("gal", "x@y"));
    expect(second.email).toBe(first.email);
    expect(verbs(take()).filter((verb) => verb.startsWith("INSERT"))).toEqual([]);
    await session.commit();
    expect(await session.all(select(func.count(User.c.login)))).toEqual([2]);
    expect(await session.all(select(Address.c.emailAddress))).toEqual(["x@y"]);
  });

  it("unites those of several users that are merged together", async () => {
    const { session: open, take } = await openDatabase();
    const session = open({ autoflush });
    const users = await session.mergeAll(["a", "b", "c"].map((login) => userWith(login, "x@y")));
    expect(verbs(take())).toEqual(["SELECT users", "SELECT addresses"]);
    expect(users.map(({ login }) => login)).toEqual(["a", "b", "c"]);
    expect(new Set(users.map(({ email }) => email)).size).toBe(1);
    await session.commit();
    expect(await session.all(select(Address.c.emailAddress))).toEqual(["x@y"]);
  });

  it("unites with an address that is stored", async () => {
    const { session: open } = await openDatabase();
    const other = open();
    other.add(new Address({ emailAddress: "x@y" }));
    await other.commit();
    await other.close();
    const session = open({ autoflush });
    const group = await session.merge(groupOfThree());
    expect(inspect(group.users[0]!.email!).state).toBe("persistent");
    await session.commit();
    expect(await session.all(select(func.count(Address.c.emailAddress)))).toEqual([1]);
  });

  it("unites with an address that is pending", async () => {
    const { session: open } = await openDatabase();
    const session = open({ autoflush });
    const address = new Address({ emailAddress: "x@y" });
    session.add(address);
    const group = await session.merge(groupOfThree());
    expect(group.users.map(({ email }) => email)).toEqual([address, address, address]);
    await session.commit();
    expect(await session.all(select(func.count(Address.c.emailAddress)))).toEqual([1]);
  });

  it("unites with an address that is pending under a key it got after being added", async () => {
    const { session: open } = await openDatabase();
    const session = open({ autoflush });
    const address = new Address();
    session.add(address);
    address.emailAddress = "x@y";
    expect((await session.merge(userWith("guy", "x@y"))).email).toBe(address);
  });

  it("takes the row of an address that is marked for deletion over", async () => {
    const { session: open } = await openDatabase();
    const session = open({ autoflush });
    const old = new Address({ emailAddress: "x@y" });
    session.add(old);
    await session.commit();
    session.delete(old);
    const user = await session.merge(userWith("guy", "x@y"));
    expect(user.email).not.toBe(old);
    await session.commit();
    expect(await session.all(select(User.c.address))).toEqual(["x@y"]);
  });

  it("refuses the same graph when it is added, before any SQL, naming both objects", async () => {
    const { session: open, take } = await openDatabase();
    const session = open({ autoflush });
    session.add(groupOfThree());
    const error = await session.commit().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DuplicateIdentityError);
    expect(String(error)).toMatch(/Address.*x@y.*u3.*u4/s);
    expect(take()).toEqual([]);
  });

  it("finds a pending object by get", async () => {
    const { session: open, take } = await openDatabase();
    const session = open({ autoflush });
    const address = new Address({ emailAddress: "x@y" });
    session.add(address);
    expect(await session.get(Address, "x@y")).toBe(address);
    expect(take()).toEqual([]);
  });

  it("unites lines whose key is that of their order and a number, with the stored one", async () => {
    const { session: open } = await openDatabase();
    const other = open();
    other.add(new Order({ id: 1, lines: [new Line({ number: 1, text: "old" })] }));
    await other.commit();
    await other.close();
    const session = open({ autoflush });
    const order = await session.merge(new Order({ id: 1, lines: [new Line({ number: 1, text: "new" })] }));
    expect(inspect(order.lines[0]!).state).toBe("persistent");
    await session.commit();
    expect(await session.all(select(Line.c.orderId, Line.c.number, Line.c.text))).toEqual([[1, 1, "new"]]);
  });

  it("unites two new lines of equal order and number", async () => {
    const { session: open } = await openDatabase();
    const session = open({ autoflush });
    const order = await session.merge(
      new Order({ id: 7, lines: [new Line({ number: 1, text: "a" }), new Line({ number: 1, text: "b" })] }),
    );
    expect(order.lines.map(({ text }) => text)).toEqual(["b"]);
    await session.commit();
    expect(await session.all(select(Line.c.text))).toEqual(["b"]);
  });

  it("unites two new lines of equal number of an order without a key", async () => {
    const { session: open, take } = await openDatabase();
    const session = open({ autoflush });
    const order = await session.merge(new Order({ lines: [new Line({ number: 1 }), new Line({ number: 1 })] }));
    expect(take()).toEqual([]);
    expect(order.lines.length).toBe(1);
    await session.commit();
    expect(await session.all(select(func.count(Line.c.number)))).toEqual([1]);
  });
});

describe("merge", () => {
  it("loads existing rows with one statement a class, whatever the number of objects", async () => {
    const { session: open, take } = await openDatabase();
    const session = open();
    session.addAll(["a", "b", "c", "d"].map((login) => userWith(login, `${login}@y`)));
    await session.commit();
    session.clear();
    take();
    const users = await session.mergeAll(["a", "b", "c", "d"].map((login) => userWith(login, `${login}@y`)));
    expect(verbs(take())).toEqual(["SELECT users", "SELECT addresses"]);
    expect(users.map((user) => session.isModified(user))).toEqual([false, false, false, false]);
    await session.commit();
    expect(take()).toEqual([]);
  });

  it("never changes the source", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const source = groupOfThree();
    const users = [...source.users];
    const before = JSON.stringify(source);
    const merged = await session.merge(source);
    await session.commit();
    expect(JSON.stringify(source)).toBe(before);
    expect(source.users.map((user, i) => user === users[i])).toEqual([true, true, true]);
    expect(inspect(source).state).toBe("transient");
    expect(users.map((user) => inspect(user).state)).toEqual(["transient", "transient", "transient"]);
    expect(users.every((user) => user.group === source)).toBe(true);
    expect(inspect(merged).state).toBe("persistent");
  });

  it("copies null, and leaves alone what the source has not set", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    session.add(new User({ login: "ed", name: "Ed", email: new Address({ emailAddress: "x@y" }) }));
    await session.commit();
    session.clear();
    const unset = await session.merge(new User({ login: "ed" }));
    expect(unset.name).toBe("Ed");
    expect(unset.address).toBe("x@y");
    expect(session.isModified(unset)).toBe(false);
    const cleared = await session.merge(new User({ login: "ed", name: null, email: null }));
    expect(cleared).toBe(unset);
    await session.commit();
    expect(await session.all(select(User.c.name, User.c.address))).toEqual([[null, null]]);
  });

  it("asks the database nothing about an object without a key", async () => {
    const { session: open, take } = await openDatabase();
    const session = open();
    const [one, two] = await session.mergeAll([new Group({ name: "g" }), new Group({ name: "g" })]);
    expect(take()).toEqual([]);
    expect(one).not.toBe(two);
  });

  it("replaces the collection of the target by that of the source", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    session.add(new Parent({ id: 1, children: [new Child({ id: 1, z: 1 }), new Child({ id: 2, z: 2 })] }));
    await session.commit();
    session.clear();
    const parent = await session.merge(
      new Parent({ id: 1, children: [new Child({ id: 2, z: 20 }), new Child({ id: 3, z: 3 })] }),
    );
    expect(parent.children.map(({ id }) => id)).toEqual([2, 3]);
    await session.commit();
    expect(await session.all(select(Child.c.id, Child.c.z).orderBy(Child.c.id))).toEqual([
      [2, 20],
      [3, 3],
    ]);
  });

  it("empties the target's collection if the source's was set to nothing, not if it was merely read", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    session.add(new Parent({ id: 1, children: [new Child({ z: 1 })] }));
    await session.commit();
    session.clear();
    const read = new Parent({ id: 1 });
    expect(read.children.length).toBe(0);
    await session.merge(read);
    await session.commit();
    expect(await session.all(select(func.count(Child.c.id)))).toEqual([1]);
    await session.merge(new Parent({ id: 1, children: [] }));
    await session.commit();
    expect(await session.all(select(func.count(Child.c.id)))).toEqual([0]);
  });

  it("replays the changes of a detached graph in another session", async () => {
    const { session: open, take } = await openDatabase();
    const first = open();
    first.add(new Parent({ id: 1, name: "p", children: [new Child({ id: 1, z: 1 }), new Child({ id: 2, z: 2 })] }));
    await first.commit();
    first.clear();
    const parent = await first.one(select(Parent).options(selectinLoad(Parent.c.children)));
    await first.close();
    parent.name = "q";
    parent.children.pop();
    const session = open();
    take();
    const merged = await session.merge(parent);
    expect(verbs(take())).toEqual(["SELECT parent", "SELECT child"]);
    expect(merged.name).toBe("q");
    await session.commit();
    expect(verbs(take()).sort()).toEqual(["DELETE child", "UPDATE parent"]);
  });

  it("gives additions to a collection that the source has not loaded to the target", async () => {
    const { session: open } = await openDatabase();
    const first = open();
    first.add(new Parent({ id: 1, children: [new Child({ id: 1, z: 1 })] }));
    await first.commit();
    first.clear();
    const parent = (await first.get(Parent, 1))!;
    await first.close();
    parent.children.push(new Child({ id: 2, z: 2 }));
    const session = open();
    await session.merge(parent);
    await session.commit();
    expect(await session.all(select(Child.c.id, Child.c.parentId).orderBy(Child.c.id))).toEqual([
      [1, 1],
      [2, 1],
    ]);
  });

  it("merges many-to-many collections with their rows of association", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    session.add(new Post({ id: 1, title: "t", tags: [new Tag({ id: 1, name: "a" }), new Tag({ id: 2, name: "b" })] }));
    await session.commit();
    session.clear();
    const post = await session.merge(
      new Post({ id: 1, title: "t", tags: [new Tag({ id: 2, name: "b" }), new Tag({ id: 3, name: "c" })] }),
    );
    await session.commit();
    session.clear();
    const [stored] = await session.all(select(Post).options(selectinLoad(Post.c.tags)));
    expect(stored?.tags.map(({ name }) => name).sort()).toEqual(["b", "c"]);
    expect(post.tags.length).toBe(2);
  });

  it("finds objects by another key when asked to", async () => {
    const { session: open, take } = await openDatabase();
    const session = open();
    session.add(new Order({ id: 5, code: "A", note: "old" }));
    await session.commit();
    session.clear();
    take();
    const [found, made, again] = await session.mergeAll(
      [new Order({ code: "A", note: "new" }), new Order({ code: "B" }), new Order({ code: "B", note: "b" })],
      { key: ["code"] },
    );
    expect(verbs(take())).toEqual(["SELECT orders"]);
    expect(found?.id).toBe(5);
    expect(made).toBe(again);
    await session.commit();
    expect(await session.all(select(Order.c.code, Order.c.note).orderBy(Order.c.code))).toEqual([
      ["A", "new"],
      ["B", "b"],
    ]);
  });

  it("finds a pending object by another key", async () => {
    const { session: open } = await openDatabase();
    const session = open({ autoflush: false });
    const order = new Order({ code: "A" });
    session.add(order);
    expect(await session.merge(new Order({ code: "A", note: "n" }), { key: ["code"] })).toBe(order);
    expect(order.note).toBe("n");
  });

  it("refuses another key that is no column, or does not exist", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    await expect(session.merge(new Order(), { key: ["kode"] })).rejects.toThrow(/Order has no attribute "kode"/);
    await expect(session.merge(new Order(), { key: ["lines"] })).rejects.toThrow(/relationship/);
    await expect(session.merge(new Order(), { key: [] })).rejects.toThrow(/at least one attribute/);
  });

  it("lets the last, the first or nobody win among sources of equal key", async () => {
    const { session: open } = await openDatabase();
    const users = () => [new User({ login: "ed", name: "first" }), new User({ login: "ed", name: "last" })];
    const session = open();
    expect((await session.mergeAll(users()))[0]?.name).toBe("last");
    session.clear();
    expect((await session.mergeAll(users(), { onConflict: "first" }))[0]?.name).toBe("first");
    session.clear();
    await expect(session.mergeAll(users(), { onConflict: "error" })).rejects.toThrow(/"name": first and last/);
  });

  it("takes what is loaded over without SQL and without changes, with { load: false }", async () => {
    const { session: open, take } = await openDatabase();
    const first = open();
    first.add(new Parent({ id: 1, name: "p", children: [new Child({ id: 1, z: 1 })] }));
    await first.commit();
    first.clear();
    const cached = await first.one(select(Parent).options(selectinLoad(Parent.c.children)));
    await first.close();
    const session = open();
    take();
    const parent = await session.merge(cached, { load: false });
    expect(parent).not.toBe(cached);
    expect(inspect(parent).state).toBe("persistent");
    expect(parent.children[0]?.z).toBe(1);
    expect(session.dirty.size).toBe(0);
    await session.commit();
    expect(take()).toEqual([]);
  });

  it("refuses { load: false } for what is new or changed", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    await expect(session.merge(new Parent({ id: 1 }), { load: false })).rejects.toThrow(/has no row/);
    session.add(new Parent({ id: 1 }));
    await session.commit();
    const parent = (await session.get(Parent, 1))!;
    session.expunge(parent);
    parent.name = "changed";
    await expect(session.merge(parent, { load: false })).rejects.toThrow(/unsaved changes/);
  });

  it("gives back an object that is in the session already", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const group = new Group({ name: "g" });
    session.add(group);
    expect(await session.merge(group)).toBe(group);
    await session.commit();
    expect(await session.merge(group)).toBe(group);
  });

  it("merges onto an object whose changes are not flushed, without flushing", async () => {
    const { session: open, take } = await openDatabase();
    const session = open();
    const user = new User({ login: "ed", name: "a" });
    session.add(user);
    await session.commit();
    user.name = "b";
    take();
    await session.merge(new User({ login: "ed", groupId: null }));
    expect(take()).toEqual([]);
    expect(user.name).toBe("b");
  });

  it("can merge what is in another session", async () => {
    const { session: open } = await openDatabase();
    const first = open();
    const user = new User({ login: "ed", name: "a" });
    first.add(user);
    await first.commit();
    const second = open();
    const copy = await second.merge(user);
    expect(copy).not.toBe(user);
    expect(inspect(user).session).toBe(first);
    expect(inspect(copy).session).toBe(second);
  });

  it("refuses a version that is older than the row", async () => {
    const { session: open } = await openDatabase();
    const first = open();
    first.add(new Doc({ id: 1, text: "a" }));
    await first.commit();
    const old = (await first.get(Doc, 1))!;
    await first.close();
    const second = open();
    (await second.get(Doc, 1))!.text = "b";
    await second.commit();
    await second.close();
    old.text = "c";
    await expect(open().merge(old)).rejects.toThrow(StaleDataError);
  });
});
