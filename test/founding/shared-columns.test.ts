import {
  declarativeBase,
  FlushCycleError,
  foreignKey,
  integer,
  manyToOne,
  oneToMany,
  Session,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// A column that two foreign keys share: what their rows refer to changes its key.

type Options = { onUpdate?: "cascade"; deferrable?: true };

/** Orders of a tenant, by one of its customers. */
async function tenants(
  database: TestDatabase,
  { direct, byCustomer }: { direct: Options; byCustomer: Options },
  foreignKeys: boolean,
) {
  const Base = declarativeBase();
  class Tenant extends Base("tenant", { id: integer().primaryKey(), name: varchar(5) }) {}
  class Customer extends Base("customer", {
    get t() {
      return integer().primaryKey().references(Tenant.c.id, direct);
    },
    no: integer().primaryKey(),
  }) {}
  class Order extends Base("ord", {
    id: integer().primaryKey(),
    get t() {
      return integer().notNull().references(Tenant.c.id, direct);
    },
    customer: integer(),
    name: varchar(5),
    get tableArgs() {
      return [foreignKey([Order.c.t, Order.c.customer], [Customer.c.t, Customer.c.no], byCustomer)];
    },
  }) {}
  const engine = database.open({ foreignKeys });
  await Base.metadata.createAll(engine);
  const session = new Session(engine, { suspendForeignKeyChecks: !database.capabilities.keysFollow });
  const all = [1, 2, 3].map((id) => new Tenant({ id, name: `n${id}` }));
  session.addAll(all);
  await session.flush();
  session.addAll([1, 2, 3].map((t) => new Customer({ t, no: 1 })));
  await session.flush();
  // The last two have no customer.
  session.addAll([1, 2, 3, 1, 2].map((t, i) => new Order({ id: i, t, customer: i < 3 ? 1 : null, name: `n${t}` })));
  await session.commit();
  return { Order, engine, session, all };
}

const OWNERS = "select o.id, o.name, t.name from ord o join tenant t on t.id = o.t order by o.id";
const RIGHT = ["n1", "n2", "n3", "n1", "n2"].map((name, i) => [i, name, name]);

const CHANGES: Readonly<Record<string, readonly [number, number, number]>> = {
  "an exchange": [2, 1, 3],
  "a rotation": [2, 3, 1],
  "a shift": [2, 3, 4],
  "one of them": [9, 2, 3],
};

onEveryDatabase("rows that refer to a changed key by two foreign keys", (database) => {
  const { keysFollow, deferrable, foreignKeysOff } = database.capabilities;
  const cascade: Options = { onUpdate: "cascade" };
  const ways = [
    { title: "plain", direct: {}, byCustomer: {}, foreignKeys: true, runs: true },
    { title: "ON UPDATE CASCADE", direct: cascade, byCustomer: cascade, foreignKeys: true, runs: true },
    { title: "one of them ON UPDATE CASCADE", direct: {}, byCustomer: cascade, foreignKeys: true, runs: true },
    { title: "the other one", direct: cascade, byCustomer: {}, foreignKeys: true, runs: true },
    {
      title: "deferrable",
      direct: { deferrable: true },
      byCustomer: { deferrable: true },
      foreignKeys: true,
      runs: deferrable,
    },
    { title: "not checked", direct: {}, byCustomer: {}, foreignKeys: false, runs: foreignKeysOff },
    { title: "not checked, CASCADE", direct: cascade, byCustomer: cascade, foreignKeys: false, runs: foreignKeysOff },
  ] as const;
  for (const { title, direct, byCustomer, foreignKeys, runs } of ways) {
    for (const [change, ids] of Object.entries(CHANGES)) {
      it.runIf(runs)(`stay with it (${title}): ${change}`, async () => {
        const { engine, session, all } = await tenants(database, { direct, byCustomer }, foreignKeys);
        const log = new StatementLog(engine);
        all.forEach((tenant, i) => {
          tenant.id = ids[i] as number; // one for each
        });
        await session.commit();
        await session.close();
        const sent = log.all.map(({ sql, parameters }) => `${sql} -- ${parameters.join()}`).join("\n");
        expect(await rowsOf(engine, OWNERS), sent).toEqual(RIGHT);
      });
    }
  }

  it.runIf(!keysFollow)("are refused before the first statement where the database cannot change both", async () => {
    const { engine, session, all } = await tenants(database, { direct: cascade, byCustomer: cascade }, true);
    await session.close();
    const strict = new Session(engine);
    const [tenant] = all;
    if (tenant === undefined) throw new Error("there are three");
    const merged = await strict.merge(tenant);
    const log = new StatementLog(engine);
    merged.id = 9;
    await expect(strict.commit()).rejects.toThrow(FlushCycleError);
    expect(log.all.filter(({ sql }) => sql.startsWith("UPDATE"))).toEqual([]);
    await strict.rollback();
    await strict.close();
  });
});

for (const onUpdate of ["cascade", null] as const) {
  for (const change of ["another product", "the same product", "a note"] as const) {
    onEveryDatabase(`an item follows its order, ON UPDATE ${onUpdate ?? "nothing"}, and gets ${change}`, (database) => {
      it("is found by the next flush, which writes its own row", async () => {
        const options = onUpdate === null ? {} : { onUpdate };
        const Base = declarativeBase();
        class Tenant extends Base("tenant", { id: integer().primaryKey() }) {}
        class Product extends Base("product", {
          get t() {
            return integer().primaryKey().references(Tenant.c.id);
          },
          no: integer().primaryKey(),
        }) {}
        class Order extends Base("ord", {
          get t() {
            return integer().primaryKey().references(Tenant.c.id);
          },
          no: integer().primaryKey(),
          name: varchar(5),
          get items() {
            return oneToMany(Item, { backPopulates: "order" });
          },
        }) {}
        class Item extends Base("item", {
          t: integer().primaryKey(),
          o: integer().primaryKey(),
          p: integer().notNull(),
          note: varchar(9),
          get order() {
            return manyToOne(Order, { foreignKeys: [Item.c.t, Item.c.o], backPopulates: "items" });
          },
          get product() {
            return manyToOne(Product, { foreignKeys: [Item.c.t, Item.c.p] });
          },
          get tableArgs() {
            return [
              foreignKey([Item.c.t, Item.c.o], [Order.c.t, Order.c.no], options),
              foreignKey([Item.c.t, Item.c.p], [Product.c.t, Product.c.no], options),
            ];
          },
        }) {}
        const engine = database.open();
        await Base.metadata.createAll(engine);
        const session = new Session(engine, { suspendForeignKeyChecks: !database.capabilities.keysFollow });
        const [first, second] = [new Product({ t: 1, no: 1 }), new Product({ t: 1, no: 2 })];
        const [one, two] = [new Order({ t: 1, no: 1, name: "n1" }), new Order({ t: 1, no: 2, name: "n2" })];
        session.add(new Tenant({ id: 1 }));
        await session.flush();
        session.addAll([first, second, one, two]);
        const item = new Item({ order: one, product: first });
        session.addAll([item, new Item({ order: two, product: first })]);
        await session.commit();
        if (change === "a note") item.note = "x";
        else item.product = change === "another product" ? second : first;
        [one.no, two.no] = [2, 1];
        await session.commit();
        item.note = "mine";
        await session.commit();
        expect(item.o).toBe(2);
        const rows = await rowsOf(
          engine,
          "select o.name, i.o, i.note from item i join ord o on o.t = i.t and o.no = i.o order by 1",
        );
        expect(rows).toEqual([
          ["n1", 2, "mine"],
          ["n2", 1, null],
        ]);
        await session.close();
      });
    });
  }
}

onEveryDatabase("rows with ON UPDATE SET NULL behind a key that follows another one", (database) => {
  it("refer to nothing, and so do their objects", async () => {
    const Base = declarativeBase();
    class Tenant extends Base("tenant", { id: integer().primaryKey() }) {}
    class Customer extends Base("customer", {
      get t() {
        return integer().primaryKey().references(Tenant.c.id, { onUpdate: "cascade" });
      },
      no: integer().primaryKey(),
    }) {}
    class Visit extends Base("visit", {
      id: integer().primaryKey(),
      t: integer(),
      no: integer(),
      get tableArgs() {
        return [foreignKey([Visit.c.t, Visit.c.no], [Customer.c.t, Customer.c.no], { onUpdate: "set null" })];
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    const tenant = new Tenant({ id: 1 });
    session.add(tenant);
    await session.flush();
    session.add(new Customer({ t: 1, no: 1 }));
    await session.flush();
    const visit = new Visit({ id: 1, t: 1, no: 1 });
    session.add(visit);
    await session.commit();
    tenant.id = 5;
    await session.commit();
    expect(await rowsOf(engine, "select t, no from visit")).toEqual([[null, null]]);
    expect([visit.t, visit.no]).toEqual([null, null]);
    tenant.id = 6;
    await session.flush();
    await session.rollback();
    expect([tenant.id, visit.t, visit.no]).toEqual([5, null, null]);
    await session.close();
  });
});
