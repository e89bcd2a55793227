import { lazy, Session, select } from "alkahest";
import { expect, it } from "vitest";
import { uniqueChildModels } from "../../founding/models.ts";
import { onEveryDatabase, type TestDatabase } from "../../support/databases.ts";
import { rowsOf } from "../../support/statements.ts";

async function setUp(database: TestDatabase) {
  const models = uniqueChildModels();
  const engine = database.open();
  await models.Base.metadata.createAll(engine);
  const setup = new Session(engine);
  setup.add(new models.Parent({ name: "p", children: [new models.Child({ z: 1 })] }));
  await setup.commit();
  await setup.close();
  return { ...models, engine, session: new Session(engine) };
}

onEveryDatabase("a rollback", (database) => {
  it("leaves the members of a collection that was loaded after a flush where they are", async () => {
    const { Parent, Child, engine, session } = await setUp(database);
    const parent = await session.one(select(Parent));
    parent.children.push(new Child({ z: 2 }));
    await session.flush();
    const [first] = await lazy(parent).children;
    await session.rollback();
    expect(first?.parentId).toBe(parent.id);
    session.delete(parent);
    await session.commit();
    expect(await rowsOf(engine, "select id from child")).toEqual([]);
    await session.close();
  });

  it("keeps what the program set on new objects, so that they can be added again", async () => {
    const { Parent, Child, engine, session } = await setUp(database);
    const parent = await session.one(select(Parent));
    const child = new Child({ z: 2, parent });
    await session.flush();
    expect(child.id).toBe(2);
    await session.rollback();
    expect([child.id, child.z]).toEqual([null, 2]);
    expect(child.parent).toBe(parent);
    session.add(child);
    await session.commit();
    expect(await rowsOf(engine, "select z from child order by z")).toEqual([[1], [2]]);
    await session.close();
  });
});

onEveryDatabase("a rollback of what was written to indexes", (database) => {
  it("gives back the members, also of owners that nothing else changed", async () => {
    const { Parent, Child, session } = await setUp(database);
    const parent = await session.one(select(Parent));
    const children = await lazy(parent).children;
    const [first] = children;
    children[0] = new Child({ z: 9 });
    await session.rollback();
    expect([...parent.children]).toEqual([first]);
    children.length = 0;
    await session.rollback();
    expect([...parent.children]).toEqual([first]);
    await session.close();
  });
});
