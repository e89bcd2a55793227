import { declarativeBase, integer, Session } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// Rows that the database deletes by ON DELETE CASCADE, because the session deletes what they refer to.

onEveryDatabase("an object is changed whose row goes with the one that it refers to", (database) => {
  for (const isVersioned of [false, true]) {
    it(`is written before that one is deleted${isVersioned ? ", with its version" : ""}`, async () => {
      const Base = declarativeBase();
      class Parent extends Base("parent", { id: integer().primaryKey() }) {}
      class Child extends Base("child", {
        id: integer().primaryKey(),
        version: integer().notNull().default(0),
        size: integer(),
        get parentId() {
          return integer().references(Parent.c.id, { onDelete: "cascade" });
        },
        get mapperArgs() {
          return isVersioned ? { versionId: Child.c.version } : {};
        },
      }) {}
      const engine = database.open();
      await Base.metadata.createAll(engine);
      const session = new Session(engine);
      const parents = [1, 2].map((id) => new Parent({ id })) as [Parent, Parent];
      const children = parents.map(({ id }) => new Child({ id, parentId: id })) as [Child, Child];
      session.addAll([...parents, ...children]);
      await session.commit();
      const log = new StatementLog(engine);
      for (const child of children) child.size = 2;
      session.delete(parents[0]);
      expect((await session.plan()).orders.map(({ reason }) => reason)).toEqual([
        "Parent#1 takes Child#1 along by child(parent_id)",
      ]);
      await session.commit();
      expect(log.writes).toEqual(["UPDATE child", "DELETE parent"]);
      expect(await rowsOf(engine, "select id, size from child")).toEqual([[2, 2]]);
      await session.close();
      await engine.dispose();
    });
  }
});
