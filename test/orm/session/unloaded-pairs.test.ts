import { declarativeBase, integer, lazy, manyToMany, Session, select, unique, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../../support/databases.ts";
import { rowsOf, StatementLog } from "../../support/statements.ts";

// Pairs of a many-to-many relationship whose collections are not loaded: a pair may be stored already.

type Key = "primary key" | "unique key";

async function setUp(database: TestDatabase, key: Key = "primary key") {
  const Base = declarativeBase();
  class Post extends Base("post", {
    id: integer().primaryKey(),
    get tags() {
      return manyToMany(Tag, { through: key === "primary key" ? Pair : Numbered, backPopulates: "posts" });
    },
  }) {}
  class Tag extends Base("tag", {
    id: integer().primaryKey(),
    name: varchar(10),
    get posts() {
      return manyToMany(Post, { through: key === "primary key" ? Pair : Numbered, backPopulates: "tags" });
    },
  }) {}
  class Pair extends Base("pair", {
    get postId() {
      return integer().primaryKey().references(Post.c.id);
    },
    get tagId() {
      return integer().primaryKey().references(Tag.c.id);
    },
  }) {}
  class Numbered extends Base("numbered", {
    id: integer().primaryKey(),
    get postId() {
      return integer().notNull().references(Post.c.id);
    },
    get tagId() {
      return integer().notNull().references(Tag.c.id);
    },
    get tableArgs() {
      return [unique("numbered_uk", Numbered.c.postId, Numbered.c.tagId)];
    },
  }) {}
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  const stored = [1, 2, 3].map((id) => new Tag({ id }));
  session.addAll([...stored, new Post({ id: 1, tags: stored.slice(0, 2) })]);
  await session.commit();
  session.clear();
  const post = await session.one(select(Post));
  const tags = await session.all(select(Tag).orderBy(Tag.c.id));
  const [one, two, three] = tags;
  if (!one || !two || !three) throw new Error("Rows are missing.");
  const table = key === "primary key" ? "pair" : "numbered";
  const rows = () => rowsOf(engine, `select post_id, tag_id from ${table} order by post_id, tag_id`);
  const close = async () => {
    await session.close();
    await engine.dispose();
  };
  return { Post, Tag, engine, session, post, tags, one, two, three, rows, close };
}

const remove = <T>(collection: readonly T[], member: T) =>
  (collection as T[] & { remove(member: T): boolean }).remove(member);

onEveryDatabase("a pair whose collections are not loaded", (database) => {
  for (const key of ["primary key", "unique key"] as const) {
    it(`may be there when it is added (${key})`, async () => {
      const { session, post, tags, rows, close } = await setUp(database, key);
      post.tags.push(...tags);
      await session.commit();
      expect(await rows()).toEqual([
        [1, 1],
        [1, 2],
        [1, 3],
      ]);
      expect(new Set(await lazy(post).tags)).toEqual(new Set(tags));
      await close();
    });
  }

  it("may be there when it is added on the other side", async () => {
    const { session, post, one, three, rows, close } = await setUp(database);
    one.posts.push(post);
    three.posts.push(post);
    await session.commit();
    expect(await rows()).toEqual([
      [1, 1],
      [1, 2],
      [1, 3],
    ]);
    await close();
  });

  it("need not be there when it is removed", async () => {
    const { session, post, one, three, rows, close } = await setUp(database);
    remove(post.tags, three);
    remove(post.tags, one);
    await session.commit();
    expect(await rows()).toEqual([[1, 2]]);
    await close();
  });

  it("is told apart when a collection is loaded", async () => {
    const { session, post, one, two, three, rows, close } = await setUp(database);
    await session.noAutoflush(async () => {
      post.tags.push(one, three);
      remove(post.tags, two);
      expect(new Set(await lazy(post).tags)).toEqual(new Set([one, three]));
    });
    await session.commit();
    expect(await rows()).toEqual([
      [1, 1],
      [1, 3],
    ]);
    await close();
  });

  it("is no pair twice where the other collection is loaded", async () => {
    const { session, post, one, three, rows, close } = await setUp(database);
    expect(await lazy(one).posts).toEqual([post]);
    expect(await lazy(three).posts).toEqual([]);
    post.tags.push(one, three);
    expect(remove(post.tags, three)).toBe(true);
    expect(remove(post.tags, three)).toBe(false);
    post.tags.push(three);
    expect(one.posts).toEqual([post]);
    expect(three.posts).toEqual([post]);
    expect((await session.plan()).toString()).not.toContain("upsert");
    await session.commit();
    expect(await rows()).toEqual([
      [1, 1],
      [1, 2],
      [1, 3],
    ]);
    await close();
  });

  it("costs no statement more", async () => {
    const { engine, session, post, three, Tag, close } = await setUp(database);
    const loaded = new Tag({ id: 4 });
    const log = new StatementLog(engine);
    post.tags.push(three, loaded);
    await session.flush();
    expect(log.writes).toEqual(["INSERT tag", "INSERT pair", "INSERT pair"]);
    expect(log.all).toHaveLength(3);
    await close();
  });

  it("comes and goes with a rollback", async () => {
    const { session, post, tags, one, rows, close } = await setUp(database);
    post.tags.push(...tags);
    await session.flush();
    await session.rollback();
    expect(await rows()).toEqual([
      [1, 1],
      [1, 2],
    ]);
    remove(post.tags, one);
    await session.commit();
    expect(await rows()).toEqual([[1, 2]]);
    await close();
  });
});
