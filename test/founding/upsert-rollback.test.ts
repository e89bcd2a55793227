import { lazy, Session, select } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";
import { orderModels } from "./upsert-models.ts";

// New objects whose rows were there before, and a rollback that parts them from these rows again.

onEveryDatabase("a rollback of an upsert", (database) => {
  for (const isRead of ["by its collection", "by a query"] as const) {
    it(`leaves no stored row with an object that is not stored, read ${isRead} meanwhile`, async () => {
      const { Base, Order, Line } = orderModels("update");
      const engine = database.open();
      await Base.metadata.createAll(engine);
      const setup = new Session(engine);
      setup.add(new Order({ code: "A", lines: [new Line({ number: 1 })] }));
      await setup.commit();
      await setup.close();

      await using session = new Session(engine);
      const savepoint = await session.beginNested();
      const rolledBack = new Order({ code: "A", note: "rolled back" });
      if (isRead === "by its collection") rolledBack.lines.push(new Line({ number: 2 }));
      session.add(rolledBack);
      await session.flush();
      const line = await session.one(select(Line).where(Line.c.number.eq(1)));
      expect(await lazy(line).order).toBe(rolledBack);
      await savepoint.rollback();

      const order = new Order({ code: "A", note: "stays", lines: [new Line({ number: 3 })] });
      session.add(order);
      await session.commit();
      order.lines.push(new Line({ number: 4 }));
      await session.commit();
      expect(await lazy(line).order).toBe(order);
      expect(await rowsOf(engine, "select code, note from orders")).toEqual([["A", "stays"]]);
      expect(await rowsOf(engine, "select number from order_lines order by number")).toEqual([[1], [3], [4]]);
      await engine.dispose();
    });
  }
});
