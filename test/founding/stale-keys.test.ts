import { declarativeBase, integer, Session, StaleDataError, text } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";

onEveryDatabase("keys are exchanged of rows that have another version by now", (database) => {
  for (const changed of [1, 2]) {
    it(`is noticed of row ${changed}, before what refers to it is written`, async () => {
      const Base = declarativeBase();
      class Parent extends Base("parent", {
        id: integer().primaryKey(),
        version: integer().notNull(),
        get mapperArgs() {
          return { versionId: Parent.c.version };
        },
      }) {}
      class Child extends Base("child", {
        id: integer().primaryKey(),
        get parentId() {
          return integer().references(Parent.c.id);
        },
      }) {}
      const engine = database.open();
      await Base.metadata.createAll(engine);
      const session = new Session(engine, { suspendForeignKeyChecks: true });
      const parents = [1, 2].map((id) => new Parent({ id })) as [Parent, Parent];
      session.addAll(parents);
      await session.flush();
      session.addAll([1, 2].map((id) => new Child({ id, parentId: id })));
      await session.commit();
      await engine.begin((connection) =>
        connection.execute(text(`update parent set version = 9 where id = ${changed}`)),
      );
      [parents[0].id, parents[1].id] = [2, 1];
      await expect(session.commit()).rejects.toThrow(StaleDataError);
      await session.rollback();
      expect(await rowsOf(engine, "select id, parent_id from child order by id")).toEqual([
        [1, 1],
        [2, 2],
      ]);
      await session.close();
      await engine.dispose();
    });
  }
});
