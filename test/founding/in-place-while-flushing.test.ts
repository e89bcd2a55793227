import {
  bytes,
  declarativeBase,
  integer,
  json,
  listen,
  manyToMany,
  Session,
  select,
  timestamp,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";
import { openWhileWriting } from "../support/while-writing.ts";

// What the program changes in place while a flush waits for the database: values that hold others, and collections.

async function setUp(database: TestDatabase) {
  const Base = declarativeBase();
  class Post extends Base("post", {
    id: integer().primaryKey(),
    title: varchar(20),
    code: varchar(20).unique(),
    data: json<{ n: number; list?: number[] }>(),
    at: timestamp(),
    raw: bytes(),
    get tags() {
      return manyToMany(Tag, { through: Pair, backPopulates: "posts", collection: "set" });
    },
  }) {}
  class Tag extends Base("tag", {
    id: integer().primaryKey(),
    name: varchar(10),
    get posts() {
      return manyToMany(Post, { through: Pair, backPopulates: "tags" });
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
  const { engine, whileWriting, isDone } = openWhileWriting(database);
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  const fresh = async (id = 1) => {
    await using other = new Session(engine);
    const post = await other.get(Post, id);
    if (post === null) throw new Error("The post was stored.");
    return post;
  };
  const pairs = async () =>
    (await rowsOf(engine, "select post_id, tag_id from pair order by 1, 2")).map((row) => row.map(Number).join(":"));
  const close = async () => {
    expect(isDone()).toBe(true);
    await session.close();
    await engine.dispose();
  };
  return { Post, Tag, engine, session, whileWriting, fresh, pairs, close };
}

onEveryDatabase("a value that is changed in place while a flush writes it", (database) => {
  it("is written once more by the next one: of a stored object, which was changed in place before", async () => {
    const { Post, session, whileWriting, fresh, close } = await setUp(database);
    const post = new Post({ id: 1, data: { n: 1 }, at: new Date(0), raw: new Uint8Array([1]) });
    session.add(post);
    await session.commit();
    post.data!.n = 2;
    post.at!.setTime(2000);
    post.raw![0] = 2;
    whileWriting(() => {
      post.data!.n = 3;
      post.at!.setTime(3000);
      post.raw![0] = 3;
    });
    await session.flush();
    expect(session.isModified(post)).toBe(true);
    await session.commit();
    const { data, at, raw } = await fresh();
    expect([data, at, [...(raw ?? [])]]).toEqual([{ n: 3 }, new Date(3000), [3]]);
    expect(session.isModified(post)).toBe(false);
    await close();
  });

  it("of a stored object to which it was assigned, and that keeps it", async () => {
    const { Post, session, whileWriting, fresh, close } = await setUp(database);
    const post = new Post({ id: 1 });
    session.add(post);
    await session.commit();
    const data = { n: 1, list: [1] };
    post.data = data;
    whileWriting(() => data.list.push(2));
    await session.commit();
    expect((await fresh()).data).toEqual({ n: 1, list: [1, 2] });
    data.list.push(3);
    await session.commit();
    expect((await fresh()).data).toEqual({ n: 1, list: [1, 2, 3] });
    await close();
  });

  for (const when of ["before it is added", "before the flush", "meanwhile"] as const) {
    it(`of a new object, which was read ${when}`, async () => {
      const { Post, session, whileWriting, fresh, close } = await setUp(database);
      const post = new Post({ id: 1, data: { n: 1 } });
      let data = when === "before it is added" ? post.data : null;
      session.add(post);
      if (when === "before the flush") data = post.data;
      whileWriting(() => {
        (data ?? post.data)!.n = 2;
      });
      await session.flush();
      await session.commit();
      expect((await fresh()).data).toEqual({ n: 2 });
      await session.rollback();
      expect(post.data).toEqual({ n: 2 });
      await close();
    });
  }

  it("of an object that the flush writes for another change", async () => {
    const { Post, session, whileWriting, fresh, close } = await setUp(database);
    for (const column of ["title", "code"] as const) {
      const id = column === "title" ? 1 : 2;
      const post = new Post({ id, data: { n: 1 } });
      session.add(post);
      await session.commit();
      const { data } = post;
      post[column] = "a";
      whileWriting(() => {
        data!.n = 2;
        post[column] = "b"; // looks at all values of the object
      });
      await session.commit();
      await session.commit();
      const stored = await fresh(id);
      expect([stored.data, stored[column]]).toEqual([{ n: 2 }, "b"]);
    }
    await close();
  });

  it("is as it was before the flush after a rollback, and as the flush wrote it if that was committed", async () => {
    const { Post, session, whileWriting, close } = await setUp(database);
    const post = new Post({ id: 1, data: { n: 1 } });
    session.add(post);
    await session.commit();
    post.data!.n = 2;
    whileWriting(() => {
      post.data!.n = 3;
    });
    await session.flush();
    await session.rollback();
    expect(post.data).toEqual({ n: 1 });
    post.data!.n = 2;
    whileWriting(() => {
      post.data!.n = 3;
    });
    await session.flush();
    await session
      .savepoint(async () => {
        post.data!.n = 4;
        throw new Error("no");
      })
      .catch(() => {});
    expect(post.data).toEqual({ n: 3 });
    await session.commit();
    await close();
  });

  it("of objects with listeners", async () => {
    const { Post, session, whileWriting, fresh, close } = await setUp(database);
    const stop = listen(Post, "beforeInsert", (post) => {
      post.data = { n: 2 };
    });
    try {
      const post = new Post({ id: 1, data: { n: 1 } });
      session.add(post);
      whileWriting(() => {
        post.data!.n = 3;
      });
      await session.commit();
      await session.commit();
    } finally {
      stop();
    }
    expect((await fresh()).data).toEqual({ n: 3 });
    await close();
  });
});

onEveryDatabase("a many-to-many collection that is changed while a flush writes it", (database) => {
  /** Two posts with two of four tags each. */
  const tagged = async (isLoaded: boolean) => {
    const all = await setUp(database);
    const { Post, Tag, session } = all;
    const stored = [1, 2, 3, 4].map((id) => new Tag({ id }));
    session.addAll(stored);
    session.addAll([1, 2].map((id) => new Post({ id, tags: new Set(stored.slice(0, 2)) })));
    await session.commit();
    session.clear();
    const posts = await session.all(select(Post).orderBy(Post.c.id));
    const tags = await session.all(select(Tag).orderBy(Tag.c.id));
    if (isLoaded) {
      for (const post of posts) await session.refresh(post, ["tags"]);
      for (const tag of tags) await session.refresh(tag, ["posts"]);
    }
    const [post, other] = posts;
    const [one, two, three, four] = tags;
    if (!post || !other || !one || !two || !three || !four) throw new Error("Rows are missing.");
    await session.commit();
    return { ...all, post, other, one, two, three, four };
  };

  for (const isLoaded of [true, false]) {
    const how = isLoaded ? "loaded" : "not loaded";

    it(`is written by the next flush: all objects are in this one (${how})`, async () => {
      const { session, post, one, two, three, four, whileWriting, pairs, close } = await tagged(isLoaded);
      post.tags.add(three);
      for (const tag of [one, two, three, four]) tag.name = "b";
      post.title = "b";
      whileWriting(() => {
        post.tags.add(four);
        post.tags.delete(one);
        post.tags.delete(three); // which the flush adds
      });
      await session.flush();
      expect(session.isModified(post)).toBe(true);
      await session.commit();
      expect(await pairs()).toEqual(["1:2", "1:4", "2:1", "2:2"]);
      await session.refresh(post, ["tags"]);
      expect([...post.tags].map(({ id }) => id).sort()).toEqual([2, 4]);
      await close();
    });

    it(`is written by the next flush: what this one removes joins again (${how})`, async () => {
      const { session, post, one, whileWriting, pairs, close } = await tagged(isLoaded);
      post.tags.delete(one);
      whileWriting(() => post.tags.add(one));
      await session.flush();
      await session.commit();
      expect(await pairs()).toEqual(["1:1", "1:2", "2:1", "2:2"]);
      await close();
    });

    it(`is written by the next flush: objects that this one does not write (${how})`, async () => {
      const { session, post, other, one, three, whileWriting, pairs, close } = await tagged(isLoaded);
      post.title = "b";
      whileWriting(() => {
        other.tags.add(three);
        other.tags.delete(one);
      });
      await session.flush();
      await session.commit();
      expect(await pairs()).toEqual(["1:1", "1:2", "2:2", "2:3"]);
      await close();
    });

    it(`goes back by a rollback (${how})`, async () => {
      const { session, post, one, three, four, whileWriting, pairs, close } = await tagged(isLoaded);
      post.tags.add(three);
      whileWriting(() => {
        post.tags.add(four);
        post.tags.delete(one);
      });
      await session.flush();
      await session.rollback();
      expect(session.isModified(post)).toBe(false);
      await session.refresh(post, ["tags"]);
      expect([...post.tags].map(({ id }) => id).sort()).toEqual([1, 2]);
      await session.commit();
      expect(await pairs()).toEqual(["1:1", "1:2", "2:1", "2:2"]);
      await close();
    });
  }

  it("has its members of before after a rollback, in their order", async () => {
    const { session, post, one, three, four, whileWriting, close } = await tagged(true);
    const order = [...post.tags];
    whileWriting(() => {
      post.tags.delete(one);
      post.tags.add(four);
      post.tags = new Set([...post.tags].reverse());
    });
    post.tags.add(three);
    await session.flush();
    await session.commit();
    expect([...post.tags]).toEqual([four, three, order[1]]);
    post.title = "x";
    whileWriting(() => {
      post.tags.delete(three);
    });
    await session.flush();
    await session
      .savepoint(async () => {
        post.tags.add(one);
        throw new Error("no");
      })
      .catch(() => {});
    await session.rollback();
    expect([...post.tags]).toEqual([four, three, order[1]]);
    await close();
  });

  it("is written by the next flush: of a new object, and with new ones", async () => {
    const { Post, Tag, session, post, one, two, three, whileWriting, pairs, close } = await tagged(true);
    const fresh = new Post({ id: 3, tags: new Set([one]) });
    const tag = new Tag({ id: 5 });
    session.addAll([fresh, tag]);
    post.title = "b";
    whileWriting(() => {
      fresh.tags.add(three);
      fresh.tags.add(tag);
      fresh.tags.delete(one);
      tag.posts.push(post);
      fresh.tags.add(new Tag({ id: 6, posts: [post] }));
      two.posts = [];
    });
    await session.flush();
    await session.commit();
    expect(await pairs()).toEqual(["1:1", "1:5", "1:6", "2:1", "3:3", "3:5", "3:6"]);
    await close();
  });

  it("is written by the next flush: indexes of the array", async () => {
    const { session, post, one, three, four, whileWriting, pairs, close } = await tagged(true);
    four.posts.push(post);
    whileWriting(() => {
      three.posts[0] = post;
      one.posts.length = 0;
    });
    await session.commit();
    await session.commit();
    expect(await pairs()).toEqual(["1:2", "1:3", "1:4", "2:2"]);
    await close();
  });
});
