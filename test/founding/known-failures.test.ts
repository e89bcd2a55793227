import {
  declarativeBase,
  inspect,
  integer,
  manyToOne,
  oneToMany,
  oneToOne,
  Session,
  select,
  unique,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";
import { selfReferenceModels, uniqueChildModels, widgetModels } from "./models.ts";

// Programs that fail with SQLAlchemy 2.1, for reasons that lie in its unit of work.

async function setUp<M extends { readonly Base: ReturnType<typeof declarativeBase> }>(
  database: TestDatabase,
  models: M,
) {
  const engine = database.open();
  await models.Base.metadata.createAll(engine);
  return { ...models, engine, session: new Session(engine), log: new StatementLog(engine) };
}

function familyModels() {
  const Base = declarativeBase();
  class Parent extends Base("parent", {
    id: integer().primaryKey(),
    get children() {
      return oneToMany(Child, { backPopulates: "parent", cascade: "all, delete-orphan" });
    },
  }) {}
  class Child extends Base("child", {
    get parentId() {
      return integer().primaryKey().references(Parent.c.id);
    },
    n: integer().primaryKey(),
    name: varchar(20),
    get parent() {
      return manyToOne(Parent, { backPopulates: "children" });
    },
  }) {}
  return { Base, Parent, Child };
}

function accountModels() {
  const Base = declarativeBase();
  class Account extends Base("account", {
    id: integer().primaryKey(),
    name: varchar(20),
    note: varchar(20),
    rank: integer().default(7),
  }) {}
  return { Base, Account };
}

onEveryDatabase("the order of a flush", (database) => {
  it("follows foreign keys that no relationship knows", async () => {
    const Base = declarativeBase();
    class Alpha extends Base("alpha", {
      id: integer().primaryKey(),
      get zetaId() {
        return integer().notNull().references(Zeta.c.id);
      },
    }) {}
    class Zeta extends Base("zeta", {
      id: integer().primaryKey(),
      get upId() {
        return integer().references(Zeta.c.id);
      },
    }) {}
    const { engine, session, log } = await setUp(database, { Base });
    session.addAll([new Alpha({ id: 1, zetaId: 2 }), new Zeta({ id: 2, upId: 1 }), new Zeta({ id: 1 })]);
    await session.commit();
    log.clear();
    for (const alpha of await session.all(select(Alpha))) session.delete(alpha);
    for (const zeta of await session.all(select(Zeta).orderBy(Zeta.c.id))) session.delete(zeta);
    await session.commit();
    expect(await rowsOf(engine, "select id from zeta")).toEqual([]);
    expect(log.writes[0]).toBe("DELETE alpha");
    await session.close();
    await engine.dispose();
  });

  it("writes many rows that change in the same columns by one statement", async () => {
    const { Account, engine, session, log } = await setUp(database, accountModels());
    const accounts = Array.from({ length: 20 }, (_, i) => new Account({ name: `a${i}` }));
    session.addAll(accounts);
    await session.commit();
    log.clear();
    for (const [i, account] of accounts.entries()) account.name = `b${i}`;
    await session.commit();
    expect(log.writes).toEqual(["UPDATE account"]);
    await session.close();
    await engine.dispose();
  });

  it("writes a row once that changes in its link and in another column", async () => {
    const { Widget, Entry, engine, session, log } = await setUp(database, widgetModels({ postUpdate: true }));
    const [one, two] = [new Entry({ name: "1" }), new Entry({ name: "2" })];
    const widget = new Widget({ name: "w", entries: [one, two], favoriteEntry: one });
    session.add(widget);
    await session.commit();
    log.clear();
    widget.favoriteEntry = two;
    widget.name = "x";
    await session.commit();
    expect(log.writes).toEqual(["UPDATE widget"]);
    await session.close();
    await engine.dispose();
  });

  it("links two rows once that name each other on both sides", async () => {
    const Base = declarativeBase();
    class Person extends Base("person", {
      id: integer().primaryKey(),
      get spouseId() {
        return integer().references(Person.c.id);
      },
      get spouse() {
        return manyToOne(Person, { remoteSide: [Person.c.id], postUpdate: true, backPopulates: "spouseOf" });
      },
      get spouseOf() {
        return oneToOne(Person, { foreignKeys: [Person.c.spouseId], postUpdate: true, backPopulates: "spouse" });
      },
    }) {}
    const { engine, session, log } = await setUp(database, { Base });
    const [a, b] = [new Person(), new Person()];
    a.spouse = b;
    b.spouse = a;
    session.addAll([a, b]);
    await session.commit();
    expect(log.writes.filter((write) => write === "UPDATE person").length).toBeLessThanOrEqual(1);
    await session.close();
    await engine.dispose();
  });
});

onEveryDatabase("a deleted row whose key a new object has", (database) => {
  it("leaves nothing of it behind: what is not set is NULL or its default", async () => {
    const { Account, engine, session } = await setUp(database, accountModels());
    const old = new Account({ id: 1, name: "old", note: "secret", rank: 1 });
    session.add(old);
    await session.commit();
    session.delete(old);
    session.add(new Account({ id: 1, name: "new" }));
    await session.commit();
    const [row] = await rowsOf(engine, "select id, name, note, rank from account");
    expect(row?.map((value) => (typeof value === "bigint" ? Number(value) : value))).toEqual([1, "new", null, 7]);
    await session.close();
    await engine.dispose();
  });

  it("may have the same values under another unique key, too", async () => {
    const { Parent, Child, engine, session } = await setUp(database, uniqueChildModels());
    const parent = new Parent({ children: [new Child({ id: 2, z: 5.5 })] });
    session.add(parent);
    await session.commit();
    const [old] = parent.children;
    if (old === undefined) throw new Error("a child was stored");
    session.delete(old);
    session.add(new Child({ id: 2, z: 5.5, parent }));
    await session.commit();
    expect(await rowsOf(engine, "select z from child")).toEqual([[5.5]]);
    await session.close();
    await engine.dispose();
  });
});

onEveryDatabase("a row that gives its unique value up", (database) => {
  it("makes room for a stored row that takes it, in whichever order they were touched", async () => {
    const { Parent, Child, engine, session } = await setUp(database, uniqueChildModels());
    const [x, y] = [new Child({ z: 1 }), new Child({ z: 2 })];
    session.add(new Parent({ children: [x, y] }));
    await session.commit();
    x.z = 2;
    session.delete(y);
    await session.commit();
    expect(await rowsOf(engine, "select z from child")).toEqual([[2]]);
    await session.close();
    await engine.dispose();
  });

  it("makes room for a new row", async () => {
    const { Parent, Child, engine, session } = await setUp(database, uniqueChildModels());
    const child = new Child({ z: 1 });
    const parent = new Parent({ children: [child] });
    session.add(parent);
    await session.commit();
    new Child({ z: 1, parent });
    child.z = 99;
    await session.commit();
    expect(await rowsOf(engine, "select z from child order by z")).toEqual([[1], [99]]);
    await session.close();
    await engine.dispose();
  });
});

onEveryDatabase("moving a child between owners", (database) => {
  it("does not delete it, when a query flushes between leaving the one and joining the other", async () => {
    const { Parent, Child, engine, session } = await setUp(database, uniqueChildModels());
    session.addAll([new Parent({ id: 1, children: [new Child({ id: 1, z: 1 })] }), new Parent({ id: 2 })]);
    await session.commit();
    await session.close();
    const again = new Session(engine);
    const child = await again.get(Child, 1);
    const target = await again.get(Parent, 2);
    if (child === null || target === null) throw new Error("both were stored");
    target.children.push(child);
    await again.all(select(Parent));
    await again.commit();
    expect(await rowsOf(engine, "select parent_id from child")).toHaveLength(1);
    expect(child.parentId).toBe(2);
    await again.close();
    await engine.dispose();
  });
});

onEveryDatabase("rows that refer to each other", (database) => {
  for (const size of [1, 2, 3, 4]) {
    it(`are deleted in a ring of ${size} when all that is known of them has expired`, async () => {
      const { Node, engine, session } = await setUp(database, selfReferenceModels());
      const nodes = Array.from({ length: size }, (_, i) => new Node({ name: `n${i}` }));
      nodes.forEach((node, i) => {
        node.related = nodes[(i + 1) % size] ?? null;
      });
      session.addAll(nodes);
      await session.commit();
      for (const node of nodes) session.expire(node);
      for (const node of nodes) session.delete(node);
      await session.commit();
      expect(await rowsOf(engine, "select id from node")).toEqual([]);
      for (const node of nodes) expect(inspect(node).state).toBe("detached");
      await session.close();
      await engine.dispose();
    });
  }
});

onEveryDatabase("merging", (database) => {
  it("never writes half of a graph: mergeAll flushes nothing in between", async () => {
    const Base = declarativeBase();
    class Team extends Base("team", { id: integer().primaryKey() }) {}
    class Player extends Base("player", {
      id: integer().primaryKey(),
      name: varchar(20).notNull(),
      get teamId() {
        return integer().notNull().references(Team.c.id);
      },
      get team() {
        return manyToOne(Team);
      },
    }) {}
    const { engine, session, log } = await setUp(database, { Base });
    await session.mergeAll([1, 2, 3].map((id) => new Player({ id, name: `p${id}`, team: new Team({ id: 1 }) })));
    await session.commit();
    expect(log.writes).toEqual(["INSERT team", "INSERT player"]);
    await session.close();
    await engine.dispose();
  });

  it("finds a stored child whose key is a part of its parent's, though only the parent says so", async () => {
    const { Parent, Child, engine, session } = await setUp(database, familyModels());
    session.add(new Parent({ id: 1, children: [new Child({ n: 1, name: "old" })] }));
    await session.commit();
    await session.close();
    const again = new Session(engine);
    await again.merge(new Parent({ id: 1, children: [new Child({ n: 1, name: "new" })] }));
    await again.commit();
    expect(await rowsOf(engine, "select name from child")).toEqual([["new"]]);
    await again.close();
    await engine.dispose();
  });

  it("unites new children of equal key that only their parent completes", async () => {
    const { Parent, Child, engine, session } = await setUp(database, familyModels());
    await session.merge(
      new Parent({ id: 1, children: [new Child({ n: 1, name: "a" }), new Child({ n: 1, name: "b" })] }),
    );
    await session.commit();
    expect(await rowsOf(engine, "select name from child")).toEqual([["b"]]);
    await session.close();
    await engine.dispose();
  });
});

onEveryDatabase("orders that only seem to be circular", (database) => {
  function seatModels() {
    const Base = declarativeBase();
    class Seat extends Base("seat", {
      id: integer().primaryKey(),
      row: integer(),
      place: integer(),
      guest: varchar(20).unique(),
      get nextId() {
        return integer().references(Seat.c.id);
      },
      get next() {
        return manyToOne(Seat, { remoteSide: [Seat.c.id] });
      },
      get tableArgs() {
        return [unique("seat_place", Seat.c.row, Seat.c.place)];
      },
    }) {}
    return { Base, Seat };
  }

  it("tuples with NULL collide with nothing", async () => {
    const { Seat, engine, session, log } = await setUp(database, seatModels());
    const [a, b] = [new Seat({ id: 1, row: 1, place: null }), new Seat({ id: 2, row: 2, place: null })];
    session.addAll([a, b]);
    await session.commit();
    log.clear();
    [a.row, b.row] = [2, 1];
    await session.commit();
    expect(log.writes).toEqual(["UPDATE seat"]);
    await session.close();
    await engine.dispose();
  });

  it("columns that are not modified take and give up nothing", async () => {
    const { Seat, engine, session, log } = await setUp(database, seatModels());
    const [a, b] = [
      new Seat({ id: 1, row: 1, place: 1, guest: "x" }),
      new Seat({ id: 2, row: 1, place: 2, guest: "y" }),
    ];
    session.addAll([a, b]);
    await session.commit();
    log.clear();
    a.row = 5;
    b.row = 5;
    a.guest = null;
    await session.commit();
    expect(log.writes).toHaveLength(2);
    await session.close();
    await engine.dispose();
  });

  it("new rows whose keys the database has yet to make are different rows", async () => {
    const { Seat, engine, session, log } = await setUp(database, seatModels());
    const [a, b, c] = [new Seat({ guest: "a" }), new Seat({ guest: "b" }), new Seat({ guest: "c" })];
    a.next = b;
    b.next = c;
    session.addAll([a, b, c]);
    await session.commit();
    expect(log.writes).toEqual(["INSERT seat", "INSERT seat", "INSERT seat"]);
    await session.close();
    await engine.dispose();
  });
});
