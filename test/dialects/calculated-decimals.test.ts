import {
  deleteFrom,
  float,
  func,
  insert,
  integer,
  MetaData,
  numeric,
  select,
  sql,
  Table,
  update,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";

const metadata = new MetaData();
const items = new Table("items", metadata, {
  id: integer().primaryKey(),
  count: integer(),
  price: numeric(20, 2),
  rate: numeric(20, 4),
  weight: float(),
  name: varchar(20),
});

onEveryDatabase("what is calculated", (database) => {
  async function open() {
    const engine = database.open();
    await metadata.createAll(engine);
    const connection = await engine.connect();
    await connection.execute(
      insert(items).values({
        id: 1,
        count: 3,
        price: "12345678901234567.89",
        rate: "0.1000",
        weight: 2.5,
        name: "1.5",
      }),
    );
    const stored = async () => (await connection.execute(select(items.c.count, items.c.price, items.c.rate))).one();
    return { connection, stored, [Symbol.asyncDispose]: () => connection.close() };
  }

  it("is rounded to the digits of the column that it is stored in", async () => {
    await using database = await open();
    const { connection, stored } = database;
    await connection.execute(update(items).set({ price: items.c.rate.mul("3.0") }));
    await connection.execute(update(items).set({ count: items.c.weight.mul(3.5), rate: items.c.rate.add("0.2") }));
    expect(await stored()).toEqual([9, "0.30", "0.3000"]);
    expect((await connection.execute(select(items.c.id).where(items.c.price.eq("0.3")))).all()).toEqual([[1]]);
    await connection.execute(
      update(items)
        .set({ price: items.c.rate.div("0.0"), count: null })
        .where(items.c.id.eq(2)),
    );
    await connection.execute(update(items).set({ price: func.nullif(items.c.price, "0.30") }));
    expect(await stored()).toEqual([9, null, "0.3000"]);
  });

  it("leaves decimals as they are that are only copied", async () => {
    await using database = await open();
    const { connection, stored } = database;
    await connection.execute(update(items).set({ price: func.coalesce(items.c.price, "1.00") }));
    expect((await stored())[1]).toBe("12345678901234567.89");
    await connection.execute(deleteFrom(items));
    await connection.execute(
      insert(items).values({ id: 1, count: 1, price: sql<string>`${"5.5"} + 0.25`, rate: "1.0" }),
    );
    expect((await stored())[1]).toBe("5.75");
  });

  it("is rounded by a cast", async () => {
    await using database = await open();
    const { connection } = database;
    const casts = select(items.c.rate.mul("36").cast(integer()), items.c.weight.add(0.255).cast(numeric(10, 2)));
    expect((await connection.execute(casts)).one()).toEqual([4, expect.stringMatching(/^2\.7[56]$/)]);
  });

  it("is rounded up from the half, and is no negative zero", async () => {
    await using database = await open();
    const { connection } = database;
    const { rate, price } = items.c;
    for (const [factor, expected] of [
      ["10.05", "1.01"],
      ["-26.75", "-2.68"],
      ["11.15", "1.12"],
      ["10.049", "1.00"],
      ["-0.04", "0.00"],
      ["99999999999999.9", "9999999999999.99"],
    ] as const) {
      await connection.execute(update(items).set({ price: rate.mul(factor) }));
      expect((await connection.execute(select(price))).one()).toEqual([expected]);
      expect((await connection.execute(select(items.c.id).where(price.eq(expected)))).all()).toEqual([[1]]);
    }
  });

  it("is rounded where a column has fewer digits than the one that is copied or cast", async () => {
    await using database = await open();
    const { connection } = database;
    const { rate, price, name } = items.c;
    await connection.execute(update(items).set({ rate: "1.2355" }));
    const casts = select(rate.cast(numeric(10, 2)), name.cast(numeric(10, 0)), rate.cast(numeric(10, 5)));
    expect((await connection.execute(casts)).one()).toEqual(["1.24", "2", "1.23550"]);
    await connection.execute(update(items).set({ price: rate }));
    expect((await connection.execute(select(price).where(price.eq("1.24")))).all()).toEqual([["1.24"]]);
    await connection.execute(update(items).set({ rate: price }));
    expect((await connection.execute(select(rate).where(rate.eq("1.2400")))).all()).toEqual([["1.2400"]]);
  });
});
