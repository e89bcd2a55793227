import { check, declarativeBase, enumeration, FlushCycleError, integer, manyToOne, or, Session } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// Rows that are written in several steps, to get out of a circle, and CHECK constraints that they have to keep on the way.

onEveryDatabase(
  "a row leaves a deleted one before it is written, since another row waits for that one's place",
  (database) => {
    /**
     * Item 3 takes the place of item 2, which takes that of item 1, which is deleted as soon as item 3 does not refer to it.
     * Nobody can wait in another place: there is none to make up.
     */
    async function setUp(isNullable: boolean, isFussy: boolean) {
      const Base = declarativeBase();
      class Item extends Base("item", {
        id: integer().primaryKey(),
        place: enumeration(["a", "b", "c", "d", "e"]).notNull().unique(),
        get ownerId() {
          const column = integer().references(Item.c.id);
          return isNullable ? column : column.notNull();
        },
        get owner() {
          return manyToOne(Item, { remoteSide: [Item.c.id] });
        },
        get tableArgs() {
          return isFussy ? [check("item_ck", or(Item.c.ownerId.ne(4), Item.c.place.in(["b", "d"])))] : [];
        },
      }) {}
      const engine = database.open();
      await Base.metadata.createAll(engine);
      const session = new Session(engine);
      const next = new Item({ id: 4, place: "d", ownerId: 4 });
      const base = new Item({ id: 5, place: "e", ownerId: 5 });
      session.addAll([next, base]);
      await session.flush();
      const gone = new Item({ id: 1, place: "a", owner: base });
      const second = new Item({ id: 2, place: "b", owner: base });
      const moving = new Item({ id: 3, place: "c", owner: gone });
      session.addAll([gone, second, moving]);
      await session.commit();
      const log = new StatementLog(engine);
      session.delete(gone);
      [second.place, moving.place, moving.owner] = ["a", "b", next];
      const close = async (): Promise<void> => {
        await session.close();
        await engine.dispose();
      };
      return { engine, session, log, close };
    }

    const changed = [
      [2, "a", 5],
      [3, "b", 4],
      [4, "d", 4],
      [5, "e", 5],
    ];
    const items = "select id, place, owner_id from item order by id";

    it("refers to its next one before", async () => {
      const { engine, session, close } = await setUp(false, false);
      await session.commit();
      expect(await rowsOf(engine, items)).toEqual(changed);
      await close();
    });

    it("refers to nothing before, if a CHECK does not let it refer to its next one in its present place", async () => {
      const { engine, session, close } = await setUp(true, true);
      await session.commit();
      expect(await rowsOf(engine, items)).toEqual(changed);
      await close();
    });

    it("waits for its new place, if it has to refer to another one all the time: put off, or refused", async () => {
      const { engine, session, log, close } = await setUp(false, true);
      if (database.capabilities.deferForeignKeys) {
        await session.commit();
        expect(await rowsOf(engine, items)).toEqual(changed);
      } else {
        await expect(session.flush()).rejects.toThrow(FlushCycleError);
        expect(log.writes).toEqual([]);
        await session.rollback();
      }
      await close();
    });
  },
);

onEveryDatabase("a row is to refer to one that takes the key of the deleted one to which it refers", (database) => {
  it("is not written with the key which that one has still, if a CHECK does not let it", async () => {
    const Base = declarativeBase();
    class Shelf extends Base("shelf", { id: integer().primaryKey() }) {}
    class Book extends Base("book", {
      id: integer().primaryKey(),
      size: integer().notNull(),
      get shelfId() {
        return integer().notNull().references(Shelf.c.id);
      },
      get shelf() {
        return manyToOne(Shelf);
      },
      get tableArgs() {
        return [check("book_ck", or(Book.c.shelfId.ne(2), Book.c.size.gt(1)))];
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine, { suspendForeignKeyChecks: true });
    const [gone, moving] = [new Shelf({ id: 1 }), new Shelf({ id: 2 })];
    const book = new Book({ id: 1, size: 1, shelf: gone });
    session.addAll([gone, moving, book]);
    await session.commit();
    moving.id = 1;
    book.shelf = moving;
    session.delete(gone);
    await session.commit();
    expect(await rowsOf(engine, "select id, shelf_id from book")).toEqual([[1, 1]]);
    expect(await rowsOf(engine, "select id from shelf")).toEqual([[1]]);
    await session.close();
    await engine.dispose();
  });
});
