import { declarativeBase, inspect, integer, manyToOne, Session, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";

// A row whose own key is an owner and a number moves to another owner, which takes the key of the first one, and gets
// another number as well.

const cases = [{ onUpdate: "cascade" } as const, {}].flatMap((options) =>
  [false, true].flatMap((isDeleted) =>
    [false, true].flatMap((isMet) => ["a", "b", "c"].map((next) => ({ options, isDeleted, isMet, next }))),
  ),
);

onEveryDatabase("a row that moves to an owner which takes the key of its own", (database) => {
  it.each(cases.filter(({ isDeleted, next }) => isDeleted || next !== "a"))(
    "and gets another number: %o",
    async ({ options, isDeleted, isMet, next }) => {
      const Base = declarativeBase();
      class Owner extends Base("owner", { code: varchar(20).primaryKey() }) {}
      class Item extends Base("item", {
        get ownerCode() {
          return varchar(20).primaryKey().references(Owner.c.code, options);
        },
        position: integer().primaryKey(),
        name: integer(),
        get owner() {
          return manyToOne(Owner);
        },
      }) {}
      const engine = database.open();
      await Base.metadata.createAll(engine);
      const open = () => new Session(engine, { suspendForeignKeyChecks: !database.capabilities.keysFollow });
      const first = open();
      const owners = [new Owner({ code: "a" }), new Owner({ code: "b" })] as const;
      first.addAll([...owners, new Item({ owner: owners[0], position: 0, name: 1 })]);
      // Follows to the place that the row leaves.
      if (isMet) first.add(new Item({ owner: owners[1], position: 0, name: 2 }));
      await first.commit();
      await first.close();

      const session = open();
      const [a, b] = [await session.get(Owner, "a"), await session.get(Owner, "b")];
      const item = await session.get(Item, { ownerCode: "a", position: 0 });
      if (a === null || b === null || item === null) throw new Error("The rows are gone.");
      [a.code, b.code] = [next, "a"];
      item.owner = b;
      item.position = 1;
      if (isDeleted) session.delete(a);
      await session.commit();
      expect(await rowsOf(engine, "select owner_code, position, name from item order by name")).toEqual(
        isMet
          ? [
              ["a", 1, 1],
              ["a", 0, 2],
            ]
          : [["a", 1, 1]],
      );
      expect([item.ownerCode, item.position, inspect(item).identity]).toEqual(["a", 1, ["a", 1]]);
      expect(await session.get(Item, { ownerCode: "a", position: 1 })).toBe(item);
      await session.close();
      await engine.dispose();
    },
  );
});
