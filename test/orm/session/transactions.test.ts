import {
  IntegrityError,
  InvalidStateError,
  inspect,
  NotLoadedError,
  populateExisting,
  SerializationError,
  select,
  selectinLoad,
  sessionmaker,
  text,
} from "alkahest";
import { describe, expect, it } from "vitest";
import { Child, Group, openDatabase, Parent, Post, Tag, verbs } from "./models.ts";

describe("a transaction", () => {
  it("begins with the first statement and ends with commit", async () => {
    const { session: open, engine } = await openDatabase();
    const log: string[] = [];
    for (const name of ["begin", "commit", "rollback"] as const) engine.on(name, () => log.push(name));
    const session = open();
    session.add(new Group());
    expect(session.inTransaction).toBe(false);
    await session.commit();
    expect(session.inTransaction).toBe(false);
    expect(log).toEqual(["begin", "commit"]);
    await session.commit();
    await session.rollback();
    expect(log).toEqual(["begin", "commit"]);
  });

  it("holds no connection between two of them", async () => {
    const { session: open } = await openDatabase();
    const first = open();
    const second = open();
    first.add(new Group({ name: "a" }));
    await first.commit();
    second.add(new Group({ name: "b" }));
    await second.commit();
    expect(await first.all(select(Group.c.name).orderBy(Group.c.name))).toEqual(["a", "b"]);
  });
});

describe("rollback", () => {
  it("makes new objects transient again, with their values", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const flushed = new Group({ name: "a" });
    session.add(flushed);
    await session.flush();
    const pending = new Group({ name: "b" });
    session.add(pending);
    await session.rollback();
    expect([flushed, pending].map((group) => inspect(group).state)).toEqual(["transient", "transient"]);
    expect([flushed.name, pending.name]).toEqual(["a", "b"]);
    expect(await session.all(select(Group))).toEqual([]);
    session.addAll([flushed, pending]);
    await session.commit();
    expect((await session.all(select(Group))).length).toBe(2);
  });

  it("makes changed objects as last committed, flushed or not", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const group = new Group({ name: "a" });
    session.add(group);
    await session.commit();
    group.name = "b";
    await session.flush();
    group.name = "c";
    await session.rollback();
    expect(group.name).toBe("a");
    expect(session.dirty.size).toBe(0);
    group.name = "d";
    await session.rollback();
    expect(group.name).toBe("a");
  });

  it("makes deleted objects persistent again, flushed or not", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const [a, b] = [new Group({ name: "a" }), new Group({ name: "b" })];
    session.addAll([a, b]);
    await session.commit();
    session.delete(a);
    await session.flush();
    session.delete(b);
    await session.rollback();
    expect([a, b].map((group) => inspect(group).state)).toEqual(["persistent", "persistent"]);
    expect(session.deleted.size).toBe(0);
    expect(await session.get(Group, a.gid)).toBe(a);
  });

  it("brings replaced children back, as the same objects", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const children = [1, 2, 3].map((z) => new Child({ z }));
    const parent = new Parent({ children });
    session.add(parent);
    await session.commit();
    const fresh = new Child({ z: 1 });
    parent.children = [fresh];
    await session.flush();
    expect(children.map((child) => inspect(child).state)).toEqual(["deleted", "deleted", "deleted"]);
    await session.rollback();
    expect([...parent.children]).toEqual(children);
    expect(parent.children.every((child, i) => child === children[i])).toBe(true);
    expect(children.every((child) => child.parent === parent)).toBe(true);
    expect(children.map((child) => inspect(child).state)).toEqual(["persistent", "persistent", "persistent"]);
    expect(inspect(fresh).state).toBe("transient");
    await session.commit();
    expect(await session.all(select(Child.c.z).orderBy(Child.c.z))).toEqual([1, 2, 3]);
  });

  it("keeps what new objects belong to: added again, they join it again", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const parent = new Parent({ name: "p", children: [new Child({ z: 1 })] });
    session.add(parent);
    await session.commit();
    const child = new Child({ z: 2, parent });
    const taking = new Parent({ name: "q", children: [parent.children[0]!] });
    session.add(taking);
    await session.flush();
    await session.rollback();
    expect(child.parent).toBe(parent);
    expect(parent.children.map(({ z }) => z)).toEqual([1]);
    expect(parent.children[0]?.parent).toBe(parent);
    session.addAll([child, taking]);
    expect(parent.children.map(({ z }) => z)).toEqual([2]);
    await session.commit();
    const stored = select(Child.c.z, Parent.c.name).join(Child.c.parent).orderBy(Child.c.z);
    expect(await session.all(stored)).toEqual([
      [1, "q"],
      [2, "p"],
    ]);
  });

  it("forgets what was read of the changes that it undoes, and nothing else", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const post = new Post({ title: "t", tags: [new Tag({ name: "a" }), new Tag({ name: "b" })] });
    session.addAll([post, new Parent({ name: "p", children: [new Child({ z: 1 })] })]);
    await session.commit();
    session.clear();
    session.delete((await session.all(select(Tag).where(Tag.c.name.eq("a"))))[0]!);
    await session.flush();
    const again = await session.one(select(Post).options(selectinLoad(Post.c.tags)));
    const parent = await session.one(select(Parent).options(selectinLoad(Parent.c.children)));
    expect(again.tags.map(({ name }) => name)).toEqual(["b"]);
    await session.rollback();
    expect(() => again.tags.length).toThrow(NotLoadedError);
    expect(again.title).toBe("t");
    expect(parent.children[0]?.z).toBe(1);
    await session.execute(text("UPDATE parent SET name = 'changed'"));
    const fresh = await session.one(select(Parent).options(populateExisting()));
    expect(fresh.name).toBe("changed");
    await session.rollback();
    expect(() => fresh.name).toThrow(NotLoadedError);
    await session.refresh(fresh);
    expect(fresh.name).toBe("p");
  });

  it("leaves out what was expunged", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const group = new Group({ name: "a" });
    session.add(group);
    await session.commit();
    group.name = "b";
    await session.flush();
    session.expunge(group);
    await session.rollback();
    expect(inspect(group).state).toBe("detached");
    expect(session.has(group)).toBe(false);
  });
});

