import { declarativeBase, integer, manyToMany, manyToOne, oneToMany, Session, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";

// Setting `child.parent` puts the child into `parent.children`: of a new parent that stands for a stored one, the collection
// has the child alone, which does not say that the others are to go.

async function families(database: TestDatabase) {
  const Base = declarativeBase();
  class Parent extends Base("parent", {
    id: integer().primaryKey(),
    name: varchar(10),
    get children() {
      return oneToMany(Child, { backPopulates: "parent", cascade: "all, delete-orphan" });
    },
  }) {}
  class Child extends Base("child", {
    id: integer().primaryKey(),
    z: integer(),
    get parentId() {
      return integer().notNull().references(Parent.c.id);
    },
    get parent() {
      return manyToOne(Parent, { backPopulates: "children" });
    },
  }) {}
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  session.add(new Parent({ id: 1, name: "one", children: [1, 2, 3].map((id) => new Child({ id })) }));
  await session.commit();
  session.clear();
  return { Parent, Child, engine, session };
}

async function posts(database: TestDatabase) {
  const Base = declarativeBase();
  class Post extends Base("post", {
    id: integer().primaryKey(),
    get tags() {
      return manyToMany(Tag, { through: PostTag, backPopulates: "posts" });
    },
  }) {}
  class Tag extends Base("tag", {
    name: varchar(9).primaryKey(),
    get posts() {
      return manyToMany(Post, { through: PostTag, backPopulates: "tags" });
    },
  }) {}
  class PostTag extends Base("post_tag", {
    get post() {
      return integer().primaryKey().references(Post.c.id);
    },
    get tag() {
      return varchar(9).primaryKey().references(Tag.c.name);
    },
  }) {}
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  const tag = new Tag({ name: "t" });
  session.addAll([new Post({ id: 1, tags: [tag] }), new Post({ id: 2, tags: [tag] })]);
  await session.commit();
  session.clear();
  return { Post, Tag, engine, session };
}

const CHILDREN = "select id, parent_id, z from child order by id";

onEveryDatabase("merge of an object with what it belongs to", (database) => {
  it("leaves the other members of the collection alone", async () => {
    const { Parent, Child, engine, session } = await families(database);
    const child = await session.merge(new Child({ id: 1, z: 9, parent: new Parent({ id: 1 }) }));
    await session.commit();
    expect(child.parent?.name).toBe("one");
    expect(await rowsOf(engine, CHILDREN)).toEqual([
      [1, 1, 9],
      [2, 1, null],
      [3, 1, null],
    ]);
    await session.close();
  });

  it("adds the members that the collection has besides", async () => {
    const { Parent, Child, engine, session } = await families(database);
    const parent = new Parent({ id: 1, children: [new Child({ id: 4, z: 4 }), new Child({ id: 1, z: 9 })] });
    await session.merge(parent.children[1] as InstanceType<typeof Child>); // it has two
    await session.commit();
    expect(await rowsOf(engine, CHILDREN)).toEqual([
      [1, 1, 9],
      [2, 1, null],
      [3, 1, null],
      [4, 1, 4],
    ]);
    await session.close();
  });

  it("is the same for several objects that each bring one of their own", async () => {
    const { Parent, Child, engine, session } = await families(database);
    const [first, second] = await session.mergeAll([
      new Child({ id: 1, z: 7, parent: new Parent({ id: 1 }) }),
      new Child({ id: 2, z: 8, parent: new Parent({ id: 1 }) }),
    ]);
    await session.commit();
    expect(first?.parent).toBe(second?.parent);
    expect(await rowsOf(engine, CHILDREN)).toEqual([
      [1, 1, 7],
      [2, 1, 8],
      [3, 1, null],
    ]);
    await session.close();
  });

  it("still takes the collection of what was given for the whole of it", async () => {
    const { Parent, Child, engine, session } = await families(database);
    await session.merge(new Parent({ id: 1, children: [new Child({ id: 2, z: 5 })] }));
    await session.commit();
    expect(await rowsOf(engine, CHILDREN)).toEqual([[2, 1, 5]]);
    await session.close();
  });

  it("leaves the other pairs of an association table alone", async () => {
    const { Post, Tag, engine, session } = await posts(database);
    await session.merge(new Post({ id: 3, tags: [new Tag({ name: "t" })] }));
    await session.commit();
    expect(await rowsOf(engine, "select post, tag from post_tag order by post")).toEqual([
      [1, "t"],
      [2, "t"],
      [3, "t"],
    ]);
    await session.close();
  });
});
