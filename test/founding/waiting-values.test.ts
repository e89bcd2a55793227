import { check, declarativeBase, integer, type MetaData, manyToOne, or, Session, unique, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// Rows that hold another value for a moment, NULL or one that nobody has: one that their table allows, and that loses nothing.

async function open(database: TestDatabase, metadata: MetaData) {
  const engine = database.open();
  await metadata.createAll(engine);
  const session = new Session(engine);
  const close = async (): Promise<void> => {
    await session.close();
    await engine.dispose();
  };
  return { engine, session, log: new StatementLog(engine), close };
}

onEveryDatabase("a row that waits", (database) => {
  it("keeps the rows that follow its key by ON UPDATE", async () => {
    const Base = declarativeBase();
    class Country extends Base("country", { id: integer().primaryKey(), code: varchar(10).unique() }) {}
    class City extends Base("city", {
      id: integer().primaryKey(),
      get country() {
        return varchar(10).references(Country.c.code, { onUpdate: "cascade" });
      },
    }) {}
    const { engine, session, close } = await open(database, Base.metadata);
    const [a, b] = [new Country({ id: 1, code: "a" }), new Country({ id: 2, code: "b" })];
    session.addAll([a, b]);
    await session.flush();
    const [inA, inB] = [new City({ id: 1, country: "a" }), new City({ id: 2, country: "b" })];
    session.addAll([inA, inB]);
    await session.commit();
    [a.code, b.code] = ["b", "a"];
    await session.commit();
    expect([inA.country, inB.country]).toEqual(["b", "a"]);
    expect(await rowsOf(engine, "select country from city order by id")).toEqual([["b"], ["a"]]);
    await close();
  });

  it("does not wait on a value whose absence makes others let go of it", async () => {
    const Base = declarativeBase();
    class Seat extends Base("seat", {
      id: integer().primaryKey(),
      hall: integer().unique(),
      n: integer(),
      get tableArgs() {
        return [unique("seat_uk", Seat.c.hall, Seat.c.n)];
      },
    }) {}
    class Guest extends Base("guest", {
      id: integer().primaryKey(),
      get hall() {
        return integer().references(Seat.c.hall, { onUpdate: "set null" });
      },
    }) {}
    const { engine, session, close } = await open(database, Base.metadata);
    const [x, y] = [new Seat({ id: 1, hall: 1, n: 1 }), new Seat({ id: 2, hall: 2, n: 2 })];
    session.addAll([x, y]);
    await session.flush();
    session.addAll([new Guest({ id: 1, hall: 1 }), new Guest({ id: 2, hall: 2 })]);
    await session.commit();
    [x.n, y.n] = [2, 1]; // under the hall of their own, nobody's
    await session.commit();
    expect(await rowsOf(engine, "select hall from guest order by id")).toEqual([[1], [2]]);
    await close();
  });

  it("waits on the column that CHECK allows to be NULL", async () => {
    const Base = declarativeBase();
    class Place extends Base("place", {
      id: integer().primaryKey(),
      x: integer(),
      y: integer(),
      get tableArgs() {
        return [unique("place_uk", Place.c.x, Place.c.y), check("place_ck", Place.c.x.isNotNull())];
      },
    }) {}
    const { engine, session, log, close } = await open(database, Base.metadata);
    const [one, two] = [new Place({ id: 1, x: 1, y: 1 }), new Place({ id: 2, x: 2, y: 2 })];
    session.addAll([one, two]);
    await session.commit();
    log.clear();
    [one.x, one.y, two.x, two.y] = [2, 2, 1, 1];
    await session.commit();
    expect(log.writes).toHaveLength(3);
    expect(await rowsOf(engine, "select x, y from place order by id")).toEqual([
      [2, 2],
      [1, 1],
    ]);
    await close();
  });

  it("is linked late by the foreign key that CHECK allows to be NULL", async () => {
    const Base = declarativeBase();
    class Left extends Base("left_side", {
      id: integer().primaryKey(),
      get rightId() {
        return integer().references(Right.c.id);
      },
      get right() {
        return manyToOne(Right);
      },
      get tableArgs() {
        return [check("left_ck", Left.c.rightId.isNotNull())];
      },
    }) {}
    class Right extends Base("right_side", {
      id: integer().primaryKey(),
      get leftId() {
        return integer().references(Left.c.id);
      },
      get left() {
        return manyToOne(Left);
      },
    }) {}
    const { engine, session, close } = await open(database, Base.metadata);
    const left = new Left({});
    const right = new Right({ left });
    left.right = right;
    session.add(left);
    await session.commit();
    expect(await rowsOf(engine, "select right_id from left_side")).toEqual([[right.id]]);
    session.delete(left);
    session.delete(right);
    await session.commit(); // unlinked by the same one
    expect(await rowsOf(engine, "select id from left_side")).toEqual([]);
    await close();
  });

  it("has one of two references all the time where CHECK asks for one", async () => {
    const Base = declarativeBase();
    class Owner extends Base("owner", {
      id: integer().primaryKey(),
      get favouriteId() {
        return integer().references(Thing.c.id);
      },
      get favourite() {
        return manyToOne(Thing, { foreignKeys: [Owner.c.favouriteId] });
      },
    }) {}
    class Thing extends Base("thing", {
      id: integer().primaryKey(),
      get ownerId() {
        return integer().references(Owner.c.id);
      },
      shopId: integer(),
      get owner() {
        return manyToOne(Owner, { foreignKeys: [Thing.c.ownerId] });
      },
      get tableArgs() {
        return [check("thing_ck", or(Thing.c.ownerId.isNotNull(), Thing.c.shopId.isNotNull()))];
      },
    }) {}
    const { engine, session, close } = await open(database, Base.metadata);
    const owner = new Owner({});
    const thing = new Thing({ owner });
    owner.favourite = thing;
    session.addAll([thing, owner]);
    await session.commit();
    expect(await rowsOf(engine, "select favourite_id from owner")).toEqual([[thing.id]]);
    expect(await rowsOf(engine, "select owner_id from thing")).toEqual([[owner.id]]);
    await close();
  });

  it("steps aside for a text that only the collation takes for its own", async () => {
    const Base = declarativeBase();
    class Person extends Base("person", {
      id: integer().primaryKey(),
      name: varchar(10).collate({ sqlite: "NOCASE", mysql: "utf8mb4_general_ci" }).notNull().unique(),
    }) {}
    const { engine, session, log, close } = await open(database, Base.metadata);
    const [x, y] = [new Person({ id: 1, name: "Müller" }), new Person({ id: 2, name: "Meier" })];
    session.addAll([x, y]);
    await session.commit();
    log.clear();
    [x.name, y.name] = ["Meier", "Muller"];
    await session.commit();
    expect(log.writes).toHaveLength(database.capabilities.comparesWithoutCase ? 3 : 2); // where case counts, they are not alike
    expect(await rowsOf(engine, "select name from person order by id")).toEqual([["Meier"], ["Muller"]]);
    await close();
  });
});