describe("a failed flush", () => {
  it("undoes the transaction, and lets nothing be done until rollback", async () => {
    const { session: open, engine } = await openDatabase();
    const session = open();
    session.add(new Group({ name: "kept out" }));
    await session.flush();
    session.add(new Parent({ id: 1 }));
    await session.flush();
    session.expunge((await session.get(Parent, 1))!);
    session.add(new Parent({ id: 1 }));
    const error = await session.flush().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(IntegrityError);
    expect(session.inTransaction).toBe(false);
    for (const work of [
      () => session.all(select(Group)),
      () => session.get(Group, 1),
      () => session.flush(),
      () => session.commit(),
      () => session.merge(new Group()),
      async () => session.add(new Group()),
    ]) {
      const refusal = await work().catch((reason: unknown) => reason);
      expect(refusal).toBeInstanceOf(InvalidStateError);
      expect((refusal as InvalidStateError).cause).toBe(error);
      expect(String(refusal)).toMatch(/rollback\(\)/);
    }
    await session.rollback();
    expect(await session.all(select(Group))).toEqual([]);
    session.add(new Group({ name: "usable" }));
    await session.commit();
    expect(engine.url).toBeDefined();
  });

  it("leaves objects as they were made", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const parent = new Parent({ children: [new Child({ z: 1 }), new Child({ z: 1 })] });
    session.add(parent);
    await expect(session.commit()).rejects.toThrow(IntegrityError);
    await session.rollback();
    expect(inspect(parent).state).toBe("transient");
    expect(parent.children.map(({ z }) => z)).toEqual([1, 1]);
    parent.children[1]!.z = 2;
    session.add(parent);
    await session.commit();
    expect(await session.all(select(Child.c.z).orderBy(Child.c.z))).toEqual([1, 2]);
  });

  it("is an error of the commit too if the database finds out only there", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    await session.execute(text("PRAGMA defer_foreign_keys = ON"));
    await session.execute(text("INSERT INTO child (parent_id, z) VALUES (99, 1)"));
    await expect(session.commit()).rejects.toThrow(IntegrityError);
    await expect(session.all(select(Group))).rejects.toThrow(InvalidStateError);
    await session.rollback();
    expect(await session.all(select(Child))).toEqual([]);
  });
});

describe("session.transaction", () => {
  it("commits what the function did and returns what it returns", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const result = await session.transaction(async (s) => {
      expect(s).toBe(session);
      s.add(new Group({ name: "a" }));
      return "done";
    });
    expect(result).toBe("done");
    expect(session.inTransaction).toBe(false);
    expect(await session.all(select(Group.c.name))).toEqual(["a"]);
  });

  it("rolls back if the function throws", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const group = new Group({ name: "a" });
    const failed = session.transaction(async () => {
      session.add(group);
      await session.flush();
      throw new Error("no");
    });
    await expect(failed).rejects.toThrow("no");
    expect(inspect(group).state).toBe("transient");
    expect(await session.all(select(Group))).toEqual([]);
  });

  it("cannot be nested: a savepoint is what to use", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    await session.transaction(async () => {
      await expect(session.transaction(async () => {})).rejects.toThrow(/savepoint/);
    });
  });

  it("runs again what others hindered, as often as it may", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    let runs = 0;
    const work = async () => {
      session.add(new Group({ name: `run ${++runs}` }));
      await session.flush();
      if (runs < 3) throw new SerializationError("again, please");
    };
    await session.transaction(work, { retries: 2 });
    expect(await session.all(select(Group.c.name))).toEqual(["run 3"]);
    runs = 0;
    await expect(session.transaction(work, { retries: 1 })).rejects.toThrow(SerializationError);
    expect(runs).toBe(2);
  });

  it("with retries needs a session without pending work", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    session.add(new Group());
    await expect(session.transaction(async () => {}, { retries: 1 })).rejects.toThrow(/without pending changes/);
    await session.flush();
    await expect(session.transaction(async () => {}, { retries: 1 })).rejects.toThrow(/has written already/);
    await session.commit();
    await session.all(select(Group));
    await session.transaction(async () => {}, { retries: 1 });
  });

  it("of a factory opens and closes a session of its own", async () => {
    const { engine } = await openDatabase();
    const openSession = sessionmaker(engine, { autoflush: false });
    const inside = await openSession.begin(async (session) => {
      session.add(new Group({ name: "a" }));
      expect(await session.all(select(Group))).toEqual([]);
      return session;
    });
    await expect(inside.flush()).rejects.toThrow(/closed/);
    const own = openSession({ autoflush: true });
    expect(await own.all(select(Group.c.name))).toEqual(["a"]);
    own.add(new Group({ name: "b" }));
    expect((await own.all(select(Group))).length).toBe(2);
    await own.close();
  });
});

