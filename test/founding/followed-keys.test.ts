import { declarativeBase, foreignKey, integer, manyToOne, Session } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";

// New rows that refer to rows which get their keys by following others.

for (const options of [{ onUpdate: "cascade" }, {}] as const) {
  const title = "onUpdate" in options ? "with ON UPDATE CASCADE" : "under plain foreign keys";
  onEveryDatabase(`a new row and a key that is exchanged ${title}`, (database) => {
    it("comes after the row that it refers to has followed", async () => {
      const Base = declarativeBase();
      class Box extends Base("box", { id: integer().primaryKey() }) {}
      class Crate extends Base("crate", {
        get boxId() {
          return integer().references(Box.c.id, options).primaryKey();
        },
        number: integer().primaryKey(),
        get box() {
          return manyToOne(Box);
        },
      }) {}
      class Label extends Base("label", {
        id: integer().primaryKey(),
        boxId: integer().notNull(),
        number: integer().notNull(),
        get crate() {
          return manyToOne(Crate);
        },
        get tableArgs() {
          return [foreignKey([Label.c.boxId, Label.c.number], [Crate.c.boxId, Crate.c.number], options)];
        },
      }) {}
      const engine = database.open();
      await Base.metadata.createAll(engine);
      await using session = new Session(engine, { suspendForeignKeyChecks: !database.capabilities.keysFollow });
      const [first, second] = [new Box({ id: 1 }), new Box({ id: 2 })];
      const crate = new Crate({ number: 7, box: first });
      session.addAll([first, second, crate]);
      await session.commit();
      [first.id, second.id] = [2, 1];
      const label = new Label({ crate });
      session.add(label);
      await session.commit();
      expect(await rowsOf(engine, "select box_id, number from label")).toEqual([[2, 7]]);
      expect(await rowsOf(engine, "select box_id, number from crate")).toEqual([[2, 7]]);
      expect([label.boxId, crate.boxId]).toEqual([2, 2]);
      await engine.dispose();
    });
  });
}
