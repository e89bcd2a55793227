import {
  and,
  type ColumnDefinition,
  check,
  declarativeBase,
  enumeration,
  FlushCycleError,
  integer,
  type MetaData,
  Session,
  type SqlExpression,
  select,
  text,
  unique,
  varchar,
} from "alkahest";
import fc from "fast-check";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// Unique values are exchanged that may not be NULL and of which there are few: a row waits on one that nobody has, also none
// of the rows that are not loaded. The database is asked, and the flush is planned again if need be.

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

const readsIn = (log: StatementLog): number => log.all.filter(({ sql }) => sql.startsWith("SELECT")).length;

onEveryDatabase("a row that waits on one of few values", (database) => {
  /** Stores rows with the values, loads the first two, and exchanges theirs. */
  async function exchange<T>(
    column: () => ColumnDefinition<T, false>,
    values: readonly T[],
    allows?: (column: SqlExpression<T>) => SqlExpression<boolean>,
  ) {
    const Base = declarativeBase();
    class Item extends Base("item", {
      id: integer().primaryKey(),
      get v() {
        return column().unique();
      },
      get tableArgs() {
        return allows === undefined ? [] : [check("item_ck", allows(Item.c.v as SqlExpression<T>))];
      },
    }) {}
    const opened = await open(database, Base.metadata);
    const { session, log } = opened;
    session.addAll(values.map((v, i) => new Item({ id: i + 1, v })));
    await session.commit();
    session.clear();
    const [x, y] = (await session.all(select(Item).where(Item.c.id.le(2)).orderBy(Item.c.id))) as [Item, Item];
    log.clear();
    [x.v, y.v] = [y.v, x.v];
    return { ...opened, values: values as readonly unknown[], x, y };
  }

  const int = () => integer().notNull();
  const fourth = () => enumeration(["north", "east", "south", "west"]).notNull();
  const letter = () => varchar(1).notNull();
  const cases = {
    "of a small range": () => exchange(int, [1, 2, 3, 4, 5, 6], (v) => v.between(1, 7)),
    "of a list": () => exchange(int, [10, 20, 40], (v) => v.in([10, 20, 30, 40])),
    "of texts": () => exchange(letter, [..."abc"], (v) => v.in([..."abcd"])),
    "of a pattern": () =>
      exchange(
        () => varchar(3).notNull(),
        [..."0123456"].map((d) => `v.${d}`),
        (v) => v.like("v._"),
      ),
    "of an enumeration": () => exchange(fourth, ["north", "east", "south"] as const),
  };
  for (const [name, setUp] of Object.entries(cases)) {
    it(`takes the one ${name} that no row has, loaded or not`, async () => {
      const { engine, session, log, values, close } = await setUp();
      await session.commit();
      expect(log.writes).toEqual(["UPDATE item", "UPDATE item", "UPDATE item"]);
      const [first, second, ...others] = values;
      const expected = [second, first, ...others].map((v, i) => [i + 1, v]);
      expect(await rowsOf(engine, "select id, v from item order by id")).toEqual(expected);
      await close();
    });
  }

  it("is refused before the first statement if rows have all of them, and can be tried again when one is free", async () => {
    const { engine, session, log, x, y, close } = await exchange(fourth, ["north", "east", "south", "west"] as const);
    await expect(session.flush()).rejects.toThrow(FlushCycleError);
    expect(log.writes).toEqual([]);
    await session.rollback();
    await engine.begin((connection) => connection.execute(text("delete from item where id = 3")));
    [x.v, y.v] = ["east", "north"];
    await session.commit();
    expect(await rowsOf(engine, "select id, v from item order by id")).toEqual([
      [1, "east"],
      [2, "north"],
      [4, "west"],
    ]);
    await close();
  });

  it("is told by a plan, which writes nothing", async () => {
    const { session, log, close } = await exchange(fourth, ["north", "east", "south"] as const);
    const { steps } = await session.plan();
    expect(steps.map(({ kind }) => kind)).toEqual(["update", "update", "update"]);
    expect(log.writes).toEqual([]);
    await close();
  });

  it("asks nobody where there are many", async () => {
    const { session, log, close } = await exchange(int, [1, 2, 3], (v) => v.ge(0));
    await session.commit();
    expect(readsIn(log)).toBe(0);
    await close();
  });
});

