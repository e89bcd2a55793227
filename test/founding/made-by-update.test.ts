import { declarativeBase, func, inspect, integer, manyToOne, Session, sql, text, timestamp, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// Computed columns and those that a trigger writes change with an UPDATE: objects that show them read them again.

onEveryDatabase("values that an UPDATE makes anew", (database) => {
  async function open(Base: ReturnType<typeof declarativeBase>) {
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    const close = async () => {
      await session.close();
      await engine.dispose();
    };
    return { engine, session, log: new StatementLog(engine), close };
  }

  function products() {
    const Base = declarativeBase();
    class Product extends Base("product", {
      id: integer().primaryKey(),
      price: integer().notNull(),
      name: varchar(10),
      get gross() {
        return integer().computed(sql`price * 10`);
      },
      get label() {
        return varchar(20).computed(func.upper(Product.c.name)).deferred();
      },
    }) {}
    return { Base, Product };
  }

  it("are read with one SELECT for all objects of a class", async () => {
    const { Base, Product } = products();
    const { session, log, close } = await open(Base);
    const [first, second] = [new Product({ price: 1, name: "a" }), new Product({ price: 2, name: "b" })];
    session.addAll([first, second]);
    await session.commit();
    expect([first.gross, second.gross]).toEqual([10, 20]);
    log.clear();
    [first.price, second.price] = [3, 4];
    second.name = "c";
    await session.flush();
    expect(log.all.filter(({ sql }) => sql.startsWith("SELECT"))).toHaveLength(1);
    expect([first.gross, second.gross]).toEqual([30, 40]);
    expect([session.dirty.size, inspect(first).history("gross").added]).toEqual([0, []]);
    await session.rollback();
    expect([first.price, first.gross, second.price, second.gross]).toEqual([1, 10, 2, 20]);
    await close();
  });

  it("are as before after a savepoint was undone", async () => {
    const { Base, Product } = products();
    const { session, close } = await open(Base);
    const product = new Product({ price: 1 });
    session.add(product);
    await session.commit();
    product.price = 2;
    await session.flush();
    const undone = session.savepoint(async () => {
      product.price = 3;
      await session.flush();
      expect(product.gross).toBe(30);
      throw new Error("no");
    });
    await expect(undone).rejects.toThrow("no");
    expect([product.price, product.gross]).toEqual([2, 20]);
    await session.commit();
    expect([product.price, product.gross]).toEqual([2, 20]);
    await close();
  });

  it("are not read where they were not loaded", async () => {
    const { Base, Product } = products();
    const { session, log, close } = await open(Base);
    session.add(new Product({ id: 1, price: 1, name: "a" }));
    await session.commit();
    session.clear();
    const product = await session.get(Product, 1);
    if (product === null) throw new Error("It is there.");
    product.name = "b";
    log.clear();
    await session.commit();
    expect([log.all.length, inspect(product).isLoaded("label")]).toEqual([2, false]);
    session.expire(product, ["gross"]);
    product.name = "c";
    log.clear();
    await session.commit();
    expect([log.all.length, inspect(product).isLoaded("gross")]).toEqual([1, false]);
    await close();
  });

  it("belong to rows that follow a changed key", async () => {
    const Base = declarativeBase();
    class Owner extends Base("owner", { id: integer().primaryKey() }) {}
    class Item extends Base("item", {
      id: integer().primaryKey(),
      get ownerId() {
        return integer().references(Owner.c.id, { onUpdate: "cascade" });
      },
      get next() {
        return integer().computed(sql`owner_id + 1`);
      },
    }) {}
    const { session, close } = await open(Base);
    const [owner, item] = [new Owner({ id: 1 }), new Item({ id: 1, ownerId: 1 })];
    session.add(owner);
    await session.flush();
    session.add(item);
    await session.commit();
    expect(item.next).toBe(2);
    owner.id = 5;
    await session.flush();
    expect([item.ownerId, item.next]).toEqual([5, 6]);
    await session.rollback();
    expect([item.ownerId, item.next]).toEqual([1, 2]);
    await close();
  });

  it("belong to new rows that are linked late", async () => {
    const Base = declarativeBase();
    class Left extends Base("left_side", {
      id: integer().primaryKey(),
      get rightId() {
        return integer().references(Right.c.id);
      },
      get right() {
        return manyToOne(Right);
      },
      get shown() {
        return integer().computed(sql`coalesce(right_id, 0)`);
      },
    }) {}
    class Right extends Base("right_side", {
      id: integer().primaryKey(),
      get leftId() {
        return integer().notNull().references(Left.c.id);
      },
      get left() {
        return manyToOne(Left);
      },
    }) {}
    const { engine, session, close } = await open(Base);
    const left = new Left({ id: 1 });
    const right = new Right({ id: 7, left });
    left.right = right;
    session.add(left);
    await session.commit();
    expect(await rowsOf(engine, "SELECT right_id FROM left_side")).toEqual([[7]]);
    expect(left.shown).toBe(7);
    await close();
  });

  it("come from triggers", async () => {
    const Base = declarativeBase();
    class Page extends Base("page", {
      id: integer().primaryKey(),
      title: varchar(10),
      edits: integer().notNull().serverDefault(0).serverOnUpdate(),
    }) {}
    const { engine, session, close } = await open(Base);
    await engine.begin(async (connection) => {
      for (const statement of TRIGGERS[database.name] ?? []) await connection.execute(text(statement));
    });
    const page = new Page({ title: "a" });
    session.add(page);
    await session.commit();
    page.title = "b";
    await session.commit();
    expect(page.edits).toBe(1);
    await close();
  });
});

const PLPGSQL = [
  `CREATE FUNCTION edited() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.edits = OLD.edits + 1; RETURN NEW; END'`,
  "CREATE TRIGGER edited BEFORE UPDATE ON page FOR EACH ROW EXECUTE FUNCTION edited()",
];

/** Count the edits of a page. */
const TRIGGERS: Readonly<Record<string, readonly string[]>> = {
  SQLite: [
    "CREATE TRIGGER edited AFTER UPDATE OF title ON page BEGIN UPDATE page SET edits = edits + 1 WHERE id = new.id; END",
  ],
  PostgreSQL: PLPGSQL,
  PGlite: PLPGSQL,
  MariaDB: ["CREATE TRIGGER edited BEFORE UPDATE ON page FOR EACH ROW SET NEW.edits = OLD.edits + 1"],
};

onEveryDatabase("serverOnUpdate with an expression", (database) => {
  it.runIf(database.name === "MariaDB")("is a part of CREATE TABLE", async () => {
    const Base = declarativeBase();
    class Page extends Base("page", {
      id: integer().primaryKey(),
      title: varchar(10),
      changedAt: timestamp()
        .notNull()
        .serverDefault(sql`'2001-01-01 00:00:00'`)
        .serverOnUpdate(sql`CURRENT_TIMESTAMP(6)`)
        .comment("when"),
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    const page = new Page({ title: "a" });
    session.add(page);
    await session.commit();
    expect(page.changedAt.getFullYear()).toBe(2001);
    page.title = "b";
    await session.commit();
    expect(page.changedAt.getFullYear()).toBeGreaterThan(2001);
    await session.close();
    await engine.dispose();
  });
});
