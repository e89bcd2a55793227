import {
  boolean,
  declarativeBase,
  enumeration,
  FlushCycleError,
  integer,
  manyToOne,
  oneToMany,
  Session,
  unique,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// Rows that refer to each other by foreign keys which must not be NULL, so that no UPDATE can link them later.

interface RingOptions {
  readonly onDelete?: "cascade" | "set null";
  readonly deferrable?: boolean;
}

function ringModels(options: RingOptions = {}) {
  const Base = declarativeBase();
  class Ship extends Base("ship", {
    id: integer().primaryKey(),
    name: varchar(20),
    get captainId() {
      return integer().notNull().references(Sailor.c.id, options);
    },
    get captain() {
      return manyToOne(Sailor, { foreignKeys: [Ship.c.captainId] });
    },
  }) {}
  class Sailor extends Base("sailor", {
    id: integer().primaryKey(),
    rank: integer().default(1),
    title: varchar(20).serverDefault("captain"),
    get shipId() {
      return integer().notNull().references(Ship.c.id, options);
    },
    get ship() {
      return manyToOne(Ship, { foreignKeys: [Sailor.c.shipId] });
    },
  }) {}
  class Node extends Base("node", {
    id: integer().primaryKey(),
    name: varchar(20).serverDefault("fresh"),
    get nextId() {
      return integer().notNull().references(Node.c.id, options);
    },
    get next() {
      return manyToOne(Node, { remoteSide: [Node.c.id] });
    },
  }) {}
  return { Base, Ship, Sailor, Node };
}

async function setUp(database: TestDatabase, options?: RingOptions) {
  const models = ringModels(options);
  const engine = database.open();
  await models.Base.metadata.createAll(engine);
  const log = new StatementLog(engine);
  const { deferForeignKeys, sharesStatement } = database.capabilities;
  const session = (suspendForeignKeyChecks = !deferForeignKeys && !sharesStatement): Session =>
    new Session(engine, { suspendForeignKeyChecks });
  return { ...models, engine, log, session };
}

function shipAndCaptain({ Ship, Sailor }: ReturnType<typeof ringModels>, keys: { readonly id?: number } = { id: 1 }) {
  const ship = new Ship({ ...keys, name: "Argo" });
  const captain = new Sailor({ ...keys, ship });
  ship.captain = captain;
  return { ship, captain };
}

onEveryDatabase("a ring over two tables", (database) => {
  const { deferForeignKeys, sharesStatement, drawsKeys } = database.capabilities;

  it("is written and deleted when the keys are known", async () => {
    const { engine, session, log, ...models } = await setUp(database);
    await using work = session();
    const { ship, captain } = shipAndCaptain(models);
    work.add(ship);
    await work.commit();
    expect(await rowsOf(engine, "select s.id, c.id, rank from ship s join sailor c on c.id = s.captain_id")).toEqual([
      [1, 1, 1],
    ]);
    expect(log.writes).toHaveLength(sharesStatement ? 1 : 2);
    expect(captain.title).toBe("captain");
    log.clear();
    work.delete(ship);
    work.delete(captain);
    await work.commit();
    expect(await rowsOf(engine, "select id from ship union select id from sailor")).toEqual([]);
    expect(log.writes).toHaveLength(sharesStatement ? 1 : 2);
  });

  it.runIf(drawsKeys)("is written when a sequence makes the keys", async () => {
    const { engine, session, log, ...models } = await setUp(database);
    await using work = session();
    const { ship, captain } = shipAndCaptain(models, {});
    work.add(ship);
    await work.commit();
    expect(log.writes).toHaveLength(1);
    expect(await rowsOf(engine, "select s.id, s.captain_id, c.id, c.ship_id from ship s, sailor c")).toEqual([
      [ship.id, captain.id, captain.id, ship.id],
    ]);
  });

  it.runIf(!drawsKeys)("is refused before any statement when the database makes the keys with the rows", async () => {
    const { session, log, ...models } = await setUp(database);
    await using work = session();
    work.add(shipAndCaptain(models, {}).ship);
    log.clear();
    await expect(work.flush()).rejects.toThrow(/set the keys yourself/);
    expect(log.all).toEqual([]);
  });

  it.runIf(!deferForeignKeys && !sharesStatement)(
    "is refused before any statement without leave to suspend checks",
    async () => {
      const { session, log, ...models } = await setUp(database);
      await using work = session(false);
      work.add(shipAndCaptain(models).ship);
      log.clear();
      await expect(work.flush()).rejects.toThrow(FlushCycleError);
      expect(log.all).toEqual([]);
    },
  );

  it("is deleted in any order where ON DELETE takes its rows along", async () => {
    const { engine, session, log, ...models } = await setUp(database, { onDelete: "cascade" });
    await using work = session();
    const { ship, captain } = shipAndCaptain(models);
    work.add(ship);
    await work.commit();
    await using other = session(false);
    const loaded = await other.get(models.Ship, 1);
    const sailor = await other.get(models.Sailor, 1);
    if (loaded === null || sailor === null) throw new Error("both were stored");
    log.clear();
    other.delete(loaded);
    other.delete(sailor);
    await other.commit();
    expect(await rowsOf(engine, "select id from ship union select id from sailor")).toEqual([]);
    expect(log.writes).toHaveLength(2);
    expect([ship.id, captain.id]).toEqual([1, 1]);
  });
});

onEveryDatabase("a row that refers to itself and must", (database) => {
  const { checksAtStatementEnd, drawsKeys } = database.capabilities;

  it("is one INSERT when its key is known, and its default comes back", async () => {
    const { Node, engine, session, log } = await setUp(database);
    await using work = session();
    const node = new Node({ id: 5 });
    node.next = node;
    work.add(node);
    await work.commit();
    expect(log.writes).toEqual(["INSERT node"]);
    expect(node.name).toBe("fresh");
    expect(await rowsOf(engine, "select id, next_id, name from node")).toEqual([[5, 5, "fresh"]]);
    work.delete(node);
    await work.commit();
    expect(await rowsOf(engine, "select id from node")).toEqual([]);
  });

  it.runIf(drawsKeys)("is one INSERT when a sequence makes its key, and so is a ring of any size", async () => {
    const { Node, engine, session, log } = await setUp(database);
    await using work = session();
    const node = new Node();
    node.next = node;
    const ring = Array.from({ length: 4 }, () => new Node());
    ring.forEach((one, i) => {
      one.next = ring[(i + 1) % ring.length] ?? one;
    });
    work.addAll([node, ...ring]);
    await work.commit();
    expect(log.writes).toEqual(["INSERT node"]);
    expect(node.nextId).toBe(node.id);
    expect(ring.map(({ nextId }) => nextId)).toEqual([...ring.slice(1), ring[0]].map((one) => one?.id));
    expect(await rowsOf(engine, "select count(*) from node a join node b on b.id = a.next_id")).toEqual([[5]]);
    expect(ring.map(({ name }) => name)).toEqual(Array(4).fill("fresh"));
  });

  it.runIf(!checksAtStatementEnd)("is deleted only with leave to suspend checks", async () => {
    const { Node, engine, session, log } = await setUp(database);
    await using work = session(false);
    const node = new Node({ id: 5 });
    node.next = node;
    work.add(node);
    await work.commit();
    work.delete(node);
    log.clear();
    await expect(work.commit()).rejects.toThrow(FlushCycleError);
    expect(log.all).toEqual([]);
    await work.rollback();
    expect(await rowsOf(engine, "select id from node")).toEqual([[5]]);
  });
});

onEveryDatabase("suspended checks", (database) => {
  it.runIf(!database.capabilities.keysFollow)("are made by the flush, and are on again after an error", async () => {
    const { engine, session, ...models } = await setUp(database);
    await using work = session();
    const { ship } = shipAndCaptain(models);
    work.add(ship);
    await work.commit();
    const other = new models.Sailor({ id: 2, shipId: 1 });
    work.add(other);
    await work.commit();
    work.delete(ship);
    const captain = await work.get(models.Sailor, 1);
    if (captain === null) throw new Error("it was stored");
    work.delete(captain);
    await expect(work.flush()).rejects.toThrow(/sailor would refer by the foreign key .* to ship \(1\)/);
    await work.rollback();
    expect(await rowsOf(engine, "select id from sailor order by id")).toEqual([[1], [2]]);
    expect(await rowsOf(engine, "select @@foreign_key_checks")).toEqual([[1]]);
  });
});

onEveryDatabase("values that leave no room for another one", (database) => {
  function seatModels(reinsert: boolean) {
    const Base = declarativeBase();
    class Hall extends Base("hall", {
      id: integer().primaryKey(),
      get seats() {
        return oneToMany(Seat, { backPopulates: "hall" });
      },
    }) {}
    class Seat extends Base("seat", {
      id: integer().primaryKey(),
      note: varchar(20),
      side: enumeration(["left", "right"]).notNull(),
      front: boolean().notNull(),
      get hallId() {
        return integer().notNull().references(Hall.c.id);
      },
      get hall() {
        return manyToOne(Hall, { backPopulates: "seats" });
      },
      get tableArgs() {
        return [unique("seat_uk", Seat.c.hallId, Seat.c.side, Seat.c.front)];
      },
      get mapperArgs() {
        return { reinsert };
      },
    }) {}
    return { Base, Hall, Seat };
  }

  async function exchange(reinsert: boolean) {
    const { Base, Hall, Seat } = seatModels(reinsert);
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    const [left, right] = [
      new Seat({ id: 1, side: "left", front: true, note: "l" }),
      new Seat({ id: 2, side: "right", front: true, note: "r" }),
    ];
    session.add(new Hall({ id: 1, seats: [left, right] }));
    await session.commit();
    [left.side, right.side] = ["right", "left"];
    return { engine, session, left, right };
  }

  it("are exchanged by a row that is deleted and inserted again, where its class allows it", async () => {
    const { engine, session, left } = await exchange(true);
    const log = new StatementLog(engine);
    await session.commit();
    expect(await rowsOf(engine, "select id, side, note from seat order by id")).toEqual([
      [1, "right", "l"],
      [2, "left", "r"],
    ]);
    expect(log.writes.length).toBeLessThanOrEqual(3);
    expect(left.side).toBe("right");
    left.note = "again";
    await session.commit();
    expect(await rowsOf(engine, "select note from seat where id = 1")).toEqual([["again"]]);
    await session.close();
  });

  it.runIf(!database.capabilities.deferForeignKeys)("are refused before any statement otherwise", async () => {
    const { engine, session } = await exchange(false);
    const log = new StatementLog(engine);
    await expect(session.flush()).rejects.toThrow(FlushCycleError);
    expect(log.all).toEqual([]);
    await session.close();
  });
});