onEveryDatabase("rows that wait on few values, each in a list of its own", (database) => {
  it("take what is free there, and ask once for all", async () => {
    const Base = declarativeBase();
    class Step extends Base("step", {
      id: integer().primaryKey(),
      list: integer().notNull(),
      place: integer().notNull(),
      get tableArgs() {
        return [unique("step_uq", Step.c.list, Step.c.place), check("step_ck", Step.c.place.between(1, 4))];
      },
    }) {}
    const { engine, session, log, close } = await open(database, Base.metadata);
    const lists = 600;
    // Places 1 and 2 are loaded; of 3 and 4, one is taken in each list, by a row that is not.
    for (let list = 0; list < lists; list++) {
      const places = [1, 2, 3 + (list % 2)];
      session.addAll(places.map((place, i) => new Step({ id: list * 3 + i, list, place })));
    }
    await session.commit();
    session.clear();
    const loaded = await session.all(select(Step).where(Step.c.place.le(2)));
    for (const step of loaded) step.place = 3 - step.place;
    log.clear();
    await session.commit();
    expect(readsIn(log)).toBeLessThan(20);
    const rows = await rowsOf(engine, "select id, place from step order by id");
    expect(rows).toEqual(
      Array.from({ length: lists * 3 }, (_, id) => [id, [2, 1, 3 + (Math.floor(id / 3) % 2)][id % 3]]),
    );
    await close();
  });
});

onEveryDatabase("places of which there are few", (database) => {
  const MOST = 5;

  interface Program {
    readonly places: number;
    /** The place of each row, by its number. */
    readonly before: readonly number[];
    readonly after: readonly number[];
    /** Those that are not loaded stay where they are. */
    readonly isLoaded: readonly boolean[];
  }

  const programs: fc.Arbitrary<Program> = fc.integer({ min: 2, max: MOST }).chain((places) => {
    const all = Array.from({ length: places }, (_, i) => i + 1);
    const order = fc.shuffledSubarray(all, { minLength: places, maxLength: places });
    return fc
      .tuple(
        order,
        order,
        fc.integer({ min: 1, max: places }),
        fc.array(fc.boolean(), { minLength: places, maxLength: places }),
      )
      .map(([first, second, count, isLoaded]) => {
        const before = first.slice(0, count);
        const kept = new Set(before.filter((_, i) => isLoaded[i] !== true));
        const free = second.filter((place) => !kept.has(place));
        const after = before.map((place, i) => (isLoaded[i] === true ? (free.shift() as number) : place)); // as many as rows
        return { places, before, after, isLoaded };
      });
  });

  it.each(["a range", "an enumeration"] as const)("are exchanged if one of them is free (%s)", async (kind) => {
    const Base = declarativeBase();
    const nameOf = (place: number): string => `p${place}`;
    class Ranged extends Base("ranged", {
      id: integer().primaryKey(),
      place: integer().notNull().unique(),
      most: integer().notNull(),
      get tableArgs() {
        return [check("ranged_ck", and(Ranged.c.place.ge(1), Ranged.c.place.le(Ranged.c.most)))];
      },
    }) {}
    class Named extends Base("named", {
      id: integer().primaryKey(),
      place: enumeration(Array.from({ length: MOST }, (_, i) => nameOf(i + 1)))
        .notNull()
        .unique(),
    }) {}
    const { engine, log, close } = await open(database, Base.metadata);
    const run = async ({ places, before, after, isLoaded }: Program): Promise<void> => {
      await engine.begin((connection) =>
        connection.execute(text(`delete from ${kind === "a range" ? "ranged" : "named"}`)),
      );
      const most = kind === "a range" ? places : MOST;
      await using session = new Session(engine);
      session.addAll(
        before.map((place, id) =>
          kind === "a range" ? new Ranged({ id, place, most }) : new Named({ id, place: nameOf(place) }),
        ),
      );
      await session.commit();
      session.clear();
      const ids = before.map((_, id) => id).filter((id) => isLoaded[id] === true);
      const loaded =
        kind === "a range" ? select(Ranged).where(Ranged.c.id.in(ids)) : select(Named).where(Named.c.id.in(ids));
      for (const row of await session.all<Ranged | Named>(loaded)) {
        const place = after[row.id] as number; // one for each row
        if (row instanceof Ranged) row.place = place;
        else row.place = nameOf(place);
      }
      log.clear();
      const isFull = before.length === most && before.some((place, i) => place !== after[i]);
      if (isFull) {
        await expect(session.commit()).rejects.toThrow(FlushCycleError);
        expect(log.writes).toEqual([]);
        await session.rollback();
      } else await session.commit();
      session.clear();
      const expected = (isFull ? before : after).map((place, id) => [id, kind === "a range" ? place : nameOf(place)]);
      const stored = kind === "a range" ? select(Ranged).orderBy(Ranged.c.id) : select(Named).orderBy(Named.c.id);
      expect((await session.all<Ranged | Named>(stored)).map(({ id, place }) => [id, place])).toEqual(expected);
    };
    await fc.assert(fc.asyncProperty(programs, run), { numRuns: 60 });
    await close();
  });
});
