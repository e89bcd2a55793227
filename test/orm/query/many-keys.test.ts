import { declarativeBase, integer, manyToOne, oneToMany, Session, select, selectinLoad } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../../support/databases.ts";
import { StatementLog } from "../../support/statements.ts";

const Base = declarativeBase();

class Shelf extends Base("shelf", {
  id: integer().primaryKey(),
  get books() {
    return oneToMany(Book, { backPopulates: "shelf" });
  },
}) {}

class Book extends Base("book", {
  id: integer().primaryKey(),
  get shelfId() {
    return integer().notNull().references(Shelf.c.id);
  },
  get shelf() {
    return manyToOne(Shelf, { backPopulates: "books" });
  },
}) {}

/** Also negative ones. */
const KEYS = Array.from({ length: 120 }, (_, n) => n - 40);

onEveryDatabase("related rows of many objects", (database) => {
  it("come by one statement, each to its owner", async () => {
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await using writing = new Session(engine);
    writing.addAll(KEYS.map((id) => new Shelf({ id })));
    writing.addAll(KEYS.filter((id) => id % 3 === 0).map((id) => new Book({ id: id + 1000, shelfId: id })));
    await writing.commit();
    const log = new StatementLog(engine);
    const texts: (string | undefined)[] = [];
    for (const count of [60, 75, KEYS.length]) {
      await using session = new Session(engine);
      const statement = select(Shelf).orderBy(Shelf.c.id).limit(count).options(selectinLoad(Shelf.c.books));
      const shelves = await session.all(statement);
      expect(shelves.map(({ id, books }) => [id, books.map((book) => book.id)])).toEqual(
        KEYS.slice(0, count).map((id) => [id, id % 3 === 0 ? [id + 1000] : []]),
      );
      expect(log.all).toHaveLength(2);
      texts.push(log.all[1]?.sql);
      log.clear();
    }
    // MariaDB takes no list as a parameter; the others need one text for any number of keys.
    if (database.name !== "MariaDB") expect(new Set(texts).size).toBe(1);
    await writing.close();
    await engine.dispose();
  });
});
