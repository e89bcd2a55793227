import { boolean, declarativeBase, func, integer, literal, Session, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// A new object has the key of a deleted one, and an UPDATE of its row would wait for another row in a circle.

onEveryDatabase("a row that would be taken over", (database) => {
  it("is deleted and inserted where it exchanges a reference, to which no temporary value would do", async () => {
    const Base = declarativeBase();
    class Guest extends Base("guest", { id: integer().primaryKey() }) {}
    class Seat extends Base("seat", {
      id: integer().primaryKey(),
      note: varchar(10),
      get guestId() {
        return integer().notNull().unique().references(Guest.c.id);
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    session.addAll([new Guest({ id: 1 }), new Guest({ id: 2 })]);
    await session.flush();
    const [one, two] = [new Seat({ id: 1, guestId: 1, note: "old" }), new Seat({ id: 2, guestId: 2 })];
    session.addAll([one, two]);
    await session.commit();
    const log = new StatementLog(engine);
    session.delete(one);
    two.guestId = 1;
    const next = new Seat({ id: 1, guestId: 2 });
    session.add(next);
    await session.flush();
    // SQLite puts checks off, so that a temporary reference will do.
    const [first, last] = database.capabilities.deferForeignKeys ? ["UPDATE", "UPDATE"] : ["DELETE", "INSERT"];
    expect(log.writes).toEqual([`${first} seat`, "UPDATE seat", `${last} seat`]);
    expect(await session.get(Seat, 1)).toBe(next);
    await session.rollback();
    expect(await session.get(Seat, 1)).toBe(one);
    session.delete(one);
    two.guestId = 1;
    session.add(new Seat({ id: 1, guestId: 2 }));
    await session.commit();
    expect(await rowsOf(engine, "select id, guest_id, note from seat order by id")).toEqual([
      [1, 2, null],
      [2, 1, null],
    ]);
  });

  it("is deleted and inserted where all values that its column has are taken", async () => {
    const Base = declarativeBase();
    class Flag extends Base("flag", { id: integer().primaryKey(), isMain: boolean().notNull().unique() }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    const [one, two] = [new Flag({ id: 1, isMain: true }), new Flag({ id: 2, isMain: false })];
    session.addAll([one, two]);
    await session.commit();
    const log = new StatementLog(engine);
    session.delete(one);
    two.isMain = true;
    session.add(new Flag({ id: 1, isMain: false }));
    await session.commit();
    expect(log.writes).toEqual(["DELETE flag", "UPDATE flag", "INSERT flag"]);
    session.clear();
    expect((await session.get(Flag, 1))?.isMain).toBe(false);
    expect((await session.get(Flag, 2))?.isMain).toBe(true);
  });

  it("is deleted and inserted where it refers to a row that goes and comes back", async () => {
    const Base = declarativeBase();
    class Owner extends Base("owner", {
      id: integer().primaryKey(),
      name: varchar(10).serverDefault(func.lower(literal("NOBODY"))),
    }) {}
    class Badge extends Base("badge", {
      id: integer().primaryKey(),
      get ownerId() {
        return integer().notNull().references(Owner.c.id);
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    const owner = new Owner({ id: 1, name: "old" });
    session.add(owner);
    await session.flush();
    const badge = new Badge({ id: 7, ownerId: 1 });
    session.add(badge);
    await session.commit();
    const log = new StatementLog(engine);
    session.delete(badge);
    session.delete(owner);
    session.addAll([new Owner({ id: 1 }), new Badge({ id: 7, ownerId: 1 })]);
    await session.commit();
    expect(log.writes).toEqual(["DELETE badge", "DELETE owner", "INSERT owner", "INSERT badge"]);
    expect(await rowsOf(engine, "select id, name from owner")).toEqual([[1, "nobody"]]);
    expect(await rowsOf(engine, "select id, owner_id from badge")).toEqual([[7, 1]]);
  });
});
