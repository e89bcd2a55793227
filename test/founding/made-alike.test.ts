import {
  bigint,
  caseWhen,
  check,
  declarativeBase,
  func,
  index,
  integer,
  Session,
  type SqlExpression,
  select,
  text,
  unique,
  varchar,
} from "alkahest";
import fc from "fast-check";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// Unique keys over expressions that make the same of many values. A row that waits on a temporary value must not meet, by what
// the expression makes of that, a row that is not loaded.

const EXPRESSIONS: Readonly<Record<string, (n: SqlExpression<number>) => SqlExpression<number | null>>> = {
  "a remainder": (n) => func.abs(n).mod(7),
  "a remainder of few": (n) => n.mod(7).add(7).mod(7),
  "one for all below zero": (n) => caseWhen([[n.lt(0), 0]], n),
};

onEveryDatabase("a row that waits under a unique key over an expression", (database) => {
  const { partialIndexes } = database.capabilities; // and with them, indexes over expressions
  const places = [...(partialIndexes ? (["an index"] as const) : []), "a computed column" as const];

  function modelOf(
    place: (typeof places)[number],
    expressionOf: (n: SqlExpression<number>) => SqlExpression<number | null>,
  ) {
    const Base = declarativeBase();
    class List extends Base("list", { id: integer().primaryKey() }) {}
    class Indexed extends Base("item", {
      id: integer().primaryKey(),
      get list() {
        return integer().notNull().references(List.c.id);
      },
      n: integer().notNull(),
      get tableArgs() {
        return [index("item_uk", Indexed.c.list, expressionOf(Indexed.c.n), { unique: true })];
      },
    }) {}
    if (place === "an index") return { Base, List, Item: Indexed };
    const Other = declarativeBase();
    class Owner extends Other("list", { id: integer().primaryKey() }) {}
    class Computed extends Other("item", {
      id: integer().primaryKey(),
      get list() {
        return integer().notNull().references(Owner.c.id);
      },
      n: integer().notNull(),
      get m() {
        return integer().computed(expressionOf(Computed.c.n));
      },
      get tableArgs() {
        return [unique("item_uk", Computed.c.list, Computed.c.m)];
      },
    }) {}
    return { Base: Other, List: Owner, Item: Computed };
  }

  for (const [name, expression] of Object.entries(EXPRESSIONS)) {
    for (const place of places) {
      it(`meets no row that is not loaded (${name}, ${place})`, async () => {
        const { Base, List, Item } = modelOf(place, expression);
        const engine = database.open();
        await Base.metadata.createAll(engine);
        const lists = [1, 2];
        await using first = new Session(engine);
        first.addAll(lists.map((id) => new List({ id })));
        await first.commit();
        const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 2, maxLength: 6 });
        const programs = fc.tuple(numbers, fc.infiniteStream(fc.boolean()), fc.infiniteStream(fc.nat(9)));
        const run = async ([before, loads, order]: [number[], Iterator<boolean>, Iterator<number>]): Promise<void> => {
          await engine.begin((connection) => connection.execute(text("delete from item")));
          await using session = new Session(engine);
          const idOf = (list: number, i: number): number => list * 10 + i;
          session.addAll(lists.flatMap((list) => before.map((n, i) => new Item({ id: idOf(list, i), list, n }))));
          await session.commit();
          session.clear();
          const after = new Map(lists.flatMap((list) => before.map((n, i) => [idOf(list, i), n] as const)));
          const ids = [...after.keys()].filter(() => loads.next().value === true);
          const items = await session.all(select(Item).where(Item.c.id.in(ids)));
          for (const list of lists) {
            const own = items.filter((item) => item.list === list);
            const shuffled = own
              .map(({ n }) => [order.next().value as number, n] as const) // it never ends
              .sort(([a], [b]) => a - b);
            for (const [i, item] of own.entries()) {
              item.n = shuffled[i]?.[1] ?? item.n;
              after.set(item.id, item.n);
            }
          }
          await session.commit();
          expect(await rowsOf(engine, "select id, n from item order by id")).toEqual([...after]);
        };
        await fc.assert(fc.asyncProperty(programs, run), { numRuns: 60, seed: 1 });
        await engine.dispose();
      });
    }
  }
});

