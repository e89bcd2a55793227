import { declarativeBase, foreignKey, integer, manyToOne, Session } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";

// Two foreign keys of a new row share a column. What it refers to by the one shows its new key already, what it refers to by
// the other one still shows the old one, and gets the new one by following: both references stay.

async function setUp(database: TestDatabase) {
  const Base = declarativeBase();
  class Tenant extends Base("tenant", { id: integer().primaryKey() }) {}
  class Product extends Base("product", {
    get t() {
      return integer().primaryKey().references(Tenant.c.id);
    },
    no: integer().primaryKey(),
    get tenant() {
      return manyToOne(Tenant);
    },
  }) {}
  class Order extends Base("ord", {
    get t() {
      return integer().primaryKey().references(Tenant.c.id);
    },
    no: integer().primaryKey(),
    p: integer(),
    get tenant() {
      return manyToOne(Tenant, { foreignKeys: [Order.c.t] });
    },
    get product() {
      return manyToOne(Product, { foreignKeys: [Order.c.t, Order.c.p] });
    },
    get tableArgs() {
      return [foreignKey([Order.c.t, Order.c.p], [Product.c.t, Product.c.no])];
    },
  }) {}
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine, { suspendForeignKeyChecks: !database.capabilities.keysFollow });
  const [one, two] = [new Tenant({ id: 1 }), new Tenant({ id: 2 })];
  const [product, other] = [new Product({ tenant: one, no: 5 }), new Product({ tenant: two, no: 5 })];
  session.addAll([one, two, product, other]);
  await session.commit();
  const rows = () => rowsOf(engine, "select t, no, p from ord");
  const close = async () => {
    await session.close();
    await engine.dispose();
  };
  return { Order, session, one, two, product, other, rows, close };
}

type Models = Awaited<ReturnType<typeof setUp>>;
type Order = InstanceType<Models["Order"]>;

/** The ways to make an order of a tenant with a product. */
const WAYS: Readonly<Record<string, (models: Models) => Order>> = {
  "the tenant comes first": ({ Order, one, product }) => new Order({ no: 1, tenant: one, product }),
  "the product comes first": ({ Order, one, product }) => new Order({ no: 1, product, tenant: one }),
  "the tenant is set last": ({ Order, one, product }) => {
    const order = new Order({ no: 1, product });
    order.tenant = one;
    return order;
  },
  "the tenant is set last, when the order is in the session": ({ Order, session, one, product }) => {
    const order = new Order({ no: 1 });
    session.add(order);
    order.product = product;
    order.tenant = one;
    return order;
  },
  "the key of the tenant is set last": ({ Order, one, product }) => {
    const order = new Order({ no: 1, product });
    order.t = one.id;
    return order;
  },
};

onEveryDatabase("a new row that shares a column between two foreign keys", (database) => {
  for (const [way, make] of Object.entries(WAYS)) {
    for (const isExchanged of [false, true]) {
      const change = isExchanged ? "takes the key of another one" : "takes a new key";
      it(`keeps both references while the tenant ${change}: ${way}`, async () => {
        const models = await setUp(database);
        const { session, one, two, product, rows, close } = models;
        one.id = isExchanged ? 2 : 9;
        if (isExchanged) two.id = 1;
        const order = make(models);
        session.add(order);
        expect(order.product).toBe(product);
        await session.commit();
        expect([order.t, order.p, product.t, order.product]).toEqual([one.id, 5, one.id, product]);
        expect(await rows()).toEqual([[one.id, 1, 5]]);
        await close();
      });
    }
  }

  it("keeps both references where the product does not have its tenant loaded", async () => {
    const { Order, session, one, product, rows, close } = await setUp(database);
    session.expire(product, ["tenant"]);
    one.id = 9;
    const order = new Order({ no: 1, product, tenant: one });
    session.add(order);
    expect(order.product).toBe(product);
    await session.commit();
    expect(await rows()).toEqual([[9, 1, 5]]);
    await close();
  });

  it("lets go of the product of another tenant", async () => {
    const { Order, session, one, two, product, rows, close } = await setUp(database);
    one.id = 9;
    const order = new Order({ no: 1, product });
    session.add(order);
    order.tenant = two;
    expect(order.product).not.toBe(product);
    order.p = null;
    await session.commit();
    expect(await rows()).toEqual([[2, 1, null]]);
    await close();
  });
});
