import { func, InvalidStateError, select, text } from "alkahest";
import { describe, expect, it } from "vitest";
import { Group, openDatabase, User } from "./models.ts";

describe("operations at once on one session", () => {
  it("queue, and all succeed", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    session.addAll([new Group({ gid: 1 }), new Group({ gid: 2 })]);
    await session.commit();
    session.clear();
    const [one, two, all, count] = await Promise.all([
      session.get(Group, 1),
      session.get(Group, 2),
      session.all(select(Group).orderBy(Group.c.gid)),
      session.one(select(func.count(Group.c.gid))),
    ]);
    expect(all).toEqual([one, two]);
    expect(all[0]).toBe(one);
    expect(count).toBe(2);
  });

  it("of every kind can be mixed with flushes and commits", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        session.add(new Group({ name: `g${i}` }));
        if (i % 3 === 0) await session.flush();
        if (i % 5 === 0) await session.commit();
        await session.all(select(Group));
        await session.savepoint(async () => session.add(new User({ login: `u${i}` })));
      }),
    );
    await session.commit();
    expect(await session.one(select(func.count(Group.c.gid)))).toBe(20);
    expect(await session.one(select(func.count(User.c.login)))).toBe(20);
  });

  it("leave what is added during a flush to the next one", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    session.add(new Group({ name: "a" }));
    const flushing = session.flush();
    session.add(new Group({ name: "b" }));
    await flushing;
    await session.commit();
    expect(await session.all(select(Group.c.name).orderBy(Group.c.name))).toEqual(["a", "b"]);
  });

  it("wait for a transaction that is under way", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const log: string[] = [];
    const transaction = session.transaction(async () => {
      session.add(new Group({ name: "a" }));
      await session.flush();
      await new Promise((resolve) => setTimeout(resolve, 5));
      log.push("transaction");
    });
    const query = session.all(select(Group.c.name)).then((names) => log.push(names.join()));
    await Promise.all([transaction, query]);
    expect(log).toEqual(["transaction", "a"]);
  });

  it("run within a transaction, a savepoint, noAutoflush, when called from there", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    await session.transaction(async () => {
      await session.savepoint(async () => {
        await session.noAutoflush(async () => {
          session.add(new Group({ gid: 1 }));
          const results = await Promise.all([session.get(Group, 1), session.get(Group, 2), session.flush()]);
          expect(results.map((result) => result === null)).toEqual([false, true, false]);
          await session.savepoint(async () => {
            await Promise.all([session.get(Group, 3), session.all(select(Group))]);
          });
        });
      });
    });
    expect((await session.all(select(Group))).length).toBe(1);
  });

  it("run within the body of a stream's loop", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    for (let gid = 1; gid <= 5; gid++) session.add(new Group({ gid, name: "old" }));
    await session.commit();
    const seen: number[] = [];
    for await (const group of session.stream(select(Group).orderBy(Group.c.gid))) {
      seen.push(group.gid);
      group.name = "new";
      expect(await session.get(Group, group.gid)).toBe(group);
      session.add(new User({ login: `u${group.gid}` }));
      await session.flush();
    }
    expect(seen).toEqual([1, 2, 3, 4, 5]);
    await session.commit();
    expect(await session.all(select(Group.c.name).distinct())).toEqual(["new"]);
  });

  it("can leave a stream early, and several can be open", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    for (let gid = 1; gid <= 5; gid++) session.add(new Group({ gid }));
    const pairs: number[][] = [];
    for await (const a of session.stream(select(Group.c.gid).orderBy(Group.c.gid))) {
      if (a > 2) break;
      for await (const b of session.stream(select(Group.c.gid).orderBy(Group.c.gid))) {
        if (b > 1) break;
        pairs.push([a, b]);
      }
    }
    expect(pairs).toEqual([
      [1, 1],
      [2, 1],
    ]);
    await session.commit();
  });

  it("end a stream whose transaction ends", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    session.addAll([new Group(), new Group()]);
    await session.commit();
    const loop = async () => {
      for await (const _ of session.stream(select(Group))) await session.commit();
    };
    await expect(loop()).rejects.toThrow(/transaction ended while its rows were being read/);
  });
});

describe("listeners", () => {
  it("are called around a flush and at the end of a transaction, and can use the session", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const log: string[] = [];
    session.on("beforeFlush", async (s) => {
      log.push(`before flush: ${(await s.all(select(Group))).length} stored`);
      if (s.new.size === 1) s.add(new Group({ name: "by listener" }));
    });
    session.on("afterFlush", async (s) => {
      log.push(`after flush: ${(await s.all(select(Group))).length} stored`);
    });
    for (const name of ["beforeCommit", "afterCommit", "afterRollback"] as const)
      session.on(name, () => void log.push(name));
    session.add(new Group());
    await session.commit();
    await session.rollback();
    expect(log).toEqual([
      "before flush: 0 stored",
      "after flush: 2 stored",
      "beforeCommit",
      "afterCommit",
      "afterRollback",
    ]);
  });

  it("of a flush cannot flush, commit, roll back or close", async () => {
    const { session: open } = await openDatabase();
    for (const call of ["flush", "commit", "rollback", "close"] as const) {
      const session = open();
      session.on("beforeFlush", (s) => s[call]());
      session.add(new Group());
      const error = await session.flush().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(InvalidStateError);
      expect(String(error)).toContain(`${call}() cannot be called from inside a flush`);
      await session.rollback();
      session.clear();
    }
  });

  it("whose changes after a flush never end are stopped", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const group = new Group({ name: "" });
    session.on("afterFlush", () => {
      group.name += "x";
    });
    session.add(group);
    await expect(session.commit()).rejects.toThrow(/afterFlush listener changes objects/);
    await session.rollback();
  });

  it("can be taken away", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    let calls = 0;
    const listener = () => void calls++;
    session.on("beforeFlush", listener);
    session.off("beforeFlush", listener);
    session.add(new Group());
    await session.flush();
    expect(calls).toBe(0);
  });
});

describe("a closed session", () => {
  it("refuses everything with an error that says so", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    await session.close();
    await session.close();
    expect(() => session.add(new Group())).toThrow(/closed/);
    for (const work of [
      () => session.get(Group, 1),
      () => session.flush(),
      () => session.commit(),
      () => session.all(select(Group)),
      () => session.execute(text("select 1")),
      () => session.transaction(async () => {}),
      () => session.savepoint(async () => {}),
      () => session.merge(new Group()),
    ]) {
      await expect(work()).rejects.toThrow(InvalidStateError);
    }
  });

  it("rolled back what was open, and gave the connection back", async () => {
    const { session: open } = await openDatabase();
    {
      await using session = open();
      session.add(new Group());
      await session.flush();
    }
    expect(await open().all(select(Group))).toEqual([]);
  });
});
