import { declarativeBase, integer, Session, select, update } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";

const Base = declarativeBase();
class Stock extends Base("stock", { id: integer().primaryKey(), n: integer(), before: integer() }) {}
const { c } = Stock;

onEveryDatabase("objects follow an update that sets a column by another one that it sets", (db) => {
  it.each([
    ["set before it", { n: c.n.add(1), before: c.n }],
    ["set after it", { before: c.n, n: c.n.add(1) }],
    ["exchanged", { n: c.before, before: c.n }],
  ])("%s", async (_, values) => {
    const engine = db.open();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    const stock = new Stock({ id: 1, n: 5, before: 1 });
    session.add(stock);
    await session.commit();
    await session.execute(update(Stock).set(values));
    const [row] = await session.all(select(c.n, c.before));
    expect([stock.n, stock.before]).toEqual(row);
    await session.rollback();
    expect([stock.n, stock.before]).toEqual([5, 1]);
  });
});
