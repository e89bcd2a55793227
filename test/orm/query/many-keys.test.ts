import { declarativeBase, foreignKey, integer, manyToOne, oneToMany, Session, select, selectinLoad } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../../support/databases.ts";
import { rowsOf, StatementLog } from "../../support/statements.ts";

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

class Place extends Base("place", {
  x: integer().primaryKey(),
  y: integer().primaryKey(),
  get things() {
    return oneToMany(Thing, { backPopulates: "place", cascade: "all, delete-orphan" });
  },
}) {}

class Thing extends Base("thing", {
  id: integer().primaryKey(),
  x: integer().notNull(),
  y: integer().notNull(),
  get place() {
    return manyToOne(Place, { backPopulates: "things" });
  },
  get tableArgs() {
    return [foreignKey([Thing.c.x, Thing.c.y], [Place.c.x, Place.c.y])];
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

  it("come for thousands of composite keys, and are deleted with their owners", async () => {
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    session.addAll(Array.from({ length: 6000 }, (_, n) => new Place({ x: n, y: -n })));
    await session.flush();
    session.addAll([10, 5990].map((n) => new Thing({ id: n, x: n, y: -n })));
    await session.commit();
    session.clear();
    const places = await session.all(select(Place).orderBy(Place.c.x).options(selectinLoad(Place.c.things)));
    expect(places.flatMap(({ x, things }) => things.map(({ id }) => [x, id]))).toEqual([
      [10, 10],
      [5990, 5990],
    ]);
    session.clear();
    for (const place of await session.all(select(Place))) session.delete(place);
    await session.commit();
    expect([await rowsOf(engine, "SELECT * FROM place"), await rowsOf(engine, "SELECT * FROM thing")]).toEqual([
      [],
      [],
    ]);
    await session.close();
    await engine.dispose();
  });
});