onEveryDatabase("rows that wait under a unique key over an expression", (database) => {
  const { partialIndexes } = database.capabilities; // and with them, indexes over expressions
  const readsIn = (log: StatementLog): number => log.all.filter(({ sql }) => sql.startsWith("SELECT")).length;

  it("ask once for all, of whatever list they are", async () => {
    const Base = declarativeBase();
    class List extends Base("list", { id: integer().primaryKey() }) {}
    class Step extends Base("step", {
      id: integer().primaryKey(),
      get list() {
        return integer().notNull().references(List.c.id);
      },
      n: integer().notNull(),
      get place() {
        return integer().computed(func.abs(Step.c.n).mod(4));
      },
      get tableArgs() {
        return [unique("step_uk", Step.c.list, Step.c.place)];
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    const log = new StatementLog(engine);
    const lists = Array.from({ length: 200 }, (_, id) => id);
    session.addAll(lists.map((id) => new List({ id })));
    await session.flush();
    // Of places 2 and 3, one is taken in each list, by a row that is not loaded.
    session.addAll(
      lists.flatMap((list) => [0, 1, 2 + (list % 2)].map((n, i) => new Step({ id: list * 3 + i, list, n }))),
    );
    await session.commit();
    session.clear();
    for (const step of await session.all(select(Step).where(Step.c.n.le(1)))) step.n = 1 - step.n;
    log.clear();
    await session.commit();
    expect(readsIn(log)).toBeLessThan(20);
    const rows = await rowsOf(engine, "select id, n from step order by id");
    expect(rows).toEqual(lists.flatMap((list) => [1, 0, 2 + (list % 2)].map((n, i) => [list * 3 + i, n])));
    await engine.dispose();
  });

  it("find the one that is free", async () => {
    const Base = declarativeBase();
    class Big extends Base("big", {
      id: integer().primaryKey(),
      n: bigint().notNull(),
      get rest() {
        return bigint().computed(func.abs(Big.c.n).mod(40n)).unique();
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    session.addAll(Array.from({ length: 39 }, (_, id) => new Big({ id, n: BigInt(id) })));
    await session.commit();
    session.clear();
    const [x, y] = await session.all(select(Big).where(Big.c.id.le(1)).orderBy(Big.c.id));
    if (x === undefined || y === undefined) throw new Error("both were stored");
    [x.n, y.n] = [y.n, x.n];
    await session.commit();
    expect((await session.all(select(Big).orderBy(Big.c.id).limit(3))).map(({ n }) => n)).toEqual([1n, 0n, 2n]);
    await engine.dispose();
  });

  it("ask nobody where it makes of a value that rows rarely have another one", async () => {
    const Base = declarativeBase();
    class Tag extends Base("tag", {
      id: integer().primaryKey(),
      v: varchar(40).notNull(),
      n: integer().notNull(),
      get lower() {
        return varchar(40).computed(func.lower(Tag.c.v)).unique();
      },
      get next() {
        return integer().computed(Tag.c.n.add(1)).unique();
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    const log = new StatementLog(engine);
    const [a, b] = [new Tag({ id: 1, v: "A", n: 1 }), new Tag({ id: 2, v: "B", n: 2 })];
    session.addAll([a, b]);
    await session.commit();
    [a.v, b.v] = ["b", "a"];
    [a.n, b.n] = [b.n, a.n];
    log.clear();
    await session.plan();
    expect(readsIn(log)).toBe(0);
    await session.commit();
    expect(await rowsOf(engine, "select v, n from tag order by id")).toEqual([
      ["b", 2],
      ["a", 1],
    ]);
    await engine.dispose();
  });

  it.runIf(partialIndexes)("ask also in a part of the rows", async () => {
    const Base = declarativeBase();
    class Seat extends Base("seat", {
      id: integer().primaryKey(),
      place: integer().notNull(),
      floor: integer().notNull(),
      get tableArgs() {
        const where = Seat.c.floor.eq(1);
        return [index("seat_uk", Seat.c.place, { unique: true, where }), check("seat_ck", Seat.c.place.between(1, 9))];
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    const stored = [1, 2, 3, 4, 5, 6, 8, 9].map((place) => new Seat({ id: place, place, floor: 1 }));
    session.addAll([...stored, new Seat({ id: 17, place: 7, floor: 2 })]);
    await session.commit();
    session.clear();
    const [x, y] = await session.all(select(Seat).where(Seat.c.id.le(2)).orderBy(Seat.c.id));
    if (x === undefined || y === undefined) throw new Error("both were stored");
    [x.place, y.place] = [y.place, x.place];
    await session.commit();
    expect(await rowsOf(engine, "select place from seat where id < 3 order by id")).toEqual([[2], [1]]);
    await engine.dispose();
  });
});
