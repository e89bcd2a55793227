import {
  boolean,
  date,
  declarativeBase,
  type Engine,
  extract,
  foreignKey,
  func,
  index,
  integer,
  json,
  jsonText,
  manyToOne,
  numeric,
  oneToMany,
  Session,
  select,
  unique,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// Each kind of unique key, under values that are replaced, exchanged and shifted in one flush. Where a database lacks the
// kind, the rows come out the same.

function slotModels() {
  const Base = declarativeBase();
  class Plain extends Base("plain", { id: integer().primaryKey(), v: varchar(20).notNull().unique() }) {}
  class Partial extends Base("partial", {
    id: integer().primaryKey(),
    v: varchar(20).notNull(),
    active: boolean().notNull().default(true),
    get tableArgs() {
      const where = Partial.c.active.eq(true);
      return [index("partial_uk", Partial.c.v, { unique: true, where, skipIfUnsupported: true })];
    },
  }) {}
  class Lower extends Base("lower_case", {
    id: integer().primaryKey(),
    v: varchar(20).notNull(),
    get tableArgs() {
      return [index("lower_uk", func.lower(Lower.c.v), { unique: true, skipIfUnsupported: true })];
    },
  }) {}
  class Folded extends Base("folded", {
    id: integer().primaryKey(),
    v: varchar(20).notNull().collate({ sqlite: "NOCASE", mysql: "utf8mb4_general_ci" }).unique(),
  }) {}
  class Composite extends Base("composite", {
    id: integer().primaryKey(),
    v: varchar(20).notNull(),
    w: integer().notNull().default(1),
    get tableArgs() {
      return [unique("composite_uk", Composite.c.w, Composite.c.v)];
    },
  }) {}
  return { Base, Plain, Partial, Lower, Folded, Composite };
}

async function setUp<M extends { readonly Base: ReturnType<typeof declarativeBase> }>(
  database: TestDatabase,
  models: M,
) {
  const engine = database.open();
  await models.Base.metadata.createAll(engine);
  return { ...models, engine, session: new Session(engine), log: new StatementLog(engine) };
}

async function values(engine: Engine, table: string): Promise<readonly unknown[]> {
  return (await rowsOf(engine, `select id, v from ${table} order by id`)).map(([id, v]) => `${id}${v}`);
}

onEveryDatabase("unique keys of every kind", (database) => {
  const kinds = [
    { name: "Plain", table: "plain" },
    { name: "Partial", table: "partial" },
    { name: "Lower", table: "lower_case" },
    { name: "Folded", table: "folded" },
    { name: "Composite", table: "composite" },
  ] as const;

  for (const { name, table } of kinds) {
    // A value that the database takes for equal, if it compares without case.
    const same = (value: string): string => (name === "Lower" || name === "Folded" ? value.toUpperCase() : value);

    it(`${name}: a new row takes the value of a deleted one, and of a changed one`, async () => {
      const { engine, session, log, ...models } = await setUp(database, slotModels());
      const Slot = models[name] as ReturnType<typeof slotModels>["Plain"]; // all of them have these attributes
      const [a, b] = [new Slot({ id: 1, v: "a" }), new Slot({ id: 2, v: "b" })];
      session.addAll([a, b]);
      await session.commit();
      log.clear();
      session.addAll([new Slot({ id: 3, v: same("a") }), new Slot({ id: 4, v: same("b") })]);
      session.delete(a);
      b.v = "c";
      await session.commit();
      expect(await values(engine, table)).toEqual(["2c", `3${same("a")}`, `4${same("b")}`]);
      expect(log.writes).toHaveLength(3);
      await session.close();
    });

    it(`${name}: rows exchange and rotate their values`, async () => {
      const { engine, session, log, ...models } = await setUp(database, slotModels());
      const Slot = models[name] as ReturnType<typeof slotModels>["Plain"]; // as above
      const rows = ["a", "b", "c"].map((v, i) => new Slot({ id: i + 1, v }));
      session.addAll(rows);
      await session.commit();
      log.clear();
      const next = ["b", "c", "a"].map(same);
      rows.forEach((row, i) => {
        row.v = next[i] ?? "";
      });
      await session.commit();
      expect(await values(engine, table)).toEqual(next.map((v, i) => `${i + 1}${v}`));
      expect(log.writes.length).toBeLessThanOrEqual(4);
      await session.close();
    });

    it(`${name}: values move up by one in whichever order the rows were touched`, async () => {
      const { engine, session, ...models } = await setUp(database, slotModels());
      const Slot = models[name] as ReturnType<typeof slotModels>["Plain"]; // as above
      const rows = ["a", "b", "c"].map((v, i) => new Slot({ id: i + 1, v }));
      session.addAll(rows);
      await session.commit();
      rows.forEach((row, i) => {
        row.v = same(["b", "c", "d"][i] ?? "");
      });
      await session.commit();
      expect(await values(engine, table)).toEqual(["1b", "2c", "3d"].map((one) => `${one[0]}${same(one[1] ?? "")}`));
      await session.close();
    });
  }

  it("a row that leaves a partial index makes room, and rows outside of it take none", async () => {
    const { engine, session, Partial } = await setUp(database, slotModels());
    const [current, old] = [
      new Partial({ id: 1, v: "a", active: true }),
      new Partial({ id: 2, v: database.capabilities.partialIndexes ? "a" : "b", active: false }),
    ];
    session.addAll([current, old]);
    await session.commit();
    current.active = false;
    old.active = true;
    old.v = "a";
    session.add(new Partial({ id: 3, v: "b", active: false }));
    await session.commit();
    expect(await values(engine, "partial where active")).toEqual(["2a"]);
    await session.close();
  });
});

onEveryDatabase("a predicate over decimal numbers", (database) => {
  it("counts what they are worth: the row whose price falls makes room", async () => {
    const Base = declarativeBase();
    class Offer extends Base("offer", {
      id: integer().primaryKey(),
      v: integer().notNull(),
      price: numeric(10, 2).notNull(),
      get tableArgs() {
        return [
          index("offer_uk", Offer.c.v, { unique: true, where: Offer.c.price.gt("9.5"), skipIfUnsupported: true }),
        ];
      },
    }) {}
    const { engine, session } = await setUp(database, { Base });
    const [low, high] = [new Offer({ id: 1, v: 1, price: "9.00" }), new Offer({ id: 2, v: 1, price: "10.00" })];
    session.addAll([low, high]);
    await session.commit();
    [low.price, high.price] = [high.price, low.price];
    session.add(new Offer({ id: 3, v: 2, price: "100.00" }));
    await session.commit();
    expect(await values(engine, "offer where cast(price as decimal) > 9.5")).toEqual(["11", "32"]);
    await session.close();
  });
});

onEveryDatabase("a unique key over a part of a document, or of a date", (database) => {
  function partModels() {
    const Base = declarativeBase();
    class Account extends Base("account", {
      id: integer().primaryKey(),
      data: json<{ email?: string; visits?: number }>().notNull(),
      opened: date().notNull(),
      get tableArgs() {
        const options = { unique: true, skipIfUnsupported: true };
        return [
          index("account_email", jsonText(Account.c.data, "email"), options),
          index("account_year", extract("year", Account.c.opened), options),
        ];
      },
    }) {}
    return { Base, Account };
  }

  it("is passed on, and exchanged, whatever else is changed", async () => {
    const { engine, session, Account } = await setUp(database, partModels());
    const [a, b] = [
      new Account({ id: 1, data: { email: "a" }, opened: "2020-01-01" }),
      new Account({ id: 2, data: { email: "b" }, opened: "2021-01-01" }),
    ];
    session.addAll([a, b]);
    await session.commit();
    [a.data, b.data] = [
      { email: "b", visits: 1 },
      { email: "a", visits: 2 },
    ];
    [a.opened, b.opened] = ["2021-05-05", "2020-05-05"];
    await session.commit();
    [a.data, b.data] = [{ email: "c" }, { email: "b" }];
    session.add(new Account({ id: 3, data: { email: "a", visits: 3 }, opened: "2022-01-01" }));
    await session.commit();
    session.delete(a);
    b.data.email = "c";
    b.opened = "2021-12-31";
    await session.commit();
    const rows = await session.all(select(Account).orderBy(Account.c.id));
    expect(rows.map(({ id, data: { email }, opened }) => [id, email, opened])).toEqual([
      [2, "c", "2021-12-31"],
      [3, "a", "2022-01-01"],
    ]);
    await session.close();
    await engine.dispose();
  });
});

onEveryDatabase("two unique keys of a row", (database) => {
  it("are exchanged with those of another row by one statement more than there are rows", async () => {
    const Base = declarativeBase();
    class Player extends Base("player", {
      id: integer().primaryKey(),
      seat: integer().unique(),
      v: varchar(20).notNull().unique(),
    }) {}
    const { engine, session, log } = await setUp(database, { Base });
    const [a, b] = [new Player({ id: 1, seat: 1, v: "a" }), new Player({ id: 2, seat: 2, v: "b" })];
    session.addAll([a, b]);
    await session.commit();
    log.clear();
    [a.seat, b.seat] = [b.seat, a.seat];
    [a.v, b.v] = [b.v, a.v];
    await session.commit();
    expect(await rowsOf(engine, "select id, seat, v from player order by id")).toEqual([
      [1, 2, "b"],
      [2, 1, "a"],
    ]);
    expect(log.writes).toHaveLength(3);
    await session.close();
  });
});

onEveryDatabase("unique keys where NULL is equal to NULL", (database) => {
  it.runIf(database.capabilities.nullsNotDistinct)(
    "have one row without a value, which another one may follow",
    async () => {
      const Base = declarativeBase();
      class Slot extends Base("slot", {
        id: integer().primaryKey(),
        v: varchar(20),
        get tableArgs() {
          return [unique("slot_uk", Slot.c.v, { nullsNotDistinct: true })];
        },
      }) {}
      const { engine, session, log } = await setUp(database, { Base });
      const [a, b] = [new Slot({ id: 1, v: null }), new Slot({ id: 2, v: "b" })];
      session.addAll([a, b]);
      await session.commit();
      log.clear();
      a.v = "b";
      b.v = null;
      await session.commit();
      expect(await values(engine, "slot")).toEqual(["1b", "2null"]);
      expect(log.writes).toHaveLength(3);
      session.delete(b);
      session.add(new Slot({ id: 3, v: null }));
      await session.commit();
      expect(await values(engine, "slot")).toEqual(["1b", "3null"]);
      await session.close();
    },
  );
});

onEveryDatabase("a unique key over a foreign key", (database) => {
  function partModels() {
    const Base = declarativeBase();
    class Machine extends Base("machine", {
      code: varchar(20).primaryKey(),
      note: varchar(20),
      get parts() {
        return oneToMany(Part, { backPopulates: "machine", cascade: "all, delete-orphan" });
      },
    }) {}
    class Part extends Base("part", {
      id: integer().primaryKey(),
      get machineCode() {
        return varchar(20).notNull().references(Machine.c.code);
      },
      v: integer().notNull(),
      get machine() {
        return manyToOne(Machine, { backPopulates: "parts" });
      },
      get screws() {
        return oneToMany(Screw, { backPopulates: "part", cascade: "all, delete-orphan" });
      },
      get tableArgs() {
        return [unique("part_uk", Part.c.machineCode, Part.c.v)];
      },
    }) {}
    class Screw extends Base("screw", {
      get partId() {
        return integer().primaryKey().references(Part.c.id);
      },
      n: integer().primaryKey(),
      get part() {
        return manyToOne(Part, { backPopulates: "screws" });
      },
    }) {}
    return { Base, Machine, Part, Screw };
  }

  it("is known by the relationship alone: parent and children are replaced by others of the same keys", async () => {
    const { engine, session, Machine, Part } = await setUp(database, partModels());
    const old = new Machine({ code: "m", note: "old", parts: [new Part({ id: 1, v: 1 }), new Part({ id: 2, v: 2 })] });
    session.add(old);
    await session.commit();
    session.delete(old);
    session.add(new Machine({ code: "m", parts: [new Part({ id: 3, v: 2 }), new Part({ id: 4, v: 1 })] }));
    await session.commit();
    expect(await rowsOf(engine, "select code, note from machine")).toEqual([["m", null]]);
    expect(await values(engine, "part")).toEqual(["32", "41"]);
    await session.close();
  });

  it("children change places between a stored parent and a new one", async () => {
    const { engine, session, Machine, Part } = await setUp(database, partModels());
    const [one, two] = [new Part({ id: 1, v: 1 }), new Part({ id: 2, v: 2 })];
    const machine = new Machine({ code: "m", parts: [one, two] });
    session.add(machine);
    await session.commit();
    const next = new Machine({ code: "n" });
    session.add(next);
    next.parts.push(one);
    one.v = 2;
    two.v = 1;
    new Part({ id: 3, v: 2, machine });
    new Part({ id: 4, v: 1, machine: next });
    await session.commit();
    expect(await rowsOf(engine, "select machine_code, v, id from part order by machine_code, v")).toEqual([
      ["m", 1, 2],
      ["m", 2, 3],
      ["n", 1, 4],
      ["n", 2, 1],
    ]);
    await session.close();
  });

  it("grandchildren whose key is made by the database through two levels are replaced", async () => {
    const { engine, session, Machine, Part, Screw } = await setUp(database, partModels());
    const part = new Part({ v: 1, screws: [new Screw({ n: 1 }), new Screw({ n: 2 })] });
    const machine = new Machine({ code: "m", parts: [part] });
    session.add(machine);
    await session.commit();
    part.screws = [new Screw({ n: 2 }), new Screw({ n: 3 })];
    machine.parts.push(new Part({ v: 2, screws: [new Screw({ n: 1 })] }));
    await session.commit();
    expect((await rowsOf(engine, "select n from screw order by part_id, n")).flat()).toEqual([2, 3, 1]);
    await session.close();
  });
});

onEveryDatabase("a composite foreign key that is DEFERRABLE and NOT NULL", (database) => {
  const { deferrable, deferForeignKeys } = database.capabilities;
  it.runIf(deferrable || deferForeignKeys)("closes a circle of rows with known keys by two INSERTs", async () => {
    const Base = declarativeBase();
    class Entry extends Base("entry", {
      entryId: integer().primaryKey(),
      get widgetId() {
        return integer().notNull().references(Widget.c.widgetId);
      },
      get tableArgs() {
        return [unique("entry_uk", Entry.c.entryId, Entry.c.widgetId)];
      },
    }) {}
    class Widget extends Base("widget", {
      widgetId: integer().autoincrement("ignoreFk").primaryKey(),
      favoriteEntryId: integer().notNull(),
      get favoriteEntry() {
        return manyToOne(Entry, {
          primaryJoin: Widget.c.favoriteEntryId.eq(Entry.c.entryId),
          foreignKeys: [Widget.c.favoriteEntryId],
        });
      },
      get tableArgs() {
        return [
          foreignKey([Widget.c.widgetId, Widget.c.favoriteEntryId], [Entry.c.widgetId, Entry.c.entryId], {
            name: "fk_favorite_entry",
            deferrable: true,
          }),
        ];
      },
    }) {}
    const { engine, session, log } = await setUp(database, { Base });
    const entry = new Entry({ entryId: 5, widgetId: 1 });
    session.addAll([entry, new Widget({ widgetId: 1, favoriteEntry: entry })]);
    await session.commit();
    expect(log.writes).toHaveLength(2);
    expect(
      await rowsOf(engine, "select widget_id, favorite_entry_id, (select widget_id from entry) from widget"),
    ).toEqual([[1, 5, 1]]);
    await session.close();
  });
});
