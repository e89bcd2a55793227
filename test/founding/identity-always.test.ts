import { declarativeBase, enumeration, integer, manyToOne, ProgrammingError, Session } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";

// GENERATED ALWAYS AS IDENTITY: PostgreSQL takes no value for such a column unless it is told to. The flush has to give
// some back that the database has made.

onEveryDatabase("keys that the database always makes", (database) => {
  const { drawsKeys, checksAtStatementEnd } = database.capabilities;

  async function open(Base: ReturnType<typeof declarativeBase>) {
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    const close = async () => {
      await session.close();
      await engine.dispose();
    };
    return { engine, session, close };
  }

  it.runIf(drawsKeys && checksAtStatementEnd)("are drawn for rows that refer to each other", async () => {
    const Base = declarativeBase();
    class Node extends Base("node", {
      id: integer().identity({ always: true }).primaryKey(),
      get nextId() {
        return integer().notNull().references(Node.c.id);
      },
      get next() {
        return manyToOne(Node, { remoteSide: [Node.c.id] });
      },
    }) {}
    const { engine, session, close } = await open(Base);
    const [first, second, own] = [new Node(), new Node(), new Node()];
    first.next = second;
    second.next = first;
    own.next = own;
    session.addAll([first, second, own]);
    await session.commit();
    expect(await rowsOf(engine, "SELECT id, next_id FROM node ORDER BY id")).toEqual(
      [first, second, own].map(({ id, nextId }) => [id, nextId]).sort(([a], [b]) => Number(a) - Number(b)),
    );
    expect([first.nextId, second.nextId, own.nextId]).toEqual([second.id, first.id, own.id]);
    await close();
  });

  it.runIf(drawsKeys)("are drawn for rows of several tables", async () => {
    const Base = declarativeBase();
    class Left extends Base("left_side", {
      id: integer().identity({ always: true }).primaryKey(),
      get rightId() {
        return integer().notNull().references(Right.c.id);
      },
      get right() {
        return manyToOne(Right);
      },
    }) {}
    class Right extends Base("right_side", {
      id: integer().identity({ always: true }).primaryKey(),
      get leftId() {
        return integer().notNull().references(Left.c.id);
      },
      get left() {
        return manyToOne(Left);
      },
    }) {}
    const { engine, session, close } = await open(Base);
    const left = new Left();
    const right = new Right({ left });
    left.right = right;
    session.add(left);
    await session.commit();
    expect(await rowsOf(engine, "SELECT id, right_id FROM left_side")).toEqual([[left.id, right.id]]);
    expect(await rowsOf(engine, "SELECT id, left_id FROM right_side")).toEqual([[right.id, left.id]]);
    await close();
  });

  it("stay when their rows are inserted again", async () => {
    const Base = declarativeBase();
    class Seat extends Base("seat", {
      id: integer().identity({ always: true }).primaryKey(),
      kind: enumeration(["a", "b"]).notNull().unique(),
      get mapperArgs() {
        return { reinsert: true };
      },
    }) {}
    const { engine, session, close } = await open(Base);
    const [first, second] = [new Seat({ kind: "a" }), new Seat({ kind: "b" })];
    session.addAll([first, second]);
    await session.commit();
    [first.kind, second.kind] = ["b", "a"];
    await session.commit();
    expect(await rowsOf(engine, "SELECT id, kind FROM seat ORDER BY id")).toEqual([
      [first.id, "b"],
      [second.id, "a"],
    ]);
    await close();
  });

  it.runIf(drawsKeys)("are not the program's to give", async () => {
    const Base = declarativeBase();
    class Thing extends Base("thing", { id: integer().identity({ always: true }).primaryKey() }) {}
    const { session, close } = await open(Base);
    session.add(new Thing({ id: 5 }));
    await expect(session.commit()).rejects.toThrow(ProgrammingError);
    await session.rollback();
    await close();
  });
});
