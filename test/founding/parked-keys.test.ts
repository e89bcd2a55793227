import { declarativeBase, FlushCycleError, integer, manyToOne, Session } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// Rows that have another key for a moment, because theirs is given away before they can take the one that they are to have.

for (const options of [{ onUpdate: "cascade" }, {}] as const) {
  const title = "onUpdate" in options ? "with ON UPDATE CASCADE" : "under plain foreign keys";
  onEveryDatabase(`a new row that must refer to a key which comes late ${title}`, (database) => {
    const { keysFollow } = database.capabilities;
    const isPossible = "onUpdate" in options || keysFollow;

    async function setUp(suspendForeignKeyChecks: boolean) {
      const Base = declarativeBase();
      class Box extends Base("box", { id: integer().primaryKey() }) {}
      class Crate extends Base("crate", {
        id: integer().primaryKey(),
        get boxId() {
          return integer().notNull().references(Box.c.id, options);
        },
        get box() {
          return manyToOne(Box);
        },
      }) {}
      class Label extends Base("label", {
        id: integer().primaryKey(),
        get crateId() {
          return integer().notNull().references(Crate.c.id, options);
        },
        get crate() {
          return manyToOne(Crate);
        },
      }) {}
      const engine = database.open();
      await Base.metadata.createAll(engine);
      const session = new Session(engine, { suspendForeignKeyChecks });
      const [first, third] = [new Box({ id: 1 }), new Box({ id: 3 })];
      const [leaving, staying] = [new Crate({ id: 5, box: first }), new Crate({ id: 6, box: first })];
      const label = new Label({ id: 8, crate: leaving });
      session.addAll([first, third, leaving, staying, label]);
      await session.commit();
      const log = new StatementLog(engine);
      // Box 1 goes and 3 becomes 1. Box 1 waits for crate 6, which moves to a new box 3, and for label 8, which moves to a
      // new crate 7, which must lie in the new box 1.
      session.delete(first);
      session.delete(leaving);
      third.id = 1;
      staying.box = new Box({ id: 3 });
      const added = new Crate({ id: 7, box: third });
      label.crate = added;
      return { engine, session, log, added };
    }

    it.runIf(isPossible)("follows it there", async () => {
      const { engine, session, added } = await setUp(false);
      await session.commit();
      expect(await rowsOf(engine, "select id from box order by id")).toEqual([[1], [3]]);
      expect(await rowsOf(engine, "select id, box_id from crate order by id")).toEqual([
        [6, 3],
        [7, 1],
      ]);
      expect(await rowsOf(engine, "select id, crate_id from label")).toEqual([[8, 7]]);
      expect(added.boxId).toBe(1);
      await session.close();
      await engine.dispose();
    });

    it.runIf(!isPossible)("is refused before any statement, unless checks may be suspended", async () => {
      const refused = await setUp(false);
      await expect(refused.session.commit()).rejects.toThrow(FlushCycleError);
      expect(refused.log.writes).toEqual([]);
      await refused.session.close();
      await refused.engine.dispose();
      const { engine, session } = await setUp(true);
      await session.commit();
      expect(await rowsOf(engine, "select id, box_id from crate order by id")).toEqual([
        [6, 3],
        [7, 1],
      ]);
      await session.close();
      await engine.dispose();
    });
  });
}
