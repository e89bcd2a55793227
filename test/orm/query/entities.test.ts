import { describe, expect, it } from "vitest";
import { func } from "../../../src/expression/index.ts";
import { entityOf, Status } from "../../../src/orm/instance/index.ts";
import { populateExisting } from "../../../src/orm/query/index.ts";
import { alias } from "../../../src/statement/alias.ts";
import { select } from "../../../src/statement/select.ts";
import { Address, Base, Group, Node, ROWS, Shelf, User } from "./models.ts";
import { areLoaded, openSession } from "./support.ts";

describe("selecting entities", () => {
  it("makes an object of each row, with decoded values", async () => {
    const session = await openSession(Base, ROWS);
    const users = await session.all(select(User).orderBy(User.c.id));
    expect(users.map(({ id, name, active }) => [id, name, active])).toEqual([
      [1, "ed", true],
      [2, "jack", false],
      [3, "wendy", null],
    ]);
    expect(users[0]).toBeInstanceOf(User);
    expect(users[0]?.since).toEqual(new Date("2024-05-01T10:00:00.000Z"));
  });

  it("makes them persistent objects of the session", async () => {
    const session = await openSession(Base, ROWS);
    const [user] = await session.all(select(User).where(User.c.id.eq(2)));
    const entity = entityOf(user as User);
    expect(entity.$status).toBe(Status.persistent);
    expect(entity.$session).toBe(session);
    expect(entity.$key).toBe(2);
    expect(session.modified.size).toBe(0);
  });

  it("gives the same object for the same row, in one query and in several", async () => {
    const session = await openSession(Base, ROWS);
    const pairs = await session.all(select(User, Address).join(User.c.addresses).orderBy(Address.c.id));
    expect(pairs).toHaveLength(3);
    expect(pairs[0]?.[0]).toBe(pairs[1]?.[0]);
    const [again] = await session.all(select(User).where(User.c.name.eq("ed")));
    expect(again).toBe(pairs[0]?.[0]);
  });

  it("repeats an entity as often as an explicit join repeats its row", async () => {
    const session = await openSession(Base, ROWS);
    const users = await session.all(select(User).join(User.c.addresses).orderBy(Address.c.id));
    expect(users.map(({ id }) => id)).toEqual([1, 1, 2]);
  });

  it("leaves what an object holds as it is, changed or not", async () => {
    const session = await openSession(Base, ROWS);
    const [user] = await session.all(select(User).where(User.c.id.eq(1)));
    (user as User).name = "changed";
    await session.run("UPDATE users SET active = 0 WHERE id = 1");
    await session.all(select(User));
    expect(user).toMatchObject({ name: "changed", active: true });
  });

  it("lets the rows win with populateExisting()", async () => {
    const session = await openSession(Base, ROWS);
    const [user] = await session.all(select(User).where(User.c.id.eq(1)));
    (user as User).name = "changed";
    await session.run("UPDATE users SET active = 0 WHERE id = 1");
    await session.all(select(User).options(populateExisting()));
    expect(user).toMatchObject({ name: "ed", active: false });
    expect(entityOf(user as User).$changes).toBeNull();
  });

  it("does not select deferred columns, and keeps them when they are loaded", async () => {
    const session = await openSession(Base, ROWS);
    const [user] = await session.all(select(User).where(User.c.id.eq(1)));
    expect(session.take()[0]).not.toContain("bio");
    expect(areLoaded(user as User, "bio", "name")).toEqual([false, true]);
    expect(() => (user as User).bio).toThrow(/"bio" is not loaded/);
  });

  it("finds objects by composite keys", async () => {
    const session = await openSession(Base, ROWS);
    const shelves = await session.all(select(Shelf).orderBy(Shelf.c.room, Shelf.c.code));
    expect(shelves.map(({ room, code }) => `${room}${code}`)).toEqual(["1a", "1b", "2a"]);
    const again = await session.all(select(Shelf).orderBy(Shelf.c.room, Shelf.c.code));
    expect(again.map((shelf, i) => shelf === shelves[i])).toEqual([true, true, true]);
  });
});

describe("the form of results", () => {
  it("gives several things as tuples, with aggregates", async () => {
    const session = await openSession(Base, ROWS);
    const rows = await session.all(
      select(User, func.count(Address.c.id)).outerJoin(User.c.addresses).groupBy(User.c.id).orderBy(User.c.id),
    );
    expect(rows.map(([user, count]) => [user.name, count])).toEqual([
      ["ed", 2],
      ["jack", 1],
      ["wendy", 0],
    ]);
  });

  it("gives one column unwrapped and decoded", async () => {
    const session = await openSession(Base, ROWS);
    expect(await session.all(select(User.c.active).orderBy(User.c.id))).toEqual([true, false, null]);
  });

  it("gives objects of entities and values by name", async () => {
    const session = await openSession(Base, ROWS);
    const rows = await session.all(
      select({ who: User, email: Address.c.email }).join(User.c.addresses).where(Address.c.id.eq(3)),
    );
    expect(rows).toEqual([{ who: expect.any(User), email: "c@x" }]);
    expect(rows[0]?.who.name).toBe("jack");
  });

  it("gives null for an entity that an outer join did not find", async () => {
    const session = await openSession(Base, ROWS);
    const rows = await session.all(select(User, Group).outerJoin(User.c.group).orderBy(User.c.id));
    expect(rows.map(([user, group]) => [user.name, group?.name ?? null])).toEqual([
      ["ed", "staff"],
      ["jack", "staff"],
      ["wendy", null],
    ]);
  });

  it("selects the same entity twice, and the same column beside its entity", async () => {
    const session = await openSession(Base, ROWS);
    const rows = await session.all(select({ a: User, b: User, id: User.c.id }).where(User.c.id.eq(1)));
    expect(rows[0]?.a).toBe(rows[0]?.b);
    expect(rows[0]?.id).toBe(1);
  });

  it("selects aliases, joined along relationships", async () => {
    const session = await openSession(Base, ROWS);
    const parent = alias(Node);
    const rows = await session.all(
      select(Node, parent).join(Node.c.parent.to(parent)).where(parent.c.name.eq("root")).orderBy(Node.c.id),
    );
    expect(rows.map(([node, above]) => [node.name, above.name])).toEqual([
      ["left", "root"],
      ["right", "root"],
    ]);
    const again = alias(Node);
    const [same] = await session.all(select(again).where(again.c.id.eq(2)));
    expect(same).toBe(rows[0]?.[0]);
  });

  it("reads entities from combined queries", async () => {
    const session = await openSession(Base, ROWS);
    const users = await session.all(
      select(User)
        .where(User.c.id.eq(1))
        .union(select(User).where(User.c.id.eq(3)))
        .orderBy(User.c.id),
    );
    expect(users.map(({ name }) => name)).toEqual(["ed", "wendy"]);
    expect(users[0]).toBeInstanceOf(User);
  });
});
