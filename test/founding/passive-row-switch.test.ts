import { declarativeBase, integer, manyToMany, manyToOne, oneToMany, Session, Table } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// A new object takes over the row of a deleted one, whose class leaves its children to ON DELETE: no row goes, so that the
// database does nothing about them.

interface Declared {
  readonly onDelete: "cascade" | "set null";
  readonly passiveDeletes: true | "all";
  readonly owns?: boolean;
}

async function setUp(database: TestDatabase, { onDelete, passiveDeletes, owns = false }: Declared) {
  const Base = declarativeBase();
  class Parent extends Base("parent", {
    id: integer().primaryKey(),
    size: integer(),
    get children() {
      return oneToMany(Child, {
        backPopulates: "parent",
        passiveDeletes,
        ...(owns && { cascade: "all, delete-orphan" }),
      });
    },
  }) {}
  class Child extends Base("child", {
    id: integer().primaryKey(),
    get parentId() {
      return integer().references(Parent.c.id, { onDelete });
    },
    get parent() {
      return manyToOne(Parent, { backPopulates: "children" });
    },
  }) {}
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  session.add(new Parent({ id: 1, size: 1, children: [10, 11].map((id) => new Child({ id })) }));
  session.add(new Parent({ id: 2, size: 1, children: [new Child({ id: 20 })] }));
  await session.commit();
  session.clear();
  const old = await session.get(Parent, 1);
  if (old === null) throw new Error("there is one");
  const log = new StatementLog(engine);
  const rows = () => rowsOf(engine, "select id, parent_id from child order by id");
  const close = async (): Promise<void> => {
    await session.close();
    await engine.dispose();
  };
  return { engine, Parent, Child, session, old, log, rows, close };
}

onEveryDatabase("a row is taken over whose children are left to ON DELETE", (database) => {
  for (const declared of [
    { onDelete: "cascade", passiveDeletes: true, owns: true },
    { onDelete: "cascade", passiveDeletes: true },
    { onDelete: "cascade", passiveDeletes: "all" },
  ] as const) {
    it(`are deleted: ${JSON.stringify(declared)}`, async () => {
      const { Parent, Child, session, old, log, rows, close } = await setUp(database, declared);
      session.delete(old);
      const next = new Parent({ id: 1, size: 2, children: [new Child({ id: 12 })] });
      session.add(next);
      await session.commit();
      expect(log.writes.toSorted()).toEqual(["DELETE child", "INSERT child", "UPDATE parent"]);
      expect(await rows()).toEqual([
        [12, 1],
        [20, 2],
      ]);
      expect(next.children.map(({ id }) => id)).toEqual([12]);
      await close();
    });
  }

  for (const passiveDeletes of [true, "all"] as const) {
    it(`are unlinked: ${passiveDeletes}`, async () => {
      const { Parent, session, old, rows, close } = await setUp(database, { onDelete: "set null", passiveDeletes });
      session.delete(old);
      session.add(new Parent({ id: 1, size: 2 }));
      await session.commit();
      expect(await rows()).toEqual([
        [10, null],
        [11, null],
        [20, 2],
      ]);
      await close();
    });
  }

  it("stay if they are given to the new object, or to another one", async () => {
    const declared = { onDelete: "cascade", passiveDeletes: true, owns: true } as const;
    const { Parent, Child, session, old, rows, close } = await setUp(database, declared);
    const [kept, other] = [await session.get(Child, 10), await session.get(Parent, 2)];
    if (kept === null || other === null) throw new Error("there are two");
    session.delete(old);
    const next = new Parent({ id: 1, size: 2 });
    session.add(next);
    kept.parent = next;
    await session.commit();
    expect(await rows()).toEqual([
      [10, 1],
      [20, 2],
    ]);
    await close();
  });

  it("are not read where the row goes", async () => {
    const declared = { onDelete: "cascade", passiveDeletes: true, owns: true } as const;
    const { Parent, session, old, log, rows, close } = await setUp(database, declared);
    session.delete(old);
    session.add(new Parent({ id: 3, size: 2 }));
    await session.commit();
    expect(log.all.map(({ sql }) => sql.split(" ")[0]).toSorted()).toEqual(["DELETE", "INSERT"]);
    expect(await rows()).toEqual([[20, 2]]);
    await close();
  });
});

onEveryDatabase("a row is taken over whose pairs are left to ON DELETE", (database) => {
  it("has those of the new object only", async () => {
    const Base = declarativeBase();
    class Tag extends Base("tag", { id: integer().primaryKey() }) {}
    class Note extends Base("note", {
      id: integer().primaryKey(),
      get tags() {
        return manyToMany(Tag, { through: noteTag, passiveDeletes: true });
      },
    }) {}
    const noteTag = new Table("note_tag", Base.metadata, {
      note_id: integer().primaryKey().references("note.id", { onDelete: "cascade" }),
      tag_id: integer().primaryKey().references("tag.id", { onDelete: "cascade" }),
    });
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    const tags = [1, 2, 3].map((id) => new Tag({ id })) as [Tag, Tag, Tag];
    const old = new Note({ id: 1, tags: [tags[0], tags[1]] });
    session.addAll([...tags, old]);
    await session.commit();
    session.delete(old);
    session.add(new Note({ id: 1, tags: [tags[1], tags[2]] }));
    await session.commit();
    expect(await rowsOf(engine, "select note_id, tag_id from note_tag order by tag_id")).toEqual([
      [1, 2],
      [1, 3],
    ]);
    await session.close();
    await engine.dispose();
  });
});
