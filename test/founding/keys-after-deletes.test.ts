import { declarativeBase, integer, manyToOne, Session } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";

// ON DELETE CASCADE says nothing about a key that changes: a row that is deleted has to be gone before.

const Base = declarativeBase();
class Owner extends Base("owner", { id: integer().primaryKey() }) {}
class Part extends Base("part", {
  id: integer().primaryKey(),
  get ownerId() {
    return integer().notNull().references(Owner.c.id, { onDelete: "cascade" });
  },
  get owner() {
    return manyToOne(Owner);
  },
}) {}
class Item extends Base("item", {
  id: integer().primaryKey(),
  get partId() {
    return integer().references(Part.c.id);
  },
  get ownerId() {
    return integer().references(Owner.c.id);
  },
  get part() {
    return manyToOne(Part);
  },
  get owner() {
    return manyToOne(Owner);
  },
}) {}

onEveryDatabase("a row takes another key, and what refers to it is deleted", (database) => {
  it("before, also where it is in a circle with a row that comes to the new key", async () => {
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    const owner = new Owner({ id: 1 });
    const part = new Part({ id: 1, owner });
    const item = new Item({ id: 1, part });
    session.addAll([owner, part, item]);
    await session.commit();
    owner.id = 2;
    [item.part, item.owner] = [null, owner];
    session.delete(part);
    await session.commit();
    expect(await rowsOf(engine, "select id from owner")).toEqual([[2]]);
    expect(await rowsOf(engine, "select id from part")).toEqual([]);
    expect(await rowsOf(engine, "select id, part_id, owner_id from item")).toEqual([[1, null, 2]]);
  });
});
