import { declarativeBase, integer, manyToOne, Session, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";

// Rows that are known by two others exchange one of these while the keys of the others are exchanged.

const ways = [{}, { onUpdate: "cascade" }, { deferrable: true }] as const;
const cases = ways.flatMap((options) => [false, true].map((isMet) => ({ options, isMet })));

onEveryDatabase("rows that are known by two others", (database) => {
  async function setUp(options: (typeof ways)[number]) {
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
    const pairs = () => rowsOf(engine, "select left_code, right_code, name from pairs order by name");
    const close = async () => {
      await session.close();
      await engine.dispose();
    };
    return { Left, Right, Pair, session, pairs, close };
  }

  it.each(cases)("exchange one side while the keys of the other side are exchanged: %o", async ({ options, isMet }) => {
    const { Left, Right, Pair, session, pairs, close } = await setUp(options);
    const [a, b] = [new Left({ code: "a" }), new Left({ code: "b" })];
    const [r, s, t] = [new Right({ code: "r" }), new Right({ code: "s" }), new Right({ code: "t" })];
    const [x, y] = [new Pair({ left: a, right: r, name: 1 }), new Pair({ left: b, right: s, name: 2 })];
    session.addAll([x, y, t]);
    if (isMet) session.addAll([new Pair({ left: a, right: t, name: 3 }), new Pair({ left: b, right: t, name: 4 })]);
    await session.commit();
    [x.right, y.right, a.code, b.code] = [s, r, "b", "a"];
    await session.commit();
    expect(await pairs()).toEqual([
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
    await close();
  });

  const nextOnes = ["new", "there already", "about to change its key"] as const;
  it.each(ways.flatMap((options) => nextOnes.map((next) => ({ options, next }))))(
    "leave both sides, one of which is deleted while the next one takes its key: %o",
    async ({ options, next }) => {
      const { Left, Right, Pair, session, pairs, close } = await setUp(options);
      const [a, b, r] = [new Left({ code: "a" }), new Left({ code: "b" }), new Right({ code: "r" })];
      const [x, y] = [new Pair({ left: a, right: r, name: 1 }), new Pair({ left: b, right: r, name: 2 })];
      const s = new Right({ code: "s" });
      session.addAll([x, y]);
      if (next !== "new") session.add(s);
      await session.commit();
      [x.left, x.right] = [b, s];
      if (next === "about to change its key") s.code = "u";
      session.delete(a);
      b.code = "a";
      await session.commit();
      expect(await pairs()).toEqual([
        ["a", s.code, 1],
        ["a", "r", 2],
      ]);
      expect([x.leftCode, x.rightCode, y.leftCode]).toEqual(["a", s.code, "a"]);
      await close();
    },
  );
});
