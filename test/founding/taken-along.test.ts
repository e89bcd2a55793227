import { declarativeBase, integer, Session } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
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
