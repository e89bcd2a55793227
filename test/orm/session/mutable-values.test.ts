import { bytes, declarativeBase, inspect, integer, json, Session, timestamp } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../../support/databases.ts";
import { StatementLog } from "../../support/statements.ts";

async function setUp(database: TestDatabase) {
  const Base = declarativeBase();
  class Doc extends Base("doc", {
    id: integer().primaryKey(),
    data: json<{ tags: string[]; deep?: { n: number } }>(),
    at: timestamp(),
    raw: bytes(),
  }) {}
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const setup = new Session(engine);
  setup.add(new Doc({ data: { tags: ["a"] }, at: new Date(0), raw: new Uint8Array([1, 2]) }));
  await setup.commit();
  await setup.close();
  const session = new Session(engine);
  const doc = await session.get(Doc, 1);
  if (doc === null) throw new Error("the document was stored");
  const stored = async () => {
    await session.commit();
    session.clear();
    return session.get(Doc, 1);
  };
  return { Doc, engine, session, doc, stored, log: new StatementLog(engine) };
}

onEveryDatabase("a value that is changed in place", (database) => {
  it("is written by the next flush: JSON at any depth, dates, bytes", async () => {
    const { session, doc, stored } = await setUp(database);
    doc.data?.tags.push("b");
    if (doc.data) doc.data.deep = { n: 1 };
    doc.at?.setTime(5000);
    doc.raw?.set([9], 1);
    expect(session.isModified(doc)).toBe(true);
    expect([...session.dirty]).toEqual([doc]);
    const again = await stored();
    expect(again?.data).toEqual({ tags: ["a", "b"], deep: { n: 1 } });
    expect(again?.at).toEqual(new Date(5000));
    expect([...(again?.raw ?? [])]).toEqual([1, 9]);
    await session.close();
  });

  it("is seen although the program kept it since an earlier flush", async () => {
    const { session, doc, stored } = await setUp(database);
    const { data } = doc;
    data?.tags.push("b");
    await session.flush();
    data?.tags.push("c");
    expect((await stored())?.data?.tags).toEqual(["a", "b", "c"]);
    await session.close();
  });

  it("is seen in a value that was assigned", async () => {
    const { session, doc, stored } = await setUp(database);
    const data = { tags: ["x"] };
    doc.data = data;
    await session.flush();
    data.tags.push("y");
    expect((await stored())?.data?.tags).toEqual(["x", "y"]);
    await session.close();
  });

  it("shows in the history with the value of before", async () => {
    const { session, doc } = await setUp(database);
    doc.data?.tags.push("b");
    expect(inspect(doc).history("data")).toEqual({
      added: [{ tags: ["a", "b"] }],
      unchanged: [],
      deleted: [{ tags: ["a"] }],
    });
    await session.close();
  });

  it("is as before after a rollback, also when it was flushed", async () => {
    const { session, doc } = await setUp(database);
    doc.data?.tags.push("b");
    await session.rollback();
    expect(doc.data).toEqual({ tags: ["a"] });
    doc.data?.tags.push("b");
    await session.flush();
    await session.rollback();
    expect(doc.data).toEqual({ tags: ["a"] });
    await session.close();
  });

  it("writes nothing when it was only read, or changed and changed back", async () => {
    const { session, doc, log } = await setUp(database);
    doc.data?.tags.push("b");
    doc.data?.tags.pop();
    await session.commit();
    expect(log.writes).toEqual([]);
    await session.close();
  });
});
