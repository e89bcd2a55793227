import { describe, expect, it } from "vitest";
import { entityOf } from "../../../src/orm/instance/index.ts";
import { joinedLoad, loadRelationship, selectinLoad } from "../../../src/orm/query/index.ts";
import { alias } from "../../../src/statement/alias.ts";
import { select } from "../../../src/statement/select.ts";
import { Address, Base, Book, Group, Letter, Node, Profile, ROWS, Shelf, type Tag, User } from "./models.ts";
import { areLoaded, limited, openSession, relationship } from "./support.ts";

describe("selectinLoad", () => {
  it("loads a collection of all objects with one more statement, in its order", async () => {
    const session = await openSession(Base, ROWS);
    const users = await session.all(select(User).orderBy(User.c.id).options(selectinLoad(User.c.addresses)));
    expect(session.take()).toHaveLength(2);
    expect(users.map(({ addresses }) => addresses.map(({ email }) => email))).toEqual([["b@x", "a@x"], ["c@x"], []]);
    expect(users[0]?.addresses[0]).toBeInstanceOf(Address);
    expect(entityOf(users[0] as User).$changes).toBeNull();
  });

  it("sets the other side, too", async () => {
    const session = await openSession(Base, ROWS);
    const [ed] = await session.all(select(User).where(User.c.id.eq(1)).options(selectinLoad(User.c.addresses)));
    session.take();
    expect(ed?.addresses.map(({ user }) => user)).toEqual([ed, ed]);
  });

  it("loads many-to-one without asking for nulls or for what the session has", async () => {
    const session = await openSession(Base, ROWS);
    const groups = await session.all(select(Group));
    session.take();
    const users = await session.all(select(User).orderBy(User.c.id).options(selectinLoad(User.c.group)));
    expect(users.map(({ group }) => group)).toEqual([groups[0], groups[0], null]);
    expect(session.take()).toHaveLength(1);
  });

  it("asks once for each object that several refer to", async () => {
    const session = await openSession(Base, ROWS);
    const users = await session.all(select(User).orderBy(User.c.id).options(selectinLoad(User.c.group)));
    expect(users[0]?.group?.name).toBe("staff");
    expect(users[1]?.group).toBe(users[0]?.group);
    const [, second] = session.take();
    expect(second).toMatch(/= \?/);
  });

  it("loads many-to-many in its order", async () => {
    const session = await openSession(Base, ROWS);
    const users = await session.all(select(User).orderBy(User.c.id).options(selectinLoad(User.c.tags)));
    expect(users.map(({ tags }) => tags.map(({ name }) => name))).toEqual([["blue", "red"], ["blue"], []]);
    expect(users[0]?.tags[0]).toBe(users[1]?.tags[0]);
    expect(areLoaded(users[0]?.tags[0] as Tag, "users")).toEqual([false]);
  });

  it("loads both ends of a one-to-one", async () => {
    const session = await openSession(Base, ROWS);
    const users = await session.all(select(User).orderBy(User.c.id).options(selectinLoad(User.c.profile)));
    expect(users.map(({ profile }) => profile?.motto ?? null)).toEqual(["carpe diem", null, null]);
    session.take();
    expect(users[0]?.profile?.user).toBe(users[0]);

    const other = await openSession(Base, ROWS);
    const [profile] = await other.all(select(Profile).options(selectinLoad(Profile.c.user)));
    other.take();
    expect(profile?.user?.profile).toBe(profile);
  });

  it("loads by conditions that are more than equal columns", async () => {
    const session = await openSession(Base, ROWS);
    const users = await session.all(select(User).orderBy(User.c.id).options(selectinLoad(User.c.homes)));
    expect(users.map(({ homes }) => homes.map(({ email }) => email))).toEqual([["a@x"], ["c@x"], []]);
  });

  it("follows paths to any depth", async () => {
    const session = await openSession(Base, ROWS);
    const groups = await session.all(
      select(Group)
        .orderBy(Group.c.id)
        .options(
          selectinLoad(Group.c.users).selectinLoad(User.c.addresses).selectinLoad(Address.c.letters),
          selectinLoad(Group.c.users).selectinLoad(User.c.tags),
        ),
    );
    expect(session.take()).toHaveLength(5);
    expect(groups.map(({ users }) => users.map(({ name }) => name))).toEqual([["ed", "jack"], []]);
    const [ed] = groups[0]?.users ?? [];
    expect(ed?.addresses[1]?.letters.map(({ title }) => title)).toEqual(["hi", "ho"]);
    expect(ed?.addresses[0]?.letters).toEqual([]);
    expect(ed?.tags).toHaveLength(2);
    expect(ed?.addresses[1]?.letters[0]).toBeInstanceOf(Letter);
  });

  it("goes as deep into a self-referential relationship as the path says", async () => {
    const session = await openSession(Base, ROWS);
    const [root] = await session.all(
      select(Node).where(Node.c.id.eq(1)).options(selectinLoad(Node.c.children).selectinLoad(Node.c.children)),
    );
    expect(session.take()).toHaveLength(3);
    expect(root?.children.map(({ name, children }) => [name, children.map((child) => child.name)])).toEqual([
      ["left", ["leaf"]],
      ["right", []],
    ]);
    const leaf = root?.children[0]?.children[0] as Node;
    expect(leaf.parent).toBe(root?.children[0]);
    expect(areLoaded(leaf, "children")).toEqual([false]);
  });

  it("loads rows that refer to themselves", async () => {
    const session = await openSession(Base, ROWS);
    const [node] = await session.all(
      select(Node).where(Node.c.id.eq(5)).options(selectinLoad(Node.c.children), selectinLoad(Node.c.parent)),
    );
    expect(node?.children).toEqual([node]);
    expect(node?.parent).toBe(node);
  });

  it("loads composite keys", async () => {
    for (const rowValues of [true, false]) {
      const session = await openSession(Base, ROWS, limited(1000, rowValues));
      const shelves = await session.all(
        select(Shelf).orderBy(Shelf.c.room, Shelf.c.code).options(selectinLoad(Shelf.c.books)),
      );
      expect(shelves.map(({ books }) => books.map(({ id }) => id))).toEqual([[1, 2], [], [3]]);

      const other = await openSession(Base, ROWS, limited(1000, rowValues));
      const books = await other.all(select(Book).orderBy(Book.c.id).options(selectinLoad(Book.c.shelf)));
      expect(books.map(({ shelf }) => shelf && `${shelf.room}${shelf.code}`)).toEqual(["1a", "1a", "2a", null, null]);
      expect(other.take()).toHaveLength(2);
    }
  });

  it("asks for no more keys at once than the database takes parameters", async () => {
    const session = await openSession(Base, [], limited(110));
    await session.run(
      "INSERT INTO users (id, name) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25) SELECT i, 'u' || i FROM n",
      "INSERT INTO addresses (id, email, user_id) SELECT id, name || '@x', id FROM users",
    );
    const users = await session.all(select(User).options(selectinLoad(User.c.addresses)));
    expect(session.take()).toHaveLength(4);
    expect(users.map(({ addresses }) => addresses[0]?.email)).toEqual(users.map(({ name }) => `${name}@x`));
  });

  it("leaves a relationship that is loaded as it is, and follows the path from there", async () => {
    const session = await openSession(Base, ROWS);
    const load = selectinLoad(User.c.addresses);
    const [ed] = await session.all(select(User).where(User.c.id.eq(1)).options(load));
    ed?.addresses.push(new Address({ email: "new@x" }));
    session.take();
    await session.all(select(User).where(User.c.id.eq(1)).options(load.selectinLoad(Address.c.letters)));
    expect(ed?.addresses.map(({ email }) => email)).toEqual(["b@x", "a@x", "new@x"]);
    expect(ed?.addresses[1]?.letters).toHaveLength(2);
    expect(session.take()).toHaveLength(2);
  });

  it("keeps what was added to and removed from a collection before it was loaded", async () => {
    const session = await openSession(Base, ROWS);
    const [ed] = await session.all(select(User).where(User.c.id.eq(1)));
    const [first] = await session.all(select(Address).where(Address.c.id.eq(1)));
    const added = new Address({ email: "new@x" });
    (ed as User).addresses.push(added);
    (first as Address).user = null;
    await loadRelationship(session.context, relationship(User, "addresses"), [entityOf(ed as User)]);
    expect(ed?.addresses.map(({ email }) => email)).toEqual(["b@x", "new@x"]);
  });

  it("starts from the alias that the path names", async () => {
    const session = await openSession(Base, ROWS);
    const child = alias(Node);
    const rows = await session.all(
      select(Node, child)
        .join(Node.c.children.to(child))
        .where(Node.c.id.eq(1), child.c.id.eq(2))
        .options(selectinLoad(child.c.children)),
    );
    const [root, left] = rows[0] ?? [];
    expect(areLoaded(root as Node, "children")).toEqual([false]);
    expect(left?.children.map(({ name }) => name)).toEqual(["leaf"]);
  });

  it("refuses paths that fit nothing", async () => {
    const session = await openSession(Base, ROWS);
    await expect(session.all(select(User).options(selectinLoad(Node.c.children)))).rejects.toThrow(
      "options() has a load path that starts with Node.children, but no Node is selected.",
    );
    await expect(
      session.all(select(User).options(selectinLoad(User.c.addresses).joinedLoad(Node.c.children))),
    ).rejects.toThrow(/goes on with Node.children, but what it has reached are objects of Address/);
  });

  it("loads through joins and back", async () => {
    const session = await openSession(Base, ROWS);
    const [address] = await session.all(
      select(Address).where(Address.c.id.eq(3)).options(joinedLoad(Address.c.user).selectinLoad(User.c.tags)),
    );
    expect(address?.user?.tags.map(({ name }) => name)).toEqual(["blue"]);
    expect(session.take()).toHaveLength(2);
  });
});
