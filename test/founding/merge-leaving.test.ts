import { declarativeBase, integer, manyToOne, oneToMany, Session, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";

// A group is deleted, and its members with it; what is merged in their places are other objects.

async function setUp(database: TestDatabase) {
  const Base = declarativeBase();
  class Group extends Base("grp", {
    code: varchar(10).primaryKey(),
    note: varchar(10),
    get members() {
      return oneToMany(Member, { backPopulates: "group", cascade: "all, delete-orphan" });
    },
  }) {}
  class Member extends Base("member", {
    get groupCode() {
      return varchar(10).primaryKey().references(Group.c.code);
    },
    number: integer().primaryKey(),
    note: varchar(10),
    badge: integer(),
    get group() {
      return manyToOne(Group, { backPopulates: "members" });
    },
  }) {}
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  const old = new Member({ number: 1, note: "old", badge: 7 });
  const group = new Group({ code: "g", note: "old", members: [old] });
  session.add(group);
  await session.commit();
  session.delete(group);
  const source = () => new Group({ code: "g", members: [new Member({ number: 1 })] });
  const rows = async () => [
    await rowsOf(engine, "select code, note from grp order by code"),
    await rowsOf(engine, "select group_code, number, note from member order by group_code"),
  ];
  const close = async () => {
    await session.close();
    await engine.dispose();
  };
  return { Group, Member, session, group, old, source, rows, close };
}

onEveryDatabase("merge beside a deleted object", (database) => {
  it("twice: the new objects of the first time are found the second time", async () => {
    const { session, old, source, rows, close } = await setUp(database);
    const first = await session.merge(source());
    const [member] = first.members;
    const second = await session.merge(source());
    expect(second).toBe(first);
    expect(second.members).toEqual([member]);
    expect(member).not.toBe(old);
    await session.commit();
    expect(await rows()).toEqual([[["g", null]], [["g", 1, null]]]);
    await close();
  });

  it("makes new members of a group that was added by itself", async () => {
    const { Group, session, old, source, rows, close } = await setUp(database);
    const added = new Group({ code: "g" });
    session.add(added);
    expect(await session.merge(source())).toBe(added);
    expect(added.members[0]).not.toBe(old);
    await session.commit();
    expect(await rows()).toEqual([[["g", null]], [["g", 1, null]]]);
    await close();
  });

  it("does not find what goes with it by another key", async () => {
    const { Group, Member, session, old, rows, close } = await setUp(database);
    session.add(new Group({ code: "h" }));
    const merged = await session.merge(new Member({ badge: 7, note: "new" }), { key: ["badge"] });
    expect(merged).not.toBe(old);
    Object.assign(merged, { groupCode: "h", number: 1 });
    await session.commit();
    expect(await rows()).toEqual([[["h", null]], [["h", 1, "new"]]]);
    await close();
  });

  it("finds a member that was given to another group", async () => {
    const { Group, Member, session, old, rows, close } = await setUp(database);
    old.group = new Group({ code: "h" });
    expect(await session.merge(new Member({ groupCode: "h", number: 1, note: "new" }))).toBe(old);
    await session.commit();
    expect(await rows()).toEqual([[["h", null]], [["h", 1, "new"]]]);
    await close();
  });

  it("takes over the rows of members that are not loaded, with nothing of what they had", async () => {
    const { Group, session, source, rows, close } = await setUp(database);
    session.clear();
    session.delete((await session.get(Group, "g")) as object); // it is there
    const merged = await session.merge(source());
    expect(merged.members[0]?.note).toBeNull();
    await session.commit();
    expect(await rows()).toEqual([[["g", null]], [["g", 1, null]]]);
    await close();
  });

  it("does not find members that are not loaded by another key", async () => {
    const { Group, Member, session, rows, close } = await setUp(database);
    session.clear();
    session.delete((await session.get(Group, "g")) as object); // it is there
    session.add(new Group({ code: "h" }));
    const merged = await session.merge(new Member({ badge: 7, note: "new" }), { key: ["badge"] });
    Object.assign(merged, { groupCode: "h", number: 1 });
    await session.commit();
    expect(await rows()).toEqual([[["h", null]], [["h", 1, "new"]]]);
    await close();
  });
});

onEveryDatabase("merge beside an object that lost its owner", (database) => {
  it("makes another one, and deletes the orphan as the program has said", async () => {
    const Base = declarativeBase();
    class Group extends Base("grp", {
      id: integer().primaryKey(),
      get members() {
        return oneToMany(Member, { backPopulates: "group", cascade: "all, delete-orphan" });
      },
    }) {}
    class Member extends Base("member", {
      id: integer().primaryKey(),
      get groupId() {
        return integer().references(Group.c.id);
      },
      note: varchar(10),
      badge: integer(),
      get group() {
        return manyToOne(Group, { backPopulates: "members" });
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    const orphan = new Member({ id: 1, note: "old", badge: 7 });
    const group = new Group({ id: 1, members: [orphan] });
    session.add(group);
    await session.commit();
    group.members = [];
    const merged = await session.merge(new Member({ id: 1, note: "new" }));
    expect(merged).not.toBe(orphan);
    await session.commit();
    expect(await rowsOf(engine, "select id, group_id, note, badge from member")).toEqual([[1, null, "new", null]]);
    await session.close();
    await engine.dispose();
  });
});
