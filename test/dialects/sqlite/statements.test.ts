import { beforeEach, describe, expect, it } from "vitest";
import type { Connection } from "../../../src/engine/index.ts";
import { CompileError } from "../../../src/errors/index.ts";
import { func, literal, tuple } from "../../../src/expression/func.ts";
import type { Node } from "../../../src/expression/node.ts";
import { date, integer, MetaData, numeric, Table, varchar } from "../../../src/schema/index.ts";
import { insert } from "../../../src/statement/insert.ts";
import { select } from "../../../src/statement/select.ts";
import { memoryEngine } from "../../engine/support.ts";

const metadata = new MetaData();
const goods = new Table("goods", metadata, {
  id: integer().primaryKey(),
  name: varchar(20),
  price: numeric(10, 2),
  weight: numeric(),
  since: date(),
});

describe("statements in SQLite", () => {
  let connection: Connection;

  beforeEach(async () => {
    const engine = memoryEngine();
    await metadata.createAll(engine);
    connection = await engine.connect();
    await connection.execute(
      insert(goods).values([
        { id: 1, name: "nail", price: "9.50", weight: "9.5", since: "2024-01-31" },
        { id: 2, name: "hammer", price: "10.00", weight: "1000", since: "2023-12-01" },
        { id: 3, name: "house", price: "200000", weight: "1e6", since: null },
      ]),
    );
  });

  const scalars = async (statement: Node): Promise<unknown[]> => (await connection.execute(statement)).scalars();

  it("order and compare decimals as numbers", async () => {
    const { id, price, weight } = goods.c;
    expect(await scalars(select(id).orderBy(price))).toEqual([1, 2, 3]);
    expect(await scalars(select(id).orderBy(weight.desc()))).toEqual([3, 2, 1]);
    expect(await scalars(select(id).where(price.gt("9.75")))).toEqual([2, 3]);
    expect(await scalars(select(id).where(price.between("9", "100")))).toEqual([1, 2]);
    expect(await scalars(select(id).where(price.eq("10")))).toEqual([2]);
    expect(await scalars(select(id).where(price.eq(weight)))).toEqual([1]);
    expect(await scalars(select(id).where(price.in(["10.0", "9.5"])))).toEqual([1, 2]);
  });

  it("calculate with decimals, and give them their digits", async () => {
    const { price, weight } = goods.c;
    expect(await scalars(select(func.max(price)))).toEqual(["200000.00"]);
    expect(await scalars(select(func.min(price)))).toEqual(["9.50"]);
    expect(await scalars(select(func.sum(price)))).toEqual(["200019.50"]);
    expect(await scalars(select(func.max(weight)))).toEqual(["1000000"]);
  });

  it("have no DISTINCT ON", async () => {
    const { id, name } = goods.c;
    await expect(scalars(select(id).distinct(name))).rejects.toThrow(new CompileError("SQLite has no DISTINCT ON."));
  });

  it("keep every digit of a decimal", async () => {
    await connection.execute(insert(goods).values({ id: 4, weight: "0.12345678901234567890123456789" }));
    expect(await scalars(select(goods.c.weight).where(goods.c.id.eq(4)))).toEqual(["0.12345678901234567890123456789"]);
  });

  it("skip rows without a limit", async () => {
    expect(await scalars(select(goods.c.id).orderBy(goods.c.id).offset(1))).toEqual([2, 3]);
    expect(await scalars(select(goods.c.id).orderBy(goods.c.id).limit(1).offset(1))).toEqual([2]);
  });

  it("compare tuples", async () => {
    const { id, name } = goods.c;
    const wanted = tuple(id, name).in([tuple(literal(1), literal("nail")), tuple(literal(2), literal("house"))]);
    expect(await scalars(select(id).where(wanted))).toEqual([1]);
  });

  it("cast to types that are stored as text", async () => {
    expect(await scalars(select(goods.c.since.cast(date())).where(goods.c.id.eq(1)))).toEqual(["2024-01-31"]);
    expect(await scalars(select(goods.c.name.cast(integer())).where(goods.c.id.eq(1)))).toEqual([0]);
  });

  it("name functions as SQLite does", async () => {
    expect(await scalars(select(func.call("greatest", integer(), 3, 7)))).toEqual([7]);
    expect(await scalars(select(func.call("least", integer(), 3, 7)))).toEqual([3]);
    expect((await scalars(select(func.now())))[0]).toBeInstanceOf(Date);
  });

  it("bind whole numbers as integers", async () => {
    expect(await scalars(select(func.call("typeof", varchar(), 5)))).toEqual(["integer"]);
    expect(await scalars(select(func.call("json_array", varchar(), 5, 1.5)))).toEqual(["[5,1.5]"]);
  });

  it("quote names where SQLite needs it", async () => {
    const odd = new Table("order", new MetaData(), { id: integer().primaryKey(), Group: integer(), index: integer() });
    await odd.metadata.createAll(connection);
    await connection.execute(insert(odd).values({ Group: 1, index: 2 }));
    const result = await connection.execute(select(odd));
    expect(result.all()).toEqual([{ id: 1, Group: 1, index: 2 }]);
  });

  it("say what SQLite does not have", async () => {
    const ids = select(goods.c.id);
    await expect(connection.execute(select(ids.lateral("x")))).rejects.toThrow(CompileError);
  });
});
