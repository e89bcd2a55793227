import { Session } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";
import { orderModels } from "./upsert-models.ts";

// New objects that stand for the row of a stored one, which is on the move to another owner in the same flush.

onEveryDatabase("a stored object that moves to a new owner which stands for a stored one", (database) => {
  for (const action of ["update", "nothing"] as const) {
    for (const addedFirst of ["a line of another order", "the new order"] as const) {
      it(`is found by a new object that stands for it, added after ${addedFirst} (${action})`, async () => {
        const { Base, Order, Line } = orderModels(action);
        const engine = database.open();
        await Base.metadata.createAll(engine);
        await using session = new Session(engine);
        const moving = new Line({ number: 1, text: "old" });
        const following = new Line({ number: 1, text: "follows" });
        const [a, b] = [new Order({ code: "A" }), new Order({ code: "B", lines: [moving] })];
        session.addAll([a, b, new Order({ code: "C", lines: [following] })]);
        await session.commit();

        const again = new Order({ code: "A" });
        const other = new Line({ number: 5, orderId: b.id });
        session.addAll(addedFirst === "the new order" ? [again, other] : [other, again]);
        moving.order = again;
        following.order = b;
        const same = new Line({ number: 1, text: "new", order: a });
        session.add(same);
        await session.commit();
        const text = action === "update" ? "new" : "old";
        expect(
          await rowsOf(
            engine,
            "select code, number, text from order_lines l join orders o on o.id = l.order_id order by code, number",
          ),
        ).toEqual([
          ["A", 1, text],
          ["B", 1, "follows"],
          ["B", 5, null],
        ]);
        expect([moving.order, moving.text]).toEqual([a, text]);
        expect(await rowsOf(engine, "select count(*) from orders")).toEqual([[3]]);
        await engine.dispose();
      });
    }
  }
});
