import { declarativeBase, inspect, integer, manyToOne, oneToMany, Session } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// ON DELETE SET NULL under `passiveDeletes`: the database lets go of the deleted row, and objects show it.

onEveryDatabase("rows that ON DELETE SET NULL lets go of", (database) => {
  it("are shown without the foreign key", async () => {
    const Base = declarativeBase();
    class Owner extends Base("owner", {
      id: integer().primaryKey(),
      get items() {
        return oneToMany(Item, { backPopulates: "owner", passiveDeletes: "all" });
      },
    }) {}
    class Item extends Base("item", {
      id: integer().primaryKey(),
      get ownerId() {
        return integer().references(Owner.c.id, { onDelete: "set null" });
      },
      get owner() {
        return manyToOne(Owner, { backPopulates: "items" });
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    const [first, second] = [new Owner({ id: 1 }), new Owner({ id: 2 })];
    const items = [first, first, second].map((owner, n) => new Item({ id: n, owner }));
    session.addAll(items);
    await session.commit();
    const log = new StatementLog(engine);
    items[1]!.owner = second;
    session.delete(first);
    await session.flush();
    expect(log.writes).toEqual(["UPDATE item", "DELETE owner"]);
    expect(items.map(({ ownerId }) => ownerId)).toEqual([null, 2, 2]);
    expect(items.map(({ owner }) => owner)).toEqual([null, second, second]);
    expect([session.dirty.size, inspect(items[0]!).history("ownerId").added]).toEqual([0, []]);
    await session.rollback();
    expect(items.map(({ ownerId, owner }) => [ownerId, owner])).toEqual([
      [1, first],
      [1, first],
      [2, second],
    ]);
    expect(first.items).toEqual([items[0], items[1]]);

    session.delete(first);
    await session.commit();
    expect(items.map(({ ownerId }) => ownerId)).toEqual([null, null, 2]);
    expect(await rowsOf(engine, "SELECT id, owner_id FROM item ORDER BY id")).toEqual([
      [0, null],
      [1, null],
      [2, 2],
    ]);
    session.addAll(items);
    await session.close();
    await engine.dispose();
  });
});
