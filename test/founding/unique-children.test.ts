import { Session } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";
import { uniqueChildModels } from "./models.ts";

async function setUp(database: TestDatabase) {
  const models = uniqueChildModels();
  const engine = database.open();
  await models.Base.metadata.createAll(engine);
  const session = new Session(engine);
  const parent = new models.Parent({ name: "Datum", children: [3.5, 5.5, 2.5].map((z) => new models.Child({ z })) });
  session.add(parent);
  await session.commit();
  const log = new StatementLog(engine);
  const zs = async () => (await rowsOf(engine, "select z from child order by z")).map(([z]) => z);
  const idsByZ = async () => rowsOf(engine, "select id, z from child order by id");
  return { ...models, engine, session, parent, log, zs, idsByZ };
}

onEveryDatabase("children that share a unique key", (database) => {
  it("are replaced through the parent's collection: one DELETE batch, then one INSERT batch, in one flush", async () => {
    const { Child, engine, session, parent, log, zs } = await setUp(database);
    parent.children = [new Child({ z: 5.5 }), new Child({ z: 4.0 })];
    await session.commit();
    expect(log.writes).toEqual(["DELETE child", "INSERT child"]);
    expect(await zs()).toEqual([4.0, 5.5]);
    await engine.dispose();
  });

  it("are replaced through the child's side in the same way", async () => {
    const { Child, engine, session, parent, log, zs } = await setUp(database);
    for (const child of [...parent.children]) child.parent = null;
    for (const z of [5.5, 4.0]) new Child({ z, parent });
    await session.commit();
    expect(log.writes).toEqual(["DELETE child", "INSERT child"]);
    expect(await zs()).toEqual([4.0, 5.5]);
    expect(parent.children).toHaveLength(2);
    await engine.dispose();
  });

  it("take the value of a child that is deleted by itself", async () => {
    const { Child, engine, session, parent, log, zs } = await setUp(database);
    const [first] = parent.children;
    if (first === undefined) throw new Error("three children were stored");
    session.delete(first);
    session.add(new Child({ z: 3.5, parent }));
    await session.commit();
    expect(log.writes).toEqual(["DELETE child", "INSERT child"]);
    expect(await zs()).toEqual([2.5, 3.5, 5.5]);
    await engine.dispose();
  });

  it("exchange their values", async () => {
    const { engine, session, parent, idsByZ } = await setUp(database);
    const [a, b] = parent.children;
    if (a === undefined || b === undefined) throw new Error("three children were stored");
    [a.z, b.z] = [b.z, a.z];
    await session.commit();
    expect(await idsByZ()).toEqual([
      [1, 5.5],
      [2, 3.5],
      [3, 2.5],
    ]);
    await engine.dispose();
  });

  it("rotate their values with one statement more than rows at most", async () => {
    const { engine, session, parent, log, idsByZ } = await setUp(database);
    const [a, b, c] = parent.children;
    if (a === undefined || b === undefined || c === undefined) throw new Error("three children were stored");
    [a.z, b.z, c.z] = [b.z, c.z, a.z];
    await session.commit();
    expect(await idsByZ()).toEqual([
      [1, 5.5],
      [2, 2.5],
      [3, 3.5],
    ]);
    expect(log.writes.length).toBeLessThanOrEqual(4);
    await engine.dispose();
  });

  it("shift by one in whichever direction", async () => {
    const { engine, session, parent, idsByZ } = await setUp(database);
    const byValue = [...parent.children].sort((a, b) => (a.z ?? 0) - (b.z ?? 0));
    const next = [3.5, 5.5, 7.5];
    byValue.forEach((child, i) => {
      child.z = next[i] ?? 0;
    });
    await session.commit();
    const previous = [2.5, 3.5, 5.5];
    expect((await idsByZ()).map(([, z]) => z)).toEqual([5.5, 7.5, 3.5]);
    byValue.forEach((child, i) => {
      child.z = previous[i] ?? 0;
    });
    await session.commit();
    expect((await idsByZ()).map(([, z]) => z)).toEqual([3.5, 5.5, 2.5]);
    await engine.dispose();
  });

  it("come back as the same objects when the replacement is rolled back", async () => {
    const { Child, engine, session, parent, zs } = await setUp(database);
    const before = [...parent.children];
    parent.children = [new Child({ z: 5.5 })];
    await session.flush();
    await session.rollback();
    expect([...parent.children]).toEqual(before);
    expect(parent.children.every((child, i) => child === before[i])).toBe(true);
    expect(before.every((child) => child.parent === parent)).toBe(true);
    parent.name = "again";
    await session.commit();
    expect(await zs()).toEqual([2.5, 3.5, 5.5]);
    await engine.dispose();
  });
});
