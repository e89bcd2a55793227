import {
  DuplicateIdentityError,
  declarativeBase,
  inspect,
  integer,
  manyToOne,
  oneToMany,
  Session,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// Rows that the database deletes by ON DELETE CASCADE, because the session deletes what they refer to.

onEveryDatabase("an object is changed whose row goes with the one that it refers to", (database) => {
  for (const isVersioned of [false, true]) {
    it(`is written before that one is deleted${isVersioned ? ", with its version" : ""}`, async () => {
      const Base = declarativeBase();
      class Parent extends Base("parent", { id: integer().primaryKey() }) {}
      class Child extends Base("child", {
        id: integer().primaryKey(),
        version: integer().notNull().default(0),
        size: integer(),
        get parentId() {
          return integer().references(Parent.c.id, { onDelete: "cascade" });
        },
        get mapperArgs() {
          return isVersioned ? { versionId: Child.c.version } : {};
        },
      }) {}
      const engine = database.open();
      await Base.metadata.createAll(engine);
      const session = new Session(engine);
      const parents = [1, 2].map((id) => new Parent({ id })) as [Parent, Parent];
      const children = parents.map(({ id }) => new Child({ id, parentId: id })) as [Child, Child];
      session.addAll([...parents, ...children]);
      await session.commit();
      const log = new StatementLog(engine);
      for (const child of children) child.size = 2;
      session.delete(parents[0]);
      expect((await session.plan()).orders.map(({ reason }) => reason)).toEqual([
        "Parent#1 takes Child#1 along by child(parent_id)",
      ]);
      await session.commit();
      expect(log.writes).toEqual(["UPDATE child", "DELETE parent"]);
      expect(await rowsOf(engine, "select id, size from child")).toEqual([[2, 2]]);
      await session.close();
      await engine.dispose();
    });
  }
});

onEveryDatabase(
  "rows that refer to rows of which the session knows nothing, which go along with a deleted one",
  (database) => {
    /** Houses have flats, flats have rooms, and these have chairs. Deleting a house deletes its flats and their rooms. */
    async function setUp(onDelete: "cascade" | null) {
      const Base = declarativeBase();
      class House extends Base("house", { id: integer().primaryKey() }) {}
      class Flat extends Base("flat", {
        id: integer().primaryKey(),
        get houseId() {
          return integer().notNull().references(House.c.id, { onDelete: "cascade" });
        },
      }) {}
      class Room extends Base("room", {
        id: integer().primaryKey(),
        get flatId() {
          return integer().notNull().references(Flat.c.id, { onDelete: "cascade" });
        },
      }) {}
      class Chair extends Base("chair", {
        id: integer().primaryKey(),
        size: integer(),
        name: integer().unique(),
        get roomId() {
          return integer()
            .notNull()
            .references(Room.c.id, onDelete === null ? {} : { onDelete });
        },
      }) {}
      const engine = database.open();
      await Base.metadata.createAll(engine);
      const session = new Session(engine);
      for (const table of [
        [1, 2].map((id) => new House({ id })),
        [1, 2].map((id) => new Flat({ id, houseId: id })),
        [1, 2].map((id) => new Room({ id, flatId: id })),
        [1, 2].map((id) => new Chair({ id, roomId: id, name: id })),
      ]) {
        session.addAll(table);
        await session.flush();
      }
      await session.commit();
      session.clear();
      const house = (await session.get(House, 1)) as House; // it is there
      const chair = (await session.get(Chair, 1)) as Chair; // as above
      const close = async (): Promise<void> => {
        await session.close();
        await engine.dispose();
      };
      return { Flat, Room, Chair, engine, session, house, chair, log: new StatementLog(engine), close };
    }

    const chairs = "select id, room_id, size from chair order by id";

    it.each(["cascade", null] as const)("leave them before (ON DELETE %s)", async (onDelete) => {
      const { engine, session, house, chair, log, close } = await setUp(onDelete);
      session.delete(house);
      chair.roomId = 2;
      await session.commit();
      expect(log.writes).toEqual(["UPDATE chair", "DELETE house"]);
      expect(await rowsOf(engine, chairs)).toEqual([
        [1, 2, null],
        [2, 2, null],
      ]);
      await close();
    });

    it("leave them for a new one", async () => {
      const { Room, Flat, engine, session, house, chair, close } = await setUp("cascade");
      session.delete(house);
      session.addAll([new Flat({ id: 3, houseId: 2 }), new Room({ id: 4, flatId: 3 })]);
      chair.roomId = 4;
      await session.commit();
      expect(await rowsOf(engine, chairs)).toEqual([
        [1, 4, null],
        [2, 2, null],
      ]);
      await close();
    });

    it("are deleted before", async () => {
      const { engine, session, house, chair, close } = await setUp(null);
      session.delete(house);
      session.delete(chair);
      await session.commit();
      expect(await rowsOf(engine, chairs)).toEqual([[2, 2, null]]);
      await close();
    });

    it("are written before they go along as well", async () => {
      const { engine, session, house, chair, close } = await setUp("cascade");
      session.delete(house);
      chair.size = 3;
      await session.commit();
      expect(await rowsOf(engine, chairs)).toEqual([[2, 2, null]]);
      await close();
    });

    it("give their unique values to others that stay", async () => {
      const { Chair, engine, session, house, close } = await setUp("cascade");
      const stays = (await session.get(Chair, 2)) as InstanceType<typeof Chair>; // it is there
      session.delete(house);
      stays.name = 1;
      session.add(new Chair({ id: 3, roomId: 2, name: 2 }));
      await session.commit();
      expect(await rowsOf(engine, "select id, name from chair order by id")).toEqual([
        [2, 1],
        [3, 2],
      ]);
      await close();
    });
  },
);

onEveryDatabase(
  "a row that leaves one which goes with another one, by ON DELETE CASCADE, and takes a value of that",
  (database) => {
    async function setUp({ passiveDeletes = false } = {}) {
      const Base = declarativeBase();
      class Folder extends Base("folder", {
        id: integer().primaryKey(),
        name: varchar(10).notNull().unique(),
        get parentId() {
          return integer().references(Folder.c.id, { onDelete: "cascade" });
        },
        get parent() {
          return manyToOne(Folder, { backPopulates: "folders", remoteSide: [Folder.c.id] });
        },
        get folders() {
          return oneToMany(Folder, { backPopulates: "parent", cascade: "all, delete-orphan", passiveDeletes });
        },
      }) {}
      const engine = database.open();
      await Base.metadata.createAll(engine);
      const session = new Session(engine);
      const below = new Folder({ id: 4, name: "d" });
      const top = new Folder({ id: 1, name: "a", folders: [new Folder({ id: 2, name: "b" })] });
      top.folders[0]?.folders.push(new Folder({ id: 3, name: "c", folders: [below] }));
      const other = new Folder({ id: 9, name: "z" });
      session.addAll([top, other]);
      await session.commit();
      const folders = () => rowsOf(engine, "select id, name, parent_id from folder order by id");
      const close = async () => {
        await session.close();
        await engine.dispose();
      };
      return { Folder, engine, session, top, below, other, folders, close };
    }

    it.each(["a", "b", "c"])("is written before: the value of %s", async (name) => {
      const { session, top, below, other, folders, close } = await setUp();
      below.parent = other;
      below.name = name;
      session.delete(top);
      await session.commit();
      expect(await folders()).toEqual([
        [4, name, 9],
        [9, "z", null],
      ]);
      await close();
    });

    it("is written before, where the session does not know the one that it leaves", async () => {
      const { Folder, engine, session, folders, close } = await setUp({ passiveDeletes: true });
      session.clear();
      const found = async (id: number): Promise<InstanceType<typeof Folder>> => {
        const folder = await session.get(Folder, id);
        if (folder === null) throw new Error("it was stored");
        return folder;
      };
      const [top, below] = [await found(1), await found(4)];
      const log = new StatementLog(engine);
      below.parentId = 9;
      below.name = "a";
      session.add(new Folder({ id: 10, name: "b", parentId: 9 }));
      session.delete(top);
      const { orders } = await session.plan();
      expect(orders.map(({ reason }) => reason)).toContain(
        "Folder#4 leaves by folder(parent_id) what may go along with Folder#1",
      );
      await session.commit();
      expect(log.writes).toEqual(["UPDATE folder", "UPDATE folder", "DELETE folder", "INSERT folder"]);
      expect(await folders()).toEqual([
        [4, "a", 9],
        [9, "z", null],
        [10, "b", 9],
      ]);
      await close();
    });

    it.each(["a", "b", "c"])("refers to nothing until what it goes to has the value of %s", async (name) => {
      const { Folder, session, top, below, other, folders, close } = await setUp();
      below.parent = new Folder({ id: 10, name, parent: other });
      session.delete(top);
      await session.commit();
      expect(await folders()).toEqual([
        [4, "d", 10],
        [9, "z", null],
        [10, name, 9],
      ]);
      await close();
    });
  },
);

async function setUpGroups(database: TestDatabase) {
  const cascade = { onDelete: "cascade" } as const;
  const Base = declarativeBase();
  class House extends Base("house", { id: integer().primaryKey() }) {}
  class Group extends Base("grp", {
    code: varchar(10).primaryKey(),
    get houseId() {
      return integer().references(House.c.id, cascade);
    },
    get members() {
      return oneToMany(Member, { backPopulates: "group", cascade: "all", passiveDeletes: true });
    },
  }) {}
  class Member extends Base("member", {
    id: integer().primaryKey(),
    name: varchar(10),
    get groupCode() {
      return varchar(10).references(Group.c.code, cascade);
    },
    get group() {
      return manyToOne(Group, { backPopulates: "members" });
    },
  }) {}
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  session.addAll([1, 2].map((id) => new House({ id })));
  await session.flush();
  session.addAll(
    ["a", "b"].map((code, i) => new Group({ code, houseId: i + 1, members: [new Member({ id: i + 1, name: code })] })),
  );
  await session.commit();
  session.clear();
  const found = async <T>(promise: Promise<T | null>): Promise<T> => {
    const object = await promise;
    if (object === null) throw new Error("it was stored");
    return object;
  };
  const a = await found(session.get(Group, "a"));
  const [first, second] = [await found(session.get(Member, 1)), await found(session.get(Member, 2))];
  const members = () => rowsOf(engine, "select id, name, group_code from member order by id");
  const close = async () => {
    await session.close();
    await engine.dispose();
  };
  return { House, Group, Member, session, a, first, second, found, members, close };
}

onEveryDatabase("the key of a row that goes with the one that it refers to, unloaded", (database) => {
  it("may be that of a new object", async () => {
    const { Group, Member, session, a, second, found, members, close } = await setUpGroups(database);
    session.delete(await found(session.get(Group, "b")));
    const added = new Member({ id: 2, name: "new", group: a });
    session.add(added);
    await session.flush();
    expect(await session.get(Member, 2)).toBe(added);
    expect(inspect(second).state).toBe("deleted");
    await session.rollback();
    expect(await session.get(Member, 2)).toBe(second);
    expect([second.name, second.groupCode]).toEqual(["b", "b"]);
    session.delete(await found(session.get(Group, "b")));
    session.add(added);
    await session.commit();
    expect(await members()).toEqual([
      [1, "a", "a"],
      [2, "new", "a"],
    ]);
    await close();
  });

  it("may be that of a stored one", async () => {
    const { Group, Member, session, first, second, found, members, close } = await setUpGroups(database);
    session.delete(await found(session.get(Group, "b")));
    first.id = 2;
    await session.commit();
    expect(await session.get(Member, 2)).toBe(first);
    expect(session.has(second)).toBe(false);
    await session.commit();
    expect(await members()).toEqual([[2, "a", "a"]]);
    await close();
  });

  it("also at the end of several foreign keys, one of which no relationship has", async () => {
    const { House, Group, Member, session, a, found, members, close } = await setUpGroups(database);
    session.delete(await found(session.get(House, 2)));
    const added = new Member({ id: 2, name: "new", group: a });
    session.add(added);
    await session.commit();
    expect(await session.get(Group, "b")).toBeNull();
    await session.commit();
    expect(await members()).toEqual([
      [1, "a", "a"],
      [2, "new", "a"],
    ]);
    await close();
  });

  it("is refused to others where the row stays: it refers to another one, or to another one by now", async () => {
    const { Group, Member, session, a, first, second, found, close } = await setUpGroups(database);
    session.delete(await found(session.get(Group, "b")));
    session.add(new Member({ id: 1, name: "new" }));
    await expect(session.flush()).rejects.toThrow(DuplicateIdentityError);
    await session.rollback();
    session.delete(await found(session.get(Group, "b")));
    second.group = a;
    first.id = 2;
    await expect(session.flush()).rejects.toThrow(DuplicateIdentityError);
    await session.rollback();
    await close();
  });
});

onEveryDatabase("rows go along with each other in a long chain", (database) => {
  it("and a new object takes the key of the last one", async () => {
    const LENGTH = 6_000;
    const Base = declarativeBase();
    class Node extends Base("node", {
      id: integer().primaryKey(),
      get parentId() {
        return integer().references(Node.c.id, { onDelete: "cascade" }).index();
      },
      get parent() {
        return manyToOne(Node, { remoteSide: [Node.c.id] });
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    const nodes: Node[] = [];
    for (let id = 1; id <= LENGTH; id++) nodes.push(new Node({ id, parentId: id === 1 ? null : id - 1 }));
    session.addAll(nodes);
    await session.commit();
    session.delete(nodes[0] as Node);
    const next = new Node({ id: LENGTH });
    session.add(next);
    await session.commit();
    expect(await rowsOf(engine, "select id, parent_id from node")).toEqual([[LENGTH, null]]);
    expect(nodes.every((node) => inspect(node).state === "detached")).toBe(true);
    expect([inspect(next).state, next.parentId]).toEqual(["persistent", null]);
    await session.close();
    await engine.dispose();
  });
});
