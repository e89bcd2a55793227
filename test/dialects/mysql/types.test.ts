import { bigint, func, insert, integer, literal, MetaData, numeric, select, sql, Table, text } from "alkahest";
import { expect, it } from "vitest";
import { describeOnMariadb, openMariadb } from "../../support/mariadb.ts";

describeOnMariadb("values of MariaDB", () => {
  it("are compared exactly, decimals and large integers among them", async () => {
    const engine = openMariadb();
    const table = new Table("sample", new MetaData(), { id: bigint().primaryKey(), price: numeric(30, 10) });
    await table.metadata.createAll(engine);
    await using connection = await engine.connect();
    await connection.execute(insert(table).values({ id: 9007199254740993n, price: "12345678901234567.0000000001" }));
    const count = async (condition: Parameters<ReturnType<typeof select>["where"]>[0]) =>
      (await connection.execute(select(func.count()).selectFrom(table).where(condition))).scalar();
    expect(await count(table.c.price.eq("12345678901234567.0000000001"))).toBe(1);
    expect(await count(table.c.price.eq("12345678901234567.0000000002"))).toBe(0);
    expect(await count(table.c.id.eq(9007199254740992n))).toBe(0);
  });

  it("of now() are the present, whatever zone the server is in", async () => {
    await using connection = await openMariadb().connect();
    const now = (await connection.execute(select(func.now()))).scalar();
    expect(Math.abs(Number(now) - Date.now())).toBeLessThan(60_000);
  });

  it("that no type describes are numbers, bigints, dates and bytes", async () => {
    await using connection = await openMariadb().connect();
    const rows = await connection.execute(
      sql`SELECT count(*), 9007199254740993, CAST('2024-01-02 03:04:05' AS DATETIME), x'00ff', ${"é"}`,
    );
    expect([...rows].map((row) => [...(row as unknown[])])).toEqual([
      [1, 9007199254740993n, new Date("2024-01-02T03:04:05Z"), new Uint8Array([0, 255]), "é"],
    ]);
  });

  it("are divided as integers, joined as texts and compared with NULL as elsewhere", async () => {
    await using connection = await openMariadb().connect();
    const five = literal(5, integer());
    const query = select(five.div(2), literal("a", text()).concat("b"), five.isDistinctFrom(null));
    expect([...(await connection.execute(query))]).toEqual([[2, "ab", true]]);
  });
});
