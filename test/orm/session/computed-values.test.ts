import { ArgumentError, declarativeBase, integer, Session, sql } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../../support/databases.ts";

const Base = declarativeBase();
class Item extends Base("items", {
  id: integer().primaryKey(),
  n: integer(),
  twice: integer().computed(sql`n * 2`, { stored: true }),
}) {}

onEveryDatabase("a value that the database computes", (db) => {
  it("cannot be set, but is read again when what it is computed from changes", async () => {
    const engine = db.open();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    const item = new Item({ id: 1, n: 2 });
    session.add(item);
    await session.commit();
    const set = () => {
      item.twice = 77;
    };
    expect(set).toThrow(ArgumentError);
    expect(set).toThrow(
      'Item#1: "twice" is computed by the database, and cannot be set. Set what it is computed from;',
    );
    expect(session.isModified(item)).toBe(false);
    item.n = 5;
    await session.commit();
    expect(item.twice).toBe(10);
  });

  it("cannot be given to a new object", () => {
    expect(() => new Item({ id: 1, n: 2, twice: 4 })).toThrow(ArgumentError);
  });

  it("may be assigned as it is, and merged", async () => {
    const engine = db.open();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    const item = new Item({ id: 1, n: 2 });
    session.add(item);
    await session.commit();
    Object.assign(item, JSON.parse(JSON.stringify(item)), { n: 3 });
    await session.commit();
    expect(item.twice).toBe(6);
    session.clear();
    expect((await session.merge(item)).twice).toBe(6);
  });
});