describe("savepoints", () => {
  it("keep what was done inside when the function returns", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const result = await session.savepoint(async () => {
      session.add(new Group({ name: "a" }));
      return 1;
    });
    expect(result).toBe(1);
    await session.commit();
    expect(await session.all(select(Group.c.name))).toEqual(["a"]);
  });

  it("undo what was done inside when the function throws, and nothing else", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const outside = new Group({ name: "outside" });
    session.add(outside);
    const changed = new Group({ name: "a" });
    session.add(changed);
    await session.commit();
    changed.name = "b";
    const inside = new Group({ name: "inside" });
    const failed = session.savepoint(async () => {
      changed.name = "c";
      session.add(inside);
      session.delete(outside);
      await session.flush();
      changed.name = "d";
      throw new Error("no");
    });
    await expect(failed).rejects.toThrow("no");
    expect(changed.name).toBe("b");
    expect(inspect(inside).state).toBe("transient");
    expect(inspect(outside).state).toBe("persistent");
    await session.commit();
    expect(await session.all(select(Group.c.name).orderBy(Group.c.name))).toEqual(["b", "outside"]);
  });

  it("contain a failed flush: what was done before is committed", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const parent = new Parent({ name: "kept", children: [new Child({ z: 1 })] });
    session.add(parent);
    const failed = session.savepoint(async () => {
      parent.children.push(new Child({ z: 1 }));
      await session.flush();
    });
    await expect(failed).rejects.toThrow(IntegrityError);
    expect(parent.children.length).toBe(1);
    await session.commit();
    expect(await session.all(select(Child.c.z))).toEqual([1]);
  });

  it("are lost with a failed flush even if its error was caught inside", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const parent = new Parent({ children: [new Child({ z: 1 })] });
    session.add(parent);
    const failed = session.savepoint(async () => {
      parent.children.push(new Child({ z: 1 }));
      await session.flush().catch(() => {});
    });
    await expect(failed).rejects.toThrow(InvalidStateError);
    await session.commit();
    expect(await session.all(select(Child.c.z))).toEqual([1]);
  });

  it("nest", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const group = new Group({ name: "0" });
    session.add(group);
    await session.savepoint(async () => {
      group.name = "1";
      await session.savepoint(async () => {
        group.name = "2";
      });
      expect(group.name).toBe("2");
      const inner = session.savepoint(async () => {
        group.name = "3";
        await session.flush();
        throw new Error("no");
      });
      await expect(inner).rejects.toThrow("no");
      expect(group.name).toBe("2");
    });
    await session.commit();
    expect(await session.all(select(Group.c.name))).toEqual(["2"]);
  });

  it("released inside one that is undone are undone with it", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const group = new Group({ name: "0" });
    session.add(group);
    await session.commit();
    const outer = session.savepoint(async () => {
      await session.savepoint(async () => {
        group.name = "1";
        session.add(new Group({ name: "new" }));
      });
      throw new Error("no");
    });
    await expect(outer).rejects.toThrow("no");
    expect(group.name).toBe("0");
    await session.commit();
    expect(await session.all(select(Group.c.name))).toEqual(["0"]);
  });

  it("can be held by hand, once", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const group = new Group({ name: "0" });
    session.add(group);
    const first = await session.beginNested();
    group.name = "1";
    await first.rollback();
    expect(group.name).toBe("0");
    expect(first.isActive).toBe(false);
    await expect(first.release()).rejects.toThrow(InvalidStateError);
    const second = await session.beginNested();
    group.name = "2";
    await second.release();
    {
      await using third = await session.beginNested();
      group.name = "3";
      expect(third.isActive).toBe(true);
    }
    expect(group.name).toBe("2");
    const fourth = await session.beginNested();
    await session.commit();
    expect(fourth.isActive).toBe(false);
    expect(await session.all(select(Group.c.name))).toEqual(["2"]);
  });

  it("flush what was done before, also with autoflush off", async () => {
    const { session: open, take } = await openDatabase();
    const session = open({ autoflush: false });
    session.add(new Group({ name: "a" }));
    await session.beginNested();
    expect(verbs(take())).toContain("INSERT groups");
  });
});
