import { declarativeBase, integer, manyToOne, oneToMany, Session, unique } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// Objects join a collection that is left to ON DELETE CASCADE and not loaded, and its owner is deleted.

onEveryDatabase(
  "a child that has joined an owner is deleted with it, whatever the owner's other children are",
  (database) => {
    async function setUp() {
      const Base = declarativeBase();
      class Owner extends Base("owner", {
        id: integer().primaryKey(),
        get tasks() {
          return oneToMany(Task, { backPopulates: "owner", cascade: "all, delete-orphan", passiveDeletes: true });
        },
      }) {}
      class Task extends Base("task", {
        id: integer().primaryKey(),
        position: integer().notNull(),
        get ownerId() {
          return integer().notNull().references(Owner.c.id, { onDelete: "cascade" });
        },
        get owner() {
          return manyToOne(Owner, { backPopulates: "tasks" });
        },
        get tableArgs() {
          return [unique("task_position", Task.c.ownerId, Task.c.position)];
        },
      }) {}
      const engine = database.open();
      await Base.metadata.createAll(engine);
      const session = new Session(engine);
      for (const id of [1, 2]) session.add(new Owner({ id, tasks: [new Task({ id, position: 1 })] }));
      await session.commit();
      session.clear();
      const owners = [await session.get(Owner, 1), await session.get(Owner, 2)] as [Owner, Owner]; // they are there
      const moved = (await session.get(Task, 1)) as Task; // as above
      const close = async (): Promise<void> => {
        await session.close();
        await engine.dispose();
      };
      return { Task, engine, session, owners, moved, log: new StatementLog(engine), close };
    }

    it("one that comes from another owner is not written in the place of one that goes", async () => {
      const { engine, session, owners, moved, log, close } = await setUp();
      moved.owner = owners[1];
      session.delete(owners[1]);
      await session.commit();
      expect(log.writes).toEqual(["DELETE task", "DELETE owner"]);
      expect(await rowsOf(engine, "select id from owner")).toEqual([[1]]);
      expect(await rowsOf(engine, "select id from task")).toEqual([]);
      await close();
    });

    it("both owners are deleted", async () => {
      const { engine, session, owners, moved, close } = await setUp();
      owners[1].tasks.push(moved);
      for (const owner of owners) session.delete(owner);
      await session.commit();
      expect(await rowsOf(engine, "select id from owner union select id from task")).toEqual([]);
      await close();
    });

    it("a new one is not written at all, and a rollback brings the others back", async () => {
      const { Task, engine, session, owners, moved, log, close } = await setUp();
      const added = new Task({ id: 3, position: 1, owner: owners[1] });
      moved.owner = owners[1];
      session.delete(owners[1]);
      await session.flush();
      expect(log.writes).toEqual(["DELETE task", "DELETE owner"]);
      await session.rollback();
      expect([moved.ownerId, added.id]).toEqual([1, 3]);
      expect(await rowsOf(engine, "select id, owner_id from task order by id")).toEqual([
        [1, 1],
        [2, 2],
      ]);
      await close();
    });
  },
);
