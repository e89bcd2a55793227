import { declarativeBase, foreignKey, integer, manyToOne, Session, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";

// A row leaves one that is deleted for one which gets the key of that by following its owner.

const ways = [{}, { onUpdate: "cascade" }, { deferrable: true }] as const;
const cases = ways.flatMap((options) => ["b", "c", null].map((next) => ({ options, next })));

onEveryDatabase("a row that must refer to one of an owner which takes another one's key", (database) => {
  it.each(cases)("leaves the one that had the place there: %o", async ({ options, next }) => {
    const Base = declarativeBase();
    class Owner extends Base("owner", { code: varchar(20).primaryKey(), rank: integer() }) {}
    class Item extends Base("item", {
      get ownerCode() {
        return varchar(20).primaryKey().references(Owner.c.code, options);
      },
      position: integer().primaryKey(),
      get owner() {
        return manyToOne(Owner);
      },
    }) {}
    class Note extends Base("note", {
      id: integer().primaryKey(),
      ownerCode: varchar(20).notNull(),
      position: integer().notNull(),
      get item() {
        return manyToOne(Item);
      },
      get tableArgs() {
        return [foreignKey([Note.c.ownerCode, Note.c.position], [Item.c.ownerCode, Item.c.position], options)];
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine, { suspendForeignKeyChecks: !database.capabilities.keysFollow });
    const [a, b] = [new Owner({ code: "a", rank: 7 }), new Owner({ code: "b", rank: 8 })];
    const [gone, stays] = [new Item({ owner: a, position: 0 }), new Item({ owner: b, position: 0 })];
    const note = new Note({ id: 1, item: gone });
    session.addAll([note, new Note({ id: 2, item: stays })]);
    await session.commit();
    note.item = stays;
    session.delete(gone);
    b.code = "a";
    if (next === null) session.delete(a);
    else a.code = next;
    await session.commit();
    expect(await rowsOf(engine, "select id, owner_code, position from note order by id")).toEqual([
      [1, "a", 0],
      [2, "a", 0],
    ]);
    expect([note.ownerCode, note.position]).toEqual(["a", 0]);
    await session.close();
    await engine.dispose();
  });
});
