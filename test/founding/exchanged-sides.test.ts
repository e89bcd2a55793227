import { declarativeBase, integer, manyToOne, Session, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";

// Rows that are known by two others exchange one of these while the keys of the others are exchanged.

const ways = [{}, { onUpdate: "cascade" }, { deferrable: true }] as const;
const cases = ways.flatMap((options) => [false, true].map((isMet) => ({ options, isMet })));

onEveryDatabase("rows that are known by two others", (database) => {
  it.each(cases)("exchange one side while the keys of the other side are exchanged: %o", async ({ options, isMet }) => {
    const Base = declarativeBase();
    class Left extends Base("lefts", { code: varchar(20).primaryKey() }) {}
    class Right extends Base("rights", { code: varchar(20).primaryKey() }) {}
    class Pair extends Base("pairs", {
      get leftCode() {
        return varchar(20).primaryKey().references(Left.c.code, options);
      },
      get rightCode() {
        return varchar(20).primaryKey().references(Right.c.code, options);
      },
      name: integer(),
      get left() {
        return manyToOne(Left);
      },
      get right() {
        return manyToOne(Right);
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine, { suspendForeignKeyChecks: !database.capabilities.keysFollow });
    const [a, b] = [new Left({ code: "a" }), new Left({ code: "b" })];
    const [r, s, t] = [new Right({ code: "r" }), new Right({ code: "s" }), new Right({ code: "t" })];
    const [x, y] = [new Pair({ left: a, right: r, name: 1 }), new Pair({ left: b, right: s, name: 2 })];
    session.addAll([x, y, t]);
    if (isMet) session.addAll([new Pair({ left: a, right: t, name: 3 }), new Pair({ left: b, right: t, name: 4 })]);
    await session.commit();
    [x.right, y.right, a.code, b.code] = [s, r, "b", "a"];
    await session.commit();
    expect(await rowsOf(engine, "select left_code, right_code, name from pairs order by name")).toEqual([
      ["b", "s", 1],
      ["a", "r", 2],
      ...(isMet
        ? [
            ["b", "t", 3],
            ["a", "t", 4],
          ]
        : []),
    ]);
    expect([x.leftCode, x.rightCode, y.leftCode, y.rightCode]).toEqual(["b", "s", "a", "r"]);
    await session.close();
    await engine.dispose();
  });
});
