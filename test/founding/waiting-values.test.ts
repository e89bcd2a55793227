import {
  check,
  declarativeBase,
  func,
  index,
  integer,
  type MetaData,
  manyToOne,
  or,
  Session,
  unique,
  varchar,
} from "alkahest";
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

  it("does not wait on NULL where an expression makes another row's value of that", async () => {
    const Base = declarativeBase();
    class Folder extends Base("folder", {
      id: integer().primaryKey(),
      name: integer().notNull(),
      parent: integer(),
      get tableArgs() {
        const key = [Folder.c.name, func.coalesce(Folder.c.parent, 0)] as const;
        return [index("folder_uk", ...key, { unique: true, skipIfUnsupported: true })];
      },
    }) {}
    const { engine, session, close } = await open(database, Base.metadata);
    const [a, b] = [new Folder({ id: 1, name: 1, parent: 1 }), new Folder({ id: 2, name: 2, parent: 1 })];
    session.addAll([a, b, ...[3, 4].map((id) => new Folder({ id, name: id - 2, parent: null }))]);
    await session.commit();
    [a.name, b.name] = [2, 1];
    await session.commit();
    expect(await rowsOf(engine, "select name, parent from folder order by id")).toEqual([
      [2, 1],
      [1, 1],
      [1, null],
      [2, null],
    ]);
    await close();
  });

  it("does not wait in a place that is only a question, where another column of the key has any number of values", async () => {
    const Base = declarativeBase();
    class Desk extends Base("desk", {
      id: integer().primaryKey(),
      owner: integer(),
      room: integer().notNull(),
      get tableArgs() {
        return [index("desk_uk", Desk.c.owner.isNull(), Desk.c.room, { unique: true, skipIfUnsupported: true })];
      },
    }) {}
    const { engine, session, close } = await open(database, Base.metadata);
    const desks = [1, 2].flatMap((room) => [null, 7].map((owner) => new Desk({ owner, room })));
    session.addAll(desks);
    await session.commit();
    for (const desk of desks) desk.room = 3 - desk.room;
    await session.commit();
    expect(await rowsOf(engine, "select room, owner from desk order by id")).toEqual([
      [2, null],
      [2, 7],
      [1, null],
      [1, 7],
    ]);
    await close();
  });

  it("waits on NULL all the same where nothing else would do, and no row of the flush has what is made of it", async () => {
    const Base = declarativeBase();
    class Node extends Base("node", {
      id: integer().primaryKey(),
      get next() {
        return integer().references(Node.c.id);
      },
      get tableArgs() {
        return [index("node_uk", func.coalesce(Node.c.next, 0), { unique: true, skipIfUnsupported: true })];
      },
    }) {}
    const { engine, session, close } = await open(database, Base.metadata);
    const nodes = [1, 2, 3].map((id) => new Node({ id, next: id }));
    session.addAll(nodes);
    await session.commit();
    for (const node of nodes) node.next = (node.id % 3) + 1;
    await session.commit();
    expect((await rowsOf(engine, "select next from node order by id")).flat()).toEqual([2, 3, 1]);
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
