import { declarativeBase, foreignKey, integer, Session, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// Two orders of a tenant exchange their numbers. The items share the tenant with their reference to a product: a temporary
// tenant would refer to no product, a temporary number does no harm.

for (const onUpdate of ["cascade", null] as const) {
  for (const first of ["tenant", "number"] as const) {
    const declared = onUpdate === null ? {} : { onUpdate };
    onEveryDatabase(`orders exchange numbers, ON UPDATE ${onUpdate}, the key begins with the ${first}`, (database) => {
      it("and their items follow, which share a column of the key with another foreign key", async () => {
        const Base = declarativeBase();
        class Product extends Base("product", { tenant: integer().primaryKey(), number: integer().primaryKey() }) {}
        class Order extends Base("orders", {
          ...(first === "tenant"
            ? { tenant: integer().primaryKey(), number: integer().primaryKey() }
            : { number: integer().primaryKey(), tenant: integer().primaryKey() }),
          name: varchar(10),
        }) {}
        class Item extends Base("item", {
          id: integer().primaryKey(),
          tenant: integer().notNull(),
          orderNumber: integer().notNull(),
          product: integer().notNull(),
          get tableArgs() {
            return [
              foreignKey([Item.c.tenant, Item.c.orderNumber], [Order.c.tenant, Order.c.number], declared),
              foreignKey([Item.c.tenant, Item.c.product], [Product.c.tenant, Product.c.number], declared),
            ];
          },
        }) {}
        const engine = database.open();
        await Base.metadata.createAll(engine);
        const session = new Session(engine, { suspendForeignKeyChecks: !database.capabilities.keysFollow });
        const orders = [1, 2].map((number) => new Order({ tenant: 1, number, name: `of ${number}` })) as [Order, Order];
        session.addAll([new Product({ tenant: 1, number: 1 }), ...orders]);
        await session.flush();
        session.addAll([1, 2].map((id) => new Item({ id, tenant: 1, orderNumber: id, product: 1 })));
        await session.commit();
        const log = new StatementLog(engine);
        [orders[0].number, orders[1].number] = [2, 1];
        await session.commit();
        if (onUpdate === "cascade") expect(log.writes).toEqual(["UPDATE orders", "UPDATE orders", "UPDATE orders"]);
        expect(await rowsOf(engine, "select tenant, number, name from orders order by number")).toEqual([
          [1, 1, "of 2"],
          [1, 2, "of 1"],
        ]);
        expect(await rowsOf(engine, "select id, tenant, order_number, product from item order by id")).toEqual([
          [1, 1, 2, 1],
          [2, 1, 1, 1],
        ]);
        await session.close();
      });
    });
  }
}
