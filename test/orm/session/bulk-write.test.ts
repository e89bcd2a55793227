import { deleteFrom, func, inspect, NotLoadedError, select, sql, text, update } from "alkahest";
import { describe, expect, it } from "vitest";
import { Child, Group, openDatabase, Parent, User, verbs } from "./models.ts";

describe("update(Class) through a session", () => {
  it("is followed by the objects in memory, without reading them again", async () => {
    const { session: open, take } = await openDatabase();
    const session = open();
    const users = ["a", "b", "c"].map((login) => new User({ login, name: login }));
    session.addAll(users);
    await session.commit();
    take();
    const result = await session.execute(
      update(User)
        .set({ name: "new" })
        .where(User.c.login.in(["a", "b"])),
    );
    expect(result.rowCount).toBe(2);
    expect(verbs(take())).toEqual(["UPDATE users"]);
    expect(users.map(({ name }) => name)).toEqual(["new", "new", "c"]);
    expect(session.dirty.size).toBe(0);
    await session.rollback();
    expect(users.map(({ name }) => name)).toEqual(["a", "b", "c"]);
  });

  it("flushes first, so that conditions hold for what was changed", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const user = new User({ login: "a", name: "x" });
    session.add(user);
    await session.commit();
    user.name = "y";
    await session.execute(update(User).set({ name: "z" }).where(User.c.name.eq("y")));
    expect(user.name).toBe("z");
  });

  it("computes new values from old ones", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const parent = new Parent({ children: [new Child({ z: 1 }), new Child({ z: 20 })] });
    session.add(parent);
    await session.commit();
    await session.execute(
      update(Child)
        .set({ z: Child.c.z.add(1) })
        .where(Child.c.z.lt(10)),
    );
    expect(parent.children.map(({ z }) => z)).toEqual([2, 20]);
    await session.commit();
    expect(await session.all(select(Child.c.z).orderBy(Child.c.z))).toEqual([2, 20]);
  });

  it("reads again what only the database can compute", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const users = ["a", "b"].map((login) => new User({ login, name: login }));
    session.addAll(users);
    await session.commit();
    await session.execute(
      update(User)
        .set({ name: func.upper(User.c.name) })
        .where(sql<boolean>`length(${User.c.login}) = 1 AND ${User.c.login} <> 'b'`),
    );
    expect(users.map(({ name }) => name)).toEqual(["A", "b"]);
    await session.rollback();
    expect(users.map(({ name }) => name)).toEqual(["a", "b"]);
  });

  it("moves objects when it writes foreign keys", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const [p, q] = [new Parent({ children: [new Child({ z: 1 })] }), new Parent()];
    session.addAll([p, q]);
    await session.commit();
    const child = p.children[0]!;
    await session.execute(update(Child).set({ parentId: q.id }));
    expect(child.parentId).toBe(q.id);
    expect([p.children.length, q.children.length]).toEqual([0, 1]);
    expect(q.children[0]).toBe(child);
    expect(child.parent).toBe(q);
    await session.rollback();
    expect([p.children.length, q.children.length]).toEqual([1, 0]);
    expect(child.parent).toBe(p);
  });

  it("gives objects new identities when it writes primary keys", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const user = new User({ login: "a" });
    session.add(user);
    await session.commit();
    await session.execute(update(User).set({ login: "b" }));
    expect(inspect(user).identity).toBe("b");
    expect(await session.get(User, "b")).toBe(user);
    expect(await session.get(User, "a")).toBeNull();
    await session.rollback();
    expect(await session.get(User, "a")).toBe(user);
  });
});

describe("deleteFrom(Class) through a session", () => {
  it("lets the objects leave, and a rollback brings them back", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const [a, b] = [new Group({ name: "a" }), new Group({ name: "b" })];
    session.addAll([a, b]);
    await session.commit();
    await session.execute(deleteFrom(Group).where(Group.c.name.eq("a")));
    expect([a, b].map((group) => inspect(group).state)).toEqual(["deleted", "persistent"]);
    expect(await session.get(Group, a.gid)).toBeNull();
    await session.rollback();
    expect(inspect(a).state).toBe("persistent");
    expect(await session.get(Group, a.gid)).toBe(a);
    await session.execute(deleteFrom(Group).where(Group.c.name.eq("a")));
    await session.commit();
    expect(inspect(a).state).toBe("detached");
  });

  it("asks which rows are left where only the database knows", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const [a, b] = [new Group({ name: "a" }), new Group({ name: "b" })];
    session.addAll([a, b]);
    await session.commit();
    await session.execute(deleteFrom(Group).where(sql<boolean>`${Group.c.name} = 'a'`));
    expect([a, b].map((group) => inspect(group).state)).toEqual(["deleted", "persistent"]);
  });

  it("counts what is expired as unknown", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const group = new Group({ name: "a" });
    session.add(group);
    await session.commit();
    session.expire(group);
    expect(() => group.name).toThrow(NotLoadedError);
    await session.execute(deleteFrom(Group).where(Group.c.name.eq("a")));
    expect(inspect(group).state).toBe("deleted");
  });
});

describe("other statements through a session", () => {
  it("run in its transaction, after a flush", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    session.add(new Group({ gid: 1, name: "a" }));
    const rows = await session.execute(text("SELECT name FROM groups WHERE gid = :gid", { gid: 1 }));
    expect(rows.scalar()).toBe("a");
    await session.rollback();
    expect((await session.execute(text("SELECT name FROM groups"))).all()).toEqual([]);
  });

  it("that select entities give tuples and objects of them", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const group = new Group({ gid: 1, name: "a" });
    session.add(group);
    const tuples = await session.execute(select(Group));
    expect(tuples.all()[0]?.[0]).toBe(group);
    expect(tuples.scalars()[0]).toBe(group);
    const objects = await session.execute(select({ group: Group, name: Group.c.name }));
    expect(objects.one().group).toBe(group);
    expect(objects.one().name).toBe("a");
  });
});
