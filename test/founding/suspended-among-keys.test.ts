import { and, check, declarativeBase, foreignKey, integer, manyToOne, or, Session, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";

// While checks of foreign keys are suspended, ON UPDATE CASCADE is, too: a changed key must not be among what is written.

onEveryDatabase(
  "a row that must refer to a new one as soon as its key changes, and the new one to that key",
  (database) => {
    it("is followed by the rows that refer to it", async () => {
      const Base = declarativeBase();
      const cascade = { onUpdate: "cascade" } as const;
      class Thing extends Base("thing", {
        id: integer().primaryKey(),
        code: varchar(10).notNull().unique(),
        get chiefId() {
          return integer().notNull().references(Chief.c.id);
        },
        get chief() {
          return manyToOne(Chief, { foreignKeys: [Thing.c.chiefId] });
        },
        get tableArgs() {
          const { code, chiefId } = Thing.c;
          return [check("thing_ck", or(and(code.eq("o"), chiefId.eq(1)), and(code.eq("n"), chiefId.eq(2))))];
        },
      }) {}
      class Chief extends Base("chief", {
        get thingCode() {
          return varchar(10).primaryKey().references(Thing.c.code, cascade);
        },
        id: integer().primaryKey().unique(),
      }) {}
      class Note extends Base("note", {
        id: integer().primaryKey(),
        thingCode: varchar(10).notNull(),
        chiefId: integer().notNull(),
        get tableArgs() {
          return [foreignKey([Note.c.thingCode, Note.c.chiefId], [Chief.c.thingCode, Chief.c.id], cascade)];
        },
      }) {}
      class Item extends Base("item", {
        id: integer().primaryKey(),
        get thingCode() {
          return varchar(10).notNull().references(Thing.c.code, cascade);
        },
        get thing() {
          return manyToOne(Thing);
        },
      }) {}
      const engine = database.open();
      await Base.metadata.createAll(engine);
      const session = new Session(engine, { suspendForeignKeyChecks: true });
      const thing = new Thing({ id: 1, code: "o", chiefId: 1 });
      const item = new Item({ id: 1, thing });
      session.addAll([
        new Chief({ id: 1, thingCode: "o" }),
        new Note({ id: 1, thingCode: "o", chiefId: 1 }),
        thing,
        item,
        new Item({ id: 2, thing }),
      ]);
      await session.commit();
      session.add(new Chief({ id: 2, thingCode: "n" }));
      [thing.code, thing.chiefId] = ["n", 2];
      await session.commit();
      expect(await rowsOf(engine, "select id, thing_code from item order by id")).toEqual([
        [1, "n"],
        [2, "n"],
      ]);
      expect(await rowsOf(engine, "select id, thing_code from chief order by id")).toEqual([
        [1, "n"],
        [2, "n"],
      ]);
      expect(await rowsOf(engine, "select id, thing_code from note")).toEqual([[1, "n"]]);
      expect(item.thingCode).toBe("n");
      await session.close();
      await engine.dispose();
    });
  },
);
