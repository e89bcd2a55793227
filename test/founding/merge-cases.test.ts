import {
  declarativeBase,
  inspect,
  integer,
  manyToOne,
  oneToMany,
  oneToOne,
  Session,
  StaleDataError,
  varchar,
} from "alkahest";
import { describe, expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";
import { addressModels } from "./upsert-models.ts";

describe.each([true, false])("merge, autoflush %s", (autoflush) => {
  onEveryDatabase("founding case", (database) => {
    it("adds an object and merges one of the same key", async () => {
      const { Base, Tag } = addressModels("nothing");
      const engine = database.open();
      await Base.metadata.createAll(engine);
      const session = new Session(engine, { autoflush });
      const added = new Tag({ name: "t" });
      session.add(added);
      expect(await session.merge(new Tag({ name: "t" }))).toBe(added);
      expect(await session.get(Tag, "t")).toBe(added);
      await session.commit();
      expect(await rowsOf(engine, "select name from tags")).toEqual([["t"]]);
      await session.close();
      await engine.dispose();
    });

    it.each([true, false])(
      "replaces lines whose key is that of their order and a number (delete-orphan %s)",
      async (orphans) => {
        const { Base, Order, Line } = orderModels(orphans);
        const engine = database.open();
        await Base.metadata.createAll(engine);
        const log = new StatementLog(engine);
        const session = new Session(engine, { autoflush });
        const lines = (texts: readonly string[]) => texts.map((text, i) => new Line({ number: i + 1, text }));
        session.add(new Order({ id: 1, lines: lines(["a", "b"]) }));
        await session.commit();
        session.clear();
        log.clear();
        const order = await session.merge(new Order({ id: 1, lines: lines(["a", "c"]) }));
        expect(order.lines.map(({ text }) => text)).toEqual(["a", "c"]);
        await session.commit();
        expect(log.writes).toEqual(["UPDATE order_lines"]);
        // Two of one number are one; so are new ones of a new order.
        await session.merge(new Order({ id: 1, lines: [...lines(["x", "y"]), ...lines(["z"])] }));
        await session.merge(new Order({ id: 2, lines: [...lines(["x"]), ...lines(["w"])] }));
        await session.commit();
        expect(
          await rowsOf(engine, "select order_id, number, text from order_lines order by order_id, number"),
        ).toEqual([
          [1, 1, "z"],
          [1, 2, "y"],
          [2, 1, "w"],
        ]);
        if (orphans) {
          await session.merge(new Order({ id: 1, lines: lines(["only"]) }));
          await session.commit();
          expect(await rowsOf(engine, "select text from order_lines where order_id = 1")).toEqual([["only"]]);
        }
        await session.close();
        await engine.dispose();
      },
    );

    it("replaces the object of a one-to-one relationship under a unique foreign key", async () => {
      const Base = declarativeBase();
      class User extends Base("users", {
        id: integer().primaryKey(),
        get passport() {
          return oneToOne(Passport, { backPopulates: "user", cascade: "all, delete-orphan" });
        },
      }) {}
      class Passport extends Base("passports", {
        code: varchar(20).primaryKey(),
        get userId() {
          return integer().notNull().references(User.c.id).unique();
        },
        get user() {
          return oneToOne(User, { backPopulates: "passport" });
        },
      }) {}
      const engine = database.open();
      await Base.metadata.createAll(engine);
      const session = new Session(engine, { autoflush });
      session.add(new User({ id: 1, passport: new Passport({ code: "old" }) }));
      await session.commit();
      session.clear();
      const user = await session.merge(new User({ id: 1, passport: new Passport({ code: "new" }) }));
      expect(user.passport?.code).toBe("new");
      await session.commit();
      expect(await rowsOf(engine, "select code, user_id from passports")).toEqual([["new", 1]]);
      // The same passport once more is no replacement.
      await session.merge(new User({ id: 1, passport: new Passport({ code: "new" }) }));
      await session.commit();
      expect(await rowsOf(engine, "select code, user_id from passports")).toEqual([["new", 1]]);
      await session.close();
      await engine.dispose();
    });

    it("copies a circle of objects once", async () => {
      const Base = declarativeBase();
      class Node extends Base("nodes", {
        name: varchar(20).primaryKey(),
        get nextName() {
          return varchar(20).references(Node.c.name);
        },
        get next() {
          return manyToOne(Node, { remoteSide: [Node.c.name] });
        },
      }) {}
      const engine = database.open();
      await Base.metadata.createAll(engine);
      const ring = () => {
        const nodes = ["a", "b", "a"].map((name) => new Node({ name }));
        nodes.forEach((node, i) => {
          node.next = nodes[(i + 1) % nodes.length] as InstanceType<typeof Node>;
        });
        return nodes[0] as InstanceType<typeof Node>;
      };
      const session = new Session(engine, { autoflush });
      const first = await session.merge(ring());
      await session.commit();
      expect(await session.merge(ring())).toBe(first);
      expect(first.next?.next === first || first.next === first).toBe(true);
      await session.commit();
      expect((await rowsOf(engine, "select name from nodes order by name")).flat()).toEqual(["a", "b"]);
      await session.close();
      await engine.dispose();
    });

    it("refuses an older version, and goes on from the version that is stored", async () => {
      const Base = declarativeBase();
      class Doc extends Base("docs", {
        id: integer().primaryKey(),
        title: varchar(20),
        version: integer().notNull(),
        get mapperArgs() {
          return { versionId: Doc.c.version };
        },
      }) {}
      const engine = database.open();
      await Base.metadata.createAll(engine);
      const session = new Session(engine, { autoflush });
      session.add(new Doc({ id: 1, title: "one" }));
      await session.commit();
      await expect(session.merge(new Doc({ id: 1, title: "no", version: 0 }))).rejects.toThrow(StaleDataError);
      await session.rollback();
      const doc = await session.merge(new Doc({ id: 1, title: "two", version: 1 }));
      await session.commit();
      expect([doc.title, doc.version]).toEqual(["two", 2]);
      expect(await rowsOf(engine, "select title, version from docs")).toEqual([["two", 2]]);
      await session.close();
      await engine.dispose();
    });

    it("leaves what onConflict finds to the flush: new objects become the row that nobody has loaded", async () => {
      const { Base, Group, User, Address } = addressModels("update");
      const engine = database.open();
      await Base.metadata.createAll(engine);
      const other = new Session(engine);
      other.add(new Address({ email: "x@y", city: "A" }));
      await other.commit();
      await other.close();
      const session = new Session(engine, { autoflush });
      const user = (login: string) => new User({ login, address: new Address({ email: "x@y", note: login }) });
      const group = await session.merge(new Group({ id: 1, users: [user("a"), user("b")] }));
      await session.commit();
      const [address] = group.users.map((one) => one.address);
      expect(group.users.map((one) => one.address)).toEqual([address, address]);
      expect([address?.city, address?.note]).toEqual(["A", "b"]);
      expect(await rowsOf(engine, "select email, city, note from addresses")).toEqual([["x@y", "A", "b"]]);
      await session.close();
      await engine.dispose();
    });

    it("finds objects in a graph by another key of their class, where asked to", async () => {
      const { Base, Address, User } = addressModels("update");
      const engine = database.open();
      await Base.metadata.createAll(engine);
      const session = new Session(engine, { autoflush });
      const stored = new Address({ email: "x@y", city: "A" });
      session.add(stored);
      await session.commit();
      const merged = await session.merge(new Address({ email: "x@y", users: [new User({ login: "u" })] }), {
        key: ["email"],
      });
      expect(merged).toBe(stored);
      const [first, second] = await session.mergeAll(
        [new Address({ email: "z@y", city: "1" }), new Address({ email: "z@y", city: "2" })],
        { key: ["email"], onConflict: "first" },
      );
      expect(first).toBe(second);
      expect(first?.city).toBe("1");
      await session.commit();
      expect(await rowsOf(engine, "select email, city from addresses order by email")).toEqual([
        ["x@y", "A"],
        ["z@y", "1"],
      ]);
      expect(await rowsOf(engine, "select login, email from users join addresses a on a.id = address_id")).toEqual([
        ["u", "x@y"],
      ]);
      expect(inspect(merged).state).toBe("persistent");
      await session.close();
      await engine.dispose();
    });
  });
});

function orderModels(orphans: boolean) {
  const Base = declarativeBase();
  class Order extends Base("orders", {
    id: integer().primaryKey(),
    get lines() {
      return oneToMany(Line, {
        cascade: orphans ? "all, delete-orphan" : "save-update, merge",
        orderBy: Line.c.number,
      });
    },
  }) {}
  class Line extends Base("order_lines", {
    get orderId() {
      return integer().references(Order.c.id).primaryKey();
    },
    number: integer().primaryKey(),
    text: varchar(50),
  }) {}
  return { Base, Order, Line };
}
