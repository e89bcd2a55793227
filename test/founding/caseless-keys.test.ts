import { declarativeBase, integer, manyToOne, Session, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";

// Foreign keys whose texts are compared without case: the row with "a" refers to the one with "A".

onEveryDatabase("a foreign key under a collation without case", (database) => {
  const { comparesWithoutCase } = database.capabilities;

  async function family() {
    const Base = declarativeBase();
    const caseless = () => varchar(10).collate({ sqlite: "NOCASE", mysql: "utf8mb4_general_ci" });
    class Parent extends Base("parent", { k: caseless().primaryKey() }) {}
    class Child extends Base("child", {
      id: integer().primaryKey(),
      get parentKey() {
        return caseless().notNull().references(Parent.c.k, { onUpdate: "cascade" });
      },
    }) {}
    class Node extends Base("node", {
      k: caseless().primaryKey(),
      get parentKey() {
        return caseless().references(Node.c.k);
      },
      get parent() {
        return manyToOne(Node, { remoteSide: [Node.c.k] });
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    const [a, b, child] = [new Parent({ k: "A" }), new Parent({ k: "B" }), new Child({ id: 1, parentKey: "a" })];
    session.addAll([a, b]);
    await session.flush();
    session.add(child);
    await session.commit();
    const close = async () => {
      await session.close();
      await engine.dispose();
    };
    return { session, a, child, Node, rows: (text: string) => rowsOf(engine, text), close };
  }

  it.runIf(comparesWithoutCase)("is let go of before the row that it refers to is deleted", async () => {
    const { session, a, child, rows, close } = await family();
    child.parentKey = "b";
    session.delete(a);
    await session.commit();
    expect(await rows("select parent_key from child")).toEqual([["b"]]);
    expect(await rows("select k from parent")).toEqual([["B"]]);
    await close();
  });

  it.runIf(comparesWithoutCase)("follows a changed key, and so does the object", async () => {
    const { session, a, child, rows, close } = await family();
    a.k = "Z";
    await session.commit();
    expect(child.parentKey).toBe("Z");
    expect(await rows("select parent_key from child")).toEqual([["Z"]]);
    await close();
  });

  it.runIf(comparesWithoutCase)("is written after the row of its own table that it refers to", async () => {
    const { session, Node, rows, close } = await family();
    session.addAll([new Node({ k: "b", parentKey: "a" }), new Node({ k: "A" })]);
    await session.commit();
    expect(await rows("select k from node order by k")).toEqual([["A"], ["b"]]);
    await close();
  });

  it.runIf(comparesWithoutCase)("may be written as its key is written anew in another case", async () => {
    const { session, a, child, close } = await family();
    a.k = "a";
    child.parentKey = "A";
    await session.commit();
    expect(child.parentKey.toLowerCase()).toBe("a");
    await close();
  });
});
