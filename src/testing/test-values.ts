import assert from "node:assert/strict";
import { literal } from "../expression/index.ts";
import { insert } from "../statement/insert.ts";
import { select } from "../statement/select.ts";
import { text } from "../statement/text.ts";
import type { DeclareTest } from "./runner.ts";
import { nodes, values } from "./tables.ts";

const ROW = {
  id: 1,
  whole: -2147483648,
  large: 9007199254740993n,
  exact: "12345678901234.500001",
  real: 0.1,
  flag: true,
  words: "naïve 'quoted' \"text\" \\ % _ \n 日本 🜀",
  day: "2024-02-29",
  instant: new Date("2024-05-01T10:00:00.123Z"),
  document: { list: [1, "two", null, { deep: true }], empty: {}, text: "\u00e9" },
  raw: new Uint8Array([0, 1, 127, 128, 255]),
};

/** Values go in by parameters and come out of rows unchanged. */
export function valueTests(test: DeclareTest): void {
  test("of every type come back as they went in", async (engine) => {
    const read = await engine.begin(async (connection) => {
      await connection.execute(insert(values).values(ROW));
      return (await connection.execute(select({ ...values.c }))).one();
    });
    assert.deepEqual(read, ROW);
  });

  test("may be null, whatever their type", async (engine) => {
    const nothing = Object.fromEntries(Object.keys(ROW).map((name) => [name, name === "id" ? 1 : null]));
    const read = await engine.begin(async (connection) => {
      await connection.execute(insert(values).values({ ...nothing, id: 1 }));
      return (await connection.execute(select({ ...values.c }))).one();
    });
    // A JSON null is one of the database here.
    assert.deepEqual(read, nothing);
  });

  test("that are empty are not null", async (engine) => {
    const read = await engine.begin(async (connection) => {
      await connection.execute(insert(values).values({ id: 1, words: "", raw: new Uint8Array(0), document: [] }));
      return (await connection.execute(select(values.c.words, values.c.raw, values.c.document))).one();
    });
    assert.deepEqual(read, ["", new Uint8Array(0), []]);
  });

  test("may be long", async (engine) => {
    const words = "äöü 'x' ".repeat(20_000);
    const raw = new Uint8Array(50_000).map((_, index) => index % 251);
    const read = await engine.begin(async (connection) => {
      await connection.execute(insert(values).values({ id: 1, words, raw }));
      return (await connection.execute(select(values.c.words, values.c.raw))).one();
    });
    assert.deepEqual(read, [words, raw]);
  });

  test("of raw SQL are decoded by what the database says", async (engine) => {
    await using connection = await engine.connect();
    await connection.execute(insert(nodes).values({ id: 7, name: "seven" }));
    const result = await connection.execute(text("SELECT id, name, parent_id, 1.5 FROM alkahest_node"));
    const [id, name, parent, fraction] = result.one() as unknown[]; // a text has no types of its own
    assert.deepEqual([id, name, parent, Number(fraction)], [7, "seven", null, 1.5]);
  });

  test("that a number cannot hold are bigint, also in raw SQL", async (engine) => {
    await using connection = await engine.connect();
    await connection.execute(insert(values).values({ id: 1, large: 9007199254740993n }));
    const result = await connection.execute(text("SELECT large FROM alkahest_value"));
    assert.equal(result.scalar(), 9007199254740993n);
  });

  test("are bound in the order of their places", async (engine) => {
    await using connection = await engine.connect();
    const all = Array.from({ length: 50 }, (_, index) => literal(`v${index}`));
    const [first, ...others] = all as [(typeof all)[number], ...typeof all]; // it has 50
    const result = await connection.execute(select(first, ...others));
    assert.deepEqual(
      // So many columns have no row type.
      [...(result.one() as unknown as unknown[])],
      all.map((_, index) => `v${index}`),
    );
  });
}
