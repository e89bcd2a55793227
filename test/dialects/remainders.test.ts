import { type Condition, double, func, insert, integer, MetaData, numeric, real, select, Table } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";

const metadata = new MetaData();
const readings = new Table("readings", metadata, {
  id: integer().primaryKey(),
  count: integer(),
  size: double(),
  share: real(),
  price: numeric(10, 2),
});
const { id, count, size, share, price } = readings.c;

onEveryDatabase("numbers with fractions", (database) => {
  async function open() {
    const engine = database.open();
    await metadata.createAll(engine);
    const connection = await engine.connect();
    await connection.execute(insert(readings).values({ id: 1, count: -7, size: -7.5, share: 7.5, price: "-7.55" }));
    return connection;
  }

  it("have remainders", async () => {
    await using connection = await open();
    const one = async (...what: Parameters<typeof select>) => (await connection.execute(select(...what))).one();
    expect(await one(size.mod(2), size.mod(2.5), share.mod(2), count.mod(2.5))).toEqual([-1.5, 0, 1.5, -2]);
    expect(await one(price.mod("3"), price.mod("0.50"), count.mod(2))).toEqual(["-1.55", "-0.05", -1]);
    expect(await one(size.mod(2).mul(2), size.mod(4).mod(2), size.mod(size.add(5)))).toEqual([-3, -1.5, 0]);
    const where = (condition: Condition) =>
      connection.execute(select(id).where(condition)).then((found) => found.scalars());
    expect(await where(size.mod(2).eq(-1.5))).toEqual([1]);
    expect(await where(price.mod("3").lt("-1.5"))).toEqual([1]);
  });

  it("are rounded to some digits", async () => {
    await using connection = await open();
    const rounded = select(func.round(size, 1), func.round(size.mul(0.11), 1), func.round(price, 1), func.round(price));
    expect((await connection.execute(rounded)).one()).toEqual([-7.5, -0.8, "-7.60", "-8.00"]);
  });

  it("are rounded to no negative zero", async () => {
    await using connection = await open();
    const zeros = select(func.round(size.mul(0.01)), func.round(size.mul(0.01), 1), func.round(share.neg().mul(0.01)));
    expect((await connection.execute(zeros)).one()).toEqual([0, -0.1, 0]);
  });
});
