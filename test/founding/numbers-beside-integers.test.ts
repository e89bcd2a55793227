import {
  bigint,
  caseWhen,
  DataError,
  declarativeBase,
  func,
  insert,
  integer,
  literal,
  Session,
  select,
  smallint,
  sql,
  text,
  tuple,
  update,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";

const Base = declarativeBase();
class Parcel extends Base("parcel", {
  id: integer().primaryKey(),
  n: integer(),
  small: smallint(),
  big: bigint(),
}) {}

async function stored(db: TestDatabase): Promise<Session> {
  const engine = db.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  session.add(new Parcel({ id: 1, n: 3, small: 4, big: 5_000_000_000n }));
  await session.commit();
  return session;
}

const { c } = Parcel;

onEveryDatabase("numbers that are no such integers", (db) => {
  it("are compared as what they are", async () => {
    await using session = await stored(db);
    const conditions = {
      "a fraction below": c.n.gt(2.5),
      "a fraction above": c.n.lt(3.5),
      "between fractions": c.n.between(2.5, 3.5),
      "a fraction in a list": c.n.in([2.5, 3]),
      "in no list of fractions": c.n.notIn([2.5, 3.5]),
      "a fraction in a tuple": tuple(c.id, c.n).in([tuple(literal(1), literal(2.5)), tuple(literal(1), literal(3))]),
      "more than 32 bits": c.n.lt(3_000_000_000),
      "more than 16 bits": c.small.lt(100_000),
      "more than 53 bits": c.n.lt(1e20),
      "beside a small one": c.small.gt(-1.5),
      "raw SQL": sql<boolean>`${c.big} < ${1_700_000_000_000}`,
      "below a fraction of rows": c.n.eq(c.n.add(0.5).sub(0.5)),
    };
    for (const [what, condition] of Object.entries(conditions)) {
      expect(await session.all(select(c.id).where(condition)), what).toEqual([1]);
    }
    expect(await session.all(select(func.count()).having(func.count().gt(0.5)))).toEqual([1]);
  });

  it("are calculated with, selected and chosen", async () => {
    await using session = await stored(db);
    const one = async (expression: Parameters<typeof select>[0]) => (await session.all(select(expression)))[0];
    expect(await one(c.n.mul(1.5))).toBe(4.5);
    expect(await one(c.n.add(3_000_000_000))).toBe(3_000_000_003);
    expect(await one(c.n.div(1.5))).toBe(2);
    expect(await one(c.n.div(3_000_000_000))).toBe(0);
    expect(await one(literal(3_000_000_000))).toBe(3_000_000_000);
    expect(await one(literal(-3_000_000_000))).toBe(-3_000_000_000);
    expect(await one(func.coalesce(func.nullif(c.n, 3), 5e9))).toBe(5e9);
    expect(await one(func.coalesce(func.nullif(c.n, 3), 2.5))).toBe(2.5);
    expect(await one(caseWhen([[c.n.eq(3), 5e9]], 0))).toBe(5e9);
    const raw = await session.execute(text("select id from parcel where id < :now", { now: 1_700_000_000_000 }));
    expect(raw.all()).toEqual([[1]]);
  });

  it("belong to no row as a key", async () => {
    await using session = await stored(db);
    expect(await session.get(Parcel, 3_000_000_000)).toBe(null);
    expect(await session.get(Parcel, 1)).not.toBe(null);
  });

  it("are refused as values of an integer column, and memory follows what is stored of them", async () => {
    await using session = await stored(db);
    await expect(session.execute(insert(Parcel).values({ id: 2, n: 2.5 }))).rejects.toThrow(DataError);
    await expect(session.execute(update(Parcel).set({ n: 2.5 }))).rejects.toThrow(/n .*expected a whole number/);
    const parcel = await session.get(Parcel, 1);
    await session.execute(update(Parcel).set({ n: c.n.mul(1.2) }));
    expect([parcel?.n]).toEqual(await session.all(select(c.n)));
  });
});
