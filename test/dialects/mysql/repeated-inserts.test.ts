import { bytes, declarativeBase, double, type Engine, integer, Session, UniqueViolation, varchar } from "alkahest";
import { expect, it } from "vitest";
import { describeOnMariadb, openMariadb, openMysql2 } from "../../support/mariadb.ts";
import { rowsOf, StatementLog } from "../../support/statements.ts";

const Base = declarativeBase();
class Item extends Base("item", {
  id: integer().primaryKey(),
  name: varchar(20).unique(),
  weight: double(),
  count: integer(),
  raw: bytes(),
}) {}
class Code extends Base("code", { code: varchar(20).primaryKey(), weight: double(), raw: bytes() }) {}

async function setUp(engine: Engine) {
  await Base.metadata.createAll(engine);
  return { engine, session: new Session(engine), log: new StatementLog(engine) };
}

/** Columns whose values change their kind from row to row. */
const mixed = (n: number) => ({
  weight: n % 3 === 0 ? n : n / 8,
  raw: n % 4 === 0 ? null : new Uint8Array([n]),
});

describeOnMariadb("an INSERT of many rows on MariaDB", () => {
  it("is the text for one row, executed for all, which get their keys", async () => {
    const { engine, session, log } = await setUp(openMariadb());
    const items = Array.from(
      { length: 50 },
      (_, n) => new Item({ name: `i${n}`, count: n % 2 === 0 ? null : n * 1e7, ...mixed(n) }),
    );
    session.addAll(items);
    await session.commit();
    const returning = engine.dialect.capabilities.returning;
    expect(log.all.map(({ sql }) => sql)).toEqual(
      returning
        ? ["INSERT INTO item (name, weight, count, raw) VALUES (?, ?, ?, ?) RETURNING id"]
        : [expect.any(String)],
    );
    const stored = await rowsOf(engine, "SELECT id, weight, count, hex(raw) FROM item ORDER BY id");
    expect(stored).toEqual(
      items.map(({ id, weight, count, raw }) => [
        id,
        weight,
        count,
        raw === null ? null : Buffer.from(raw).toString("hex").toUpperCase(),
      ]),
    );
    await session.close();
  });

  it("has as many rows as are given, where keys are known, too", async () => {
    const { engine, session, log } = await setUp(openMariadb());
    session.addAll(Array.from({ length: 30 }, (_, n) => new Code({ code: `c${n}`, ...mixed(n) })));
    await session.commit();
    const repeated = "INSERT INTO code (code, weight, raw) VALUES (?, ?, ?)";
    expect(log.all.map(({ sql }) => sql)).toEqual(
      engine.dialect.capabilities.returning ? [repeated] : [expect.stringContaining(repeated)],
    );
    expect(await rowsOf(engine, "SELECT count(*), sum(weight = 0.125), sum(raw IS NULL) FROM code")).toEqual([
      [30, "1", "8"],
    ]);
    await session.close();
  });

  it("leaves nothing when one of them fails", async () => {
    const { engine, session } = await setUp(openMariadb());
    session.addAll(Array.from({ length: 30 }, (_, n) => new Item({ name: `i${n % 29}`, ...mixed(n) })));
    const error = await session.commit().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UniqueViolation);
    expect(error).toMatchObject({ className: "Item", property: "name" });
    await session.rollback();
    expect(await rowsOf(engine, "SELECT id FROM item")).toEqual([]);
    await session.close();
  });

  it("is a list of rows by a driver that cannot do that", async () => {
    const { session, log } = await setUp(openMysql2());
    session.addAll(Array.from({ length: 20 }, (_, n) => new Code({ code: `c${n}`, ...mixed(n) })));
    await session.commit();
    expect(log.all.map(({ sql }) => sql)).toEqual([expect.stringMatching(/(\(\?, \?, \?\)(, )?){20}$/)]);
    await session.close();
  });
});
