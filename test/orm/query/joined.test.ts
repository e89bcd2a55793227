import { describe, expect, it } from "vitest";
import { func } from "../../../src/expression/index.ts";
import { entityOf } from "../../../src/orm/instance/index.ts";
import { joinedLoad, selectinLoad } from "../../../src/orm/query/index.ts";
import { alias } from "../../../src/statement/alias.ts";
import { select } from "../../../src/statement/select.ts";
import { Address, Base, Book, Group, Node, Profile, ROWS, Shelf, User } from "./models.ts";
import { areLoaded, openSession } from "./support.ts";

describe("joinedLoad", () => {
  it("loads many-to-one in the same statement", async () => {
    const session = await openSession(Base, ROWS);
    const users = await session.all(select(User).orderBy(User.c.id).options(joinedLoad(User.c.group)));
    expect(session.take()).toHaveLength(1);
    expect(users.map(({ group }) => group?.name ?? null)).toEqual(["staff", "staff", null]);
  });

  it("loads a collection in the same statement, each object once, in its order", async () => {
    const session = await openSession(Base, ROWS);
    const users = await session.all(select(User).orderBy(User.c.id).options(joinedLoad(User.c.addresses)));
    expect(session.take()).toHaveLength(1);
    expect(users.map(({ name, addresses }) => [name, addresses.map(({ email }) => email)])).toEqual([
      ["ed", ["b@x", "a@x"]],
      ["jack", ["c@x"]],
      ["wendy", []],
    ]);
    expect(users[0]?.addresses[0]?.user).toBe(users[0]);
    expect(entityOf(users[0] as User).$changes).toBeNull();
  });

  it("loads two collections of one object without repeating members", async () => {
    const session = await openSession(Base, ROWS);
    const users = await session.all(
      select(User).orderBy(User.c.id).options(joinedLoad(User.c.addresses), joinedLoad(User.c.tags)),
    );
    expect(users.map(({ addresses, tags }) => [addresses.length, tags.map(({ name }) => name)])).toEqual([
      [2, ["blue", "red"]],
      [1, ["blue"]],
      [0, []],
    ]);
  });

  it("loads one-to-one from both sides", async () => {
    const session = await openSession(Base, ROWS);
    const users = await session.all(select(User).orderBy(User.c.id).options(joinedLoad(User.c.profile)));
    expect(users.map(({ profile }) => profile?.motto ?? null)).toEqual(["carpe diem", null, null]);
    expect(users[0]?.profile?.user).toBe(users[0]);
    const other = await openSession(Base, ROWS);
    const [profile] = await other.all(select(Profile).options(joinedLoad(Profile.c.user)));
    expect(profile?.user?.profile).toBe(profile);
  });

  it("follows paths to any depth", async () => {
    const session = await openSession(Base, ROWS);
    const groups = await session.all(
      select(Group)
        .orderBy(Group.c.id)
        .options(joinedLoad(Group.c.users).joinedLoad(User.c.addresses).joinedLoad(Address.c.letters)),
    );
    expect(session.take()).toHaveLength(1);
    expect(groups.map(({ users }) => users.length)).toEqual([2, 0]);
    const ed = groups[0]?.users.find(({ name }) => name === "ed");
    expect(ed?.addresses.map(({ email, letters }) => [email, letters.length])).toEqual([
      ["b@x", 0],
      ["a@x", 2],
    ]);
  });

  it("goes as deep into a self-referential relationship as the path says", async () => {
    const session = await openSession(Base, ROWS);
    const [root] = await session.all(
      select(Node).where(Node.c.id.eq(1)).options(joinedLoad(Node.c.children).joinedLoad(Node.c.children)),
    );
    expect(session.take()).toHaveLength(1);
    expect(root?.children.map(({ name, children }) => [name, children.map((child) => child.name)])).toEqual([
      ["left", ["leaf"]],
      ["right", []],
    ]);
  });

  it("joins an object to itself", async () => {
    const session = await openSession(Base, ROWS);
    const [node] = await session.all(
      select(Node).where(Node.c.id.eq(5)).options(joinedLoad(Node.c.parent), joinedLoad(Node.c.children)),
    );
    expect(node?.parent).toBe(node);
    expect(node?.children).toEqual([node]);
  });

  it("means the same with a limit as without the join", async () => {
    const session = await openSession(Base, ROWS);
    const users = await session.all(
      select(User).orderBy(User.c.name.desc(), User.c.id).limit(2).offset(1).options(joinedLoad(User.c.addresses)),
    );
    expect(session.take()).toHaveLength(1);
    expect(users.map(({ name, addresses }) => [name, addresses.length])).toEqual([
      ["jack", 1],
      ["ed", 2],
    ]);
  });

  it("keeps an order by what is not selected, and conditions on other joins, under a limit", async () => {
    const session = await openSession(Base, ROWS);
    const users = await session.all(
      select(User)
        .join(User.c.group)
        .where(Group.c.name.eq("staff"))
        .orderBy(func.length(User.c.name).desc(), Group.c.name)
        .limit(1)
        .options(joinedLoad(User.c.addresses), joinedLoad(User.c.group)),
    );
    expect(users.map(({ name, addresses, group }) => [name, addresses.length, group?.name])).toEqual([
      ["jack", 1, "staff"],
    ]);
    expect(session.take()).toHaveLength(1);
  });

  it("keeps the results of several entities apart under a limit", async () => {
    const session = await openSession(Base, ROWS);
    const rows = await session.all(
      select(User, Address, func.length(Address.c.email))
        .join(User.c.addresses)
        .orderBy(Address.c.id)
        .limit(2)
        .options(joinedLoad(User.c.tags), joinedLoad(Address.c.letters)),
    );
    expect(session.take()).toHaveLength(1);
    expect(rows.map(([user, { id, letters }, size]) => [user.tags.length, id, letters.length, size])).toEqual([
      [2, 1, 2, 3],
      [2, 2, 0, 3],
    ]);
  });

  it("needs no subquery for a limit when only single objects are joined", async () => {
    const session = await openSession(Base, ROWS);
    await session.all(select(User).limit(1).options(joinedLoad(User.c.group)));
    expect(session.take()[0]).not.toMatch(/\(SELECT/);
  });

  it("counts groups as without the join", async () => {
    const session = await openSession(Base, ROWS);
    const rows = await session.all(
      select(User, func.count(Address.c.id))
        .join(User.c.addresses)
        .groupBy(User.c.id)
        .orderBy(User.c.id)
        .options(joinedLoad(User.c.addresses), joinedLoad(User.c.group)),
    );
    expect(rows.map(([user, count]) => [user.name, count, user.addresses.length, user.group?.name])).toEqual([
      ["ed", 2, 2, "staff"],
      ["jack", 1, 1, "staff"],
    ]);
  });

  it("is invisible to joins that the query makes itself", async () => {
    const session = await openSession(Base, ROWS);
    const users = await session.all(
      select(User).join(User.c.addresses).where(Address.c.kind.eq("work")).options(joinedLoad(User.c.addresses)),
    );
    expect(users.map(({ addresses }) => addresses.length)).toEqual([2]);
  });

  it("joins conditions that are more than equal columns", async () => {
    const session = await openSession(Base, ROWS);
    const users = await session.all(select(User).orderBy(User.c.id).options(joinedLoad(User.c.homes)));
    expect(users.map(({ homes }) => homes.map(({ email }) => email))).toEqual([["a@x"], ["c@x"], []]);
  });

  it("joins by composite keys", async () => {
    const session = await openSession(Base, ROWS);
    const books = await session.all(select(Book).orderBy(Book.c.id).options(joinedLoad(Book.c.shelf)));
    expect(books.map(({ shelf }) => shelf && `${shelf.room}${shelf.code}`)).toEqual(["1a", "1a", "2a", null, null]);
    const shelves = await session.all(
      select(Shelf).orderBy(Shelf.c.room, Shelf.c.code).limit(2).options(joinedLoad(Shelf.c.books)),
    );
    expect(shelves.map(({ books: own }) => own.map(({ id }) => id))).toEqual([[1, 2], []]);
  });

  it("joins to aliases, in tuples", async () => {
    const session = await openSession(Base, ROWS);
    const child = alias(Node);
    const rows = await session.all(
      select(Node, child.c.name)
        .join(Node.c.children.to(child))
        .orderBy(child.c.id)
        .options(joinedLoad(Node.c.children)),
    );
    expect(rows.map(([node, name]) => [node.name, name, node.children.length])).toEqual([
      ["root", "left", 2],
      ["root", "right", 2],
      ["left", "leaf", 1],
      ["self", "self", 1],
    ]);
    const [aliased] = await session.all(select(child).where(child.c.id.eq(4)).options(joinedLoad(child.c.parent)));
    expect(aliased?.parent?.name).toBe("left");
  });

  it("goes on with a statement of its own", async () => {
    const session = await openSession(Base, ROWS);
    const users = await session.all(
      select(User)
        .orderBy(User.c.id)
        .limit(2)
        .options(
          joinedLoad(User.c.group).selectinLoad(Group.c.users),
          selectinLoad(User.c.addresses).joinedLoad(Address.c.letters),
        ),
    );
    expect(session.take()).toHaveLength(3);
    expect(users[0]?.group?.users).toHaveLength(2);
    expect(users[0]?.addresses[1]?.letters).toHaveLength(2);
  });

  it("leaves a relationship that is loaded as it is", async () => {
    const session = await openSession(Base, ROWS);
    const [ed] = await session.all(select(User).where(User.c.id.eq(1)).options(joinedLoad(User.c.addresses)));
    ed?.addresses.push(new Address({ email: "new@x" }));
    await session.all(select(User).where(User.c.id.eq(1)).options(joinedLoad(User.c.addresses)));
    expect(ed?.addresses).toHaveLength(3);
  });

  it("does not take the row's word for a foreign key that was changed meanwhile", async () => {
    const session = await openSession(Base, ROWS);
    const [ed] = await session.all(select(User).where(User.c.id.eq(1)));
    (ed as User).groupId = 2;
    await session.all(select(User).where(User.c.id.eq(1)).options(joinedLoad(User.c.group)));
    expect(ed?.group?.name).toBe("guests");
    expect(ed?.groupId).toBe(2);
    expect(areLoaded(ed as User, "group")).toEqual([true]);
  });
});
