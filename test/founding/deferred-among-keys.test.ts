import { declarativeBase, foreignKey, integer, manyToOne, Session, unique, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";

// A check that can be put off does not put off what a changed key does to the rows that refer to it.

onEveryDatabase("a row is to refer to a new one that takes the key which another one leaves", (database) => {
  const { deferrable } = database.capabilities;

  it.each([
    { onUpdate: "cascade", onDelete: "cascade", deferrable },
    { onUpdate: "cascade", deferrable },
    { onDelete: "cascade", deferrable },
    { deferrable },
  ] as const)("and does not follow that one %o", async (options) => {
    const Base = declarativeBase();
    class Owner extends Base("owner", { id: integer().primaryKey(), code: varchar(10).notNull().unique() }) {}
    class Thing extends Base("thing", {
      id: integer().primaryKey(),
      slot: varchar(3).notNull(),
      get ownerCode() {
        return varchar(10).notNull().references(Owner.c.code, options);
      },
      get owner() {
        return manyToOne(Owner);
      },
      get tableArgs() {
        return [unique("thing_uk", Thing.c.ownerCode, Thing.c.slot)];
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine, { suspendForeignKeyChecks: true });
    const [stays, gone] = [new Owner({ id: 1, code: "a" }), new Owner({ id: 2, code: "b" })];
    const [moving, follows] = [
      new Thing({ id: 1, slot: "x", owner: gone }),
      new Thing({ id: 2, slot: "y", owner: stays }),
    ];
    session.addAll([stays, gone, moving, follows]);
    await session.commit();
    const added = new Owner({ id: 3, code: "a" });
    session.add(added);
    stays.code = "b";
    moving.owner = added;
    session.delete(gone);
    await session.commit();
    expect(await rowsOf(engine, "select id, owner_code from thing order by id")).toEqual([
      [1, "a"],
      [2, "b"],
    ]);
    expect([moving.ownerCode, follows.ownerCode]).toEqual(["a", "b"]);
    await session.close();
    await engine.dispose();
  });
});

onEveryDatabase("a row that is to refer to the one that takes its key", (database) => {
  it.each([{ deferrable: true }, { deferrable: true, initially: "deferred" }, {}] as const)(
    "does not follow itself %o",
    async (more) => {
      const Base = declarativeBase();
      class Node extends Base("node", {
        id: varchar(9).primaryKey(),
        next: varchar(9),
        other: varchar(9),
        get tableArgs() {
          return [
            foreignKey([Node.c.next], [Node.c.id], { onUpdate: "cascade", ...more }),
            foreignKey([Node.c.other], [Node.c.id]),
          ];
        },
      }) {}
      const engine = database.open();
      await Base.metadata.createAll(engine);
      const session = new Session(engine, { suspendForeignKeyChecks: true });
      const [a, b] = [new Node({ id: "a" }), new Node({ id: "b" })];
      session.addAll([a, b]);
      await session.flush();
      a.next = "b";
      await session.commit();
      [a.id, b.id, a.next] = ["b", "a", "a"];
      await session.commit();
      expect(await rowsOf(engine, "select id, next from node order by id")).toEqual([
        ["a", null],
        ["b", "a"],
      ]);
      await session.close();
      await engine.dispose();
    },
  );
});
