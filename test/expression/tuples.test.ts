import {
  ArgumentError,
  bigint,
  type Condition,
  func,
  insert,
  integer,
  literal,
  MetaData,
  select,
  Table,
  timestamp,
  tuple,
  varchar,
} from "alkahest";
import { describe, expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";

const metadata = new MetaData();
const visits = new Table("visits", metadata, {
  id: integer().primaryKey(),
  guest: varchar(9),
  at: timestamp(),
  size: bigint(),
});
const { id, guest, at, size } = visits.c;
const [first, second] = [new Date("2024-01-31T10:00:00.250Z"), new Date("2024-02-01T00:00:00.000Z")];

onEveryDatabase("a row of values", (database) => {
  async function idsWhere(condition: Condition): Promise<unknown[]> {
    const engine = database.open();
    await metadata.createAll(engine);
    await using connection = await engine.connect();
    await connection.execute(
      insert(visits).values([
        { id: 1, guest: "a", at: first, size: 1n },
        { id: 2, guest: "a", at: second, size: 2n },
        { id: 3, guest: "b", at: first, size: 3n },
      ]),
    );
    return (await connection.execute(select(id).where(condition).orderBy(id))).scalars();
  }

  it("is compared with lists of values, each of the type of its place", async () => {
    expect(
      await idsWhere(
        tuple(guest, at, size).in([
          ["a", first, 1n],
          ["b", first, 3n],
          ["b", second, 2n],
        ]),
      ),
    ).toEqual([1, 3]);
    expect(await idsWhere(tuple(guest, at).notIn([["a", first]]))).toEqual([2, 3]);
    expect(await idsWhere(tuple(guest, at).eq(["b", first]))).toEqual([3]);
    expect(await idsWhere(tuple(at, id).gt([first, 1]))).toEqual([2, 3]);
  });

  it("is compared with values of what is calculated, and with tuples beside them", async () => {
    expect(await idsWhere(tuple(func.upper(guest), id.add(1)).in([["A", 3], tuple(literal("B"), literal(4))]))).toEqual(
      [2, 3],
    );
  });
});

describe("a row of values", () => {
  it("refuses rows of other lengths, and null, which is equal to nothing", () => {
    // Types refuse what plain JavaScript may write.
    expect(() => tuple(id, guest).in([[1] as never])).toThrow(ArgumentError);
    expect(() => tuple(id, guest).in([[1, null]])).toThrow(/isNull\(\)/);
    expect(() => tuple(id, guest).eq([1, undefined as never])).toThrow(/undefined is no SQL value/);
    // @ts-expect-error the values are in the wrong order
    tuple(id, guest).in([["x", 1]]);
  });
});
