import { declarativeBase, integer, manyToOne, Session, select } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";

// A many-to-one relationship that owns what it refers to, and that is not loaded when it is changed.

async function setUp(database: TestDatabase) {
  const Base = declarativeBase();
  class Part extends Base("part", { id: integer().primaryKey() }) {}
  class Machine extends Base("machine", {
    id: integer().primaryKey(),
    get partId() {
      return integer().references(Part.c.id);
    },
    get part() {
      return manyToOne(Part, { cascade: "all, delete-orphan", singleParent: true });
    },
  }) {}
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const first = new Session(engine);
  first.addAll([new Machine({ id: 1, part: new Part({ id: 1 }) }), new Machine({ id: 2, part: new Part({ id: 2 }) })]);
  await first.commit();
  await first.close();
  const session = new Session(engine);
  const [one, two] = [await session.get(Machine, 1), await session.get(Machine, 2)];
  if (one === null || two === null) throw new Error("both were stored");
  return { Machine, Part, engine, session, one, two };
}

const PARTS = "select id from part order by id";

onEveryDatabase("what a relationship owns that is not loaded", (database) => {
  it("is deleted when another one takes its place", async () => {
    const { Part, engine, session, one } = await setUp(database);
    one.part = new Part({ id: 9 });
    await session.commit();
    expect(await rowsOf(engine, PARTS)).toEqual([[2], [9]]);
    await session.close();
  });

  it.each(["the relationship", "the foreign key"])("is deleted when %s is set to null", async (what) => {
    const { engine, session, one } = await setUp(database);
    if (what === "the relationship") one.part = null;
    else one.partId = null;
    await session.commit();
    expect(await rowsOf(engine, PARTS)).toEqual([[2]]);
    await session.close();
  });

  it("is deleted too if the session has it without the relationship", async () => {
    const { Part, engine, session, one } = await setUp(database);
    await session.get(Part, 1);
    one.partId = null;
    await session.commit();
    expect(await rowsOf(engine, PARTS)).toEqual([[2]]);
    await session.close();
  });

  it("stays if it goes to another owner", async () => {
    const { Part, engine, session, one, two } = await setUp(database);
    const part = await session.get(Part, 1);
    one.partId = null;
    await session.all(select(Part)); // whose flush waits for the decision
    two.part = part;
    await session.commit();
    expect(await rowsOf(engine, PARTS)).toEqual([[1]]);
    expect(await rowsOf(engine, "select id, part_id from machine order by id")).toEqual([
      [1, null],
      [2, 1],
    ]);
    await session.close();
  });

  it("stays where the foreign key is set, and set back", async () => {
    const { engine, session, one } = await setUp(database);
    one.partId = null;
    one.partId = 1;
    await session.commit();
    expect(await rowsOf(engine, PARTS)).toEqual([[1], [2]]);
    await session.close();
  });

  it.each(["a stored object", "a new object"])("stays if %s gets it by its foreign key", async (what) => {
    const { Machine, engine, session, one, two } = await setUp(database);
    one.partId = null;
    if (what === "a stored object") two.partId = 1;
    else session.add(new Machine({ id: 3, partId: 1 }));
    await session.commit();
    const machines = await rowsOf(engine, "select id, part_id from machine order by id");
    expect(machines).toContainEqual([what === "a stored object" ? 2 : 3, 1]);
    expect(await rowsOf(engine, PARTS)).toEqual(what === "a stored object" ? [[1]] : [[1], [2]]);
    await session.close();
  });

  it("stays if two owners exchange their foreign keys", async () => {
    const { engine, session, one, two } = await setUp(database);
    [one.partId, two.partId] = [2, 1];
    await session.commit();
    expect(await rowsOf(engine, "select id, part_id from machine order by id")).toEqual([
      [1, 2],
      [2, 1],
    ]);
    expect(await rowsOf(engine, PARTS)).toEqual([[1], [2]]);
    await session.close();
  });
});
