import { declarativeBase, FlushCycleError, Session, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";

// Keys that nothing can carry along a foreign key: what the refusal advises has to help.

onEveryDatabase("a key that rows of its own table refer to", (database) => {
  it.each(["cascade", undefined] as const)(
    "changes, or is refused with advice that helps, ON UPDATE %s",
    async (way) => {
      const Base = declarativeBase();
      class Node extends Base("node", {
        code: varchar(10).primaryKey(),
        get upCode() {
          return varchar(10).references(Node.c.code, way === undefined ? {} : { onUpdate: way });
        },
      }) {}
      const engine = database.open();
      await Base.metadata.createAll(engine);
      const session = new Session(engine);
      const top = new Node({ code: "a" });
      session.addAll([top, new Node({ code: "b", upCode: "a" })]);
      await session.commit();
      top.code = "x";
      const failure: unknown = await session.commit().catch((error: unknown) => error);
      const rows = await rowsOf(engine, "select code, up_code from node order by code desc");
      if (database.capabilities.keysFollow) {
        expect(rows).toEqual([
          ["x", null],
          ["b", "x"],
        ]);
      } else {
        expect(failure).toBeInstanceOf(FlushCycleError);
        expect(String(failure)).toContain(
          "Any of these helps: open the session with { suspendForeignKeyChecks: true }.",
        );
        expect(rows).toEqual([
          ["b", "a"],
          ["a", null],
        ]);
      }
      await session.close();
      await engine.dispose();
    },
  );
});

onEveryDatabase("a key that rows of another table refer to", (database) => {
  it.skipIf(database.capabilities.keysFollow)(
    "is refused with the advice to let the database carry it along",
    async () => {
      const Base = declarativeBase();
      class Box extends Base("box", { code: varchar(10).primaryKey() }) {}
      class Thing extends Base("thing", {
        code: varchar(10).primaryKey(),
        get boxCode() {
          return varchar(10).references(Box.c.code, { onUpdate: "restrict" });
        },
      }) {}
      const engine = database.open();
      await Base.metadata.createAll(engine);
      const session = new Session(engine);
      const box = new Box({ code: "a" });
      session.addAll([box, new Thing({ code: "t", boxCode: "a" })]);
      await session.commit();
      box.code = "x";
      const failure: unknown = await session.commit().catch((error: unknown) => error);
      expect(String(failure)).toContain("has no ON UPDATE CASCADE");
      expect(String(failure)).toContain('declare it with { onUpdate: "cascade" }');
      await session.close();
      await engine.dispose();
    },
  );
});
