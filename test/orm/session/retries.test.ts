import {
  CommitOutcomeUnknown,
  ConnectionLostError,
  DeadlockError,
  declarativeBase,
  type Engine,
  InvalidStateError,
  integer,
  NotLoadedError,
  SerializationError,
  Session,
  select,
  sessionmaker,
} from "alkahest";
import { expect, it } from "vitest";
import { type OpenOptions, onSharedDatabases, type TestDatabase } from "../../support/databases.ts";

const Base = declarativeBase();
class Account extends Base("account", { id: integer().primaryKey(), balance: integer().notNull() }) {}

async function openAccounts(database: TestDatabase, count: number, options: OpenOptions = {}): Promise<Engine> {
  const engine = database.openShared(options);
  await Base.metadata.createAll(engine);
  await sessionmaker(engine).begin(async (session) => {
    for (let id = 1; id <= count; id++) session.add(new Account({ id, balance: 100 }));
  });
  return engine;
}

async function balances(engine: Engine): Promise<number[]> {
  await using session = new Session(engine);
  return session.all(select(Account.c.balance).orderBy(Account.c.id));
}

/** Lets those that arrive go on when as many have arrived; who comes later goes on at once. */
function barrier(count: number): () => Promise<void> {
  let arrived = 0;
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return () => {
    if (++arrived >= count) open();
    return opened;
  };
}

async function account(session: Session, id: number): Promise<InstanceType<typeof Account>> {
  const found = await session.get(Account, id);
  if (found === null) throw new Error(`there is no account ${id}`);
  return found;
}

onSharedDatabases("transactions that hinder each other", (database) => {
  it("both succeed in the end, and each sees what the other has written", async () => {
    const engine = await openAccounts(database, 1);
    const bothHaveRead = barrier(2);
    let runs = 0;
    const increment = () =>
      sessionmaker(engine).begin(
        async (session) => {
          runs++;
          const one = await account(session, 1);
          if (database.capabilities.concurrentWriters) await bothHaveRead();
          one.balance += 1;
        },
        { isolation: "serializable", retries: 20 },
      );
    await Promise.all([increment(), increment()]);
    expect(await balances(engine)).toEqual([102]);
    if (database.capabilities.concurrentWriters) expect(runs).toBeGreaterThan(2);
  });

  it.runIf(database.capabilities.concurrentWriters)("come out of a deadlock by running again", async () => {
    const engine = await openAccounts(database, 2);
    const bothHoldOne = barrier(2);
    let runs = 0;
    const move = (from: number, to: number) =>
      sessionmaker(engine).begin(
        async (session) => {
          runs++;
          (await account(session, from)).balance -= 10;
          await session.flush();
          await bothHoldOne();
          (await account(session, to)).balance += 10;
          await session.flush();
        },
        { retries: 20 },
      );
    await Promise.all([move(1, 2), move(2, 1)]);
    expect(await balances(engine)).toEqual([100, 100]);
    expect(runs).toBeGreaterThan(2);
  });
});

onSharedDatabases("two that have read the same row and write it", (database) => {
  it("are repeated where the second one is refused", async () => {
    const engine = await openAccounts(database, 1);
    const bothHaveRead = barrier(2);
    const increment = () =>
      sessionmaker(engine).begin(
        async (session) => {
          const one = await session.one(select(Account));
          await bothHaveRead();
          one.balance += 1;
        },
        // SQLite takes its lock at the first write unless it is asked for it before; then nobody reads beside.
        { retries: 20, ...(database.capabilities.concurrentWriters && { isolation: "serializable" }) },
      );
    await Promise.all([increment(), increment()]);
    expect(await balances(engine)).toEqual([102]);
  });
});

onSharedDatabases("session.transaction with retries", (database) => {
  const conflict = () => new SerializationError("others were first");

  it("starts again with what is in the database now", async () => {
    const engine = await openAccounts(database, 1);
    await using session = new Session(engine);
    const seen: number[] = [];
    await session.transaction(
      async () => {
        const one = await account(session, 1);
        seen.push(one.balance);
        one.balance += 1;
        if (seen.length > 1) return;
        await session.rollback();
        await sessionmaker(engine).begin(async (other) => {
          (await account(other, 1)).balance = 500;
        });
        throw conflict();
      },
      { retries: 1 },
    );
    expect(seen).toEqual([100, 500]);
    expect(await balances(engine)).toEqual([501]);
  });

  it("does not let an object of before show what it was, but lets it be loaded", async () => {
    const engine = await openAccounts(database, 1);
    await using session = new Session(engine);
    const before = await account(session, 1);
    let runs = 0;
    await session.transaction(
      async () => {
        if (++runs === 1) throw conflict();
        expect(() => before.balance).toThrow(NotLoadedError);
        expect(await session.one(select(Account))).toBe(before);
        before.balance += 1;
      },
      { retries: 1 },
    );
    expect(await balances(engine)).toEqual([101]);
  });

  it("keeps the level of isolation for each run", async () => {
    const engine = await openAccounts(database, 1);
    await using session = new Session(engine);
    let runs = 0;
    const begins: string[] = [];
    engine.on("begin", () => begins.push(`run ${runs}`));
    await session.transaction(
      async () => {
        runs++;
        await account(session, 1);
        if (runs < 3) throw new DeadlockError("others were first");
      },
      { retries: 2, isolation: "serializable" },
    );
    expect(begins).toEqual(["run 1", "run 2", "run 3"]);
  });

  it("does not repeat what a commit inside the function has made final", async () => {
    const engine = await openAccounts(database, 1);
    await using session = new Session(engine);
    const failed = session.transaction(
      async () => {
        (await account(session, 1)).balance += 1;
        await session.commit();
        throw conflict();
      },
      { retries: 5 },
    );
    await expect(failed).rejects.toThrow(SerializationError);
    expect(await balances(engine)).toEqual([101]);
  });

  it("does not repeat what is committed when a listener fails after that", async () => {
    const engine = await openAccounts(database, 1);
    await using session = new Session(engine);
    session.on("afterCommit", () => {
      throw conflict();
    });
    const add = async () => {
      (await account(session, 1)).balance += 1;
    };
    await expect(session.transaction(add, { retries: 5 })).rejects.toThrow(SerializationError);
    expect(await balances(engine)).toEqual([101]);
  });
});

onSharedDatabases("a connection that is lost", (database) => {
  /** Fails the statement that the test chooses, before or after it is executed. */
  function faulty(): { options: OpenOptions; fail: { at: RegExp | null; after: boolean; count: number } } {
    const fail = { at: null as RegExp | null, after: false, count: 0 };
    return {
      fail,
      options: {
        around: async (sql, execute) => {
          if (fail.at === null || !fail.at.test(sql)) return execute();
          fail.count++;
          fail.at = null;
          if (fail.after) await execute();
          throw new ConnectionLostError("cut");
        },
      },
    };
  }

  it.each([/^(BEGIN|START)/, /^SELECT/, /^UPDATE/])(
    "during a statement (%s) is a reason to run again",
    async (statement) => {
      const { options, fail } = faulty();
      const engine = await openAccounts(database, 1, options);
      fail.at = statement;
      await sessionmaker(engine).begin(
        async (session) => {
          (await account(session, 1)).balance += 1;
        },
        { retries: 1 },
      );
      expect(fail.count).toBe(1);
      expect(await balances(engine)).toEqual([101]);
    },
  );

  it("during a query makes the session wait for rollback(), which succeeds", async () => {
    const { options, fail } = faulty();
    const engine = await openAccounts(database, 1, options);
    await using session = new Session(engine);
    const one = await account(session, 1);
    one.balance = 7;
    await session.flush();
    fail.at = /^SELECT/;
    const lost = await session.all(select(Account)).catch((error: unknown) => error);
    expect(lost).toBeInstanceOf(ConnectionLostError);
    for (const work of [() => session.get(Account, 2), () => session.commit(), () => session.flush()]) {
      const refused = await work().catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(InvalidStateError);
      expect(refused).toHaveProperty("cause", lost);
      expect(String(refused)).toContain("session.rollback()");
    }
    await session.rollback();
    expect(one.balance).toBe(100);
    one.balance = 8;
    await session.commit();
    expect(await balances(engine)).toEqual([8]);
    expect(engine.poolStatus()).toMatchObject({ inUse: 0, waiting: 0 });
  });

  it("inside a savepoint takes the whole transaction along", async () => {
    const { options, fail } = faulty();
    const engine = await openAccounts(database, 1, options);
    await using session = new Session(engine);
    const one = await account(session, 1);
    one.balance = 7;
    const inside = session.savepoint(async () => {
      one.balance = 8;
      fail.at = /^UPDATE/;
      await session.flush();
    });
    await expect(inside).rejects.toThrow(ConnectionLostError);
    await expect(session.commit()).rejects.toThrow(InvalidStateError);
    await session.rollback();
    expect(one.balance).toBe(100);
    expect(await balances(engine)).toEqual([100]);
  });

  it("during ROLLBACK has undone the transaction all the same", async () => {
    const { options, fail } = faulty();
    const engine = await openAccounts(database, 1, options);
    await using session = new Session(engine);
    const one = await account(session, 1);
    one.balance = 7;
    await session.flush();
    fail.at = /^ROLLBACK/;
    await session.rollback();
    expect(fail.count).toBe(1);
    expect(one.balance).toBe(100);
    expect(await balances(engine)).toEqual([100]);
  });

  it.each([true, false])("during COMMIT is not retried, since it may have happened (it did: %s)", async (after) => {
    const { options, fail } = faulty();
    const engine = await openAccounts(database, 1, options);
    await using session = new Session(engine);
    Object.assign(fail, { at: /^COMMIT/, after });
    const add = async () => {
      (await account(session, 1)).balance += 1;
    };
    const error = await session.transaction(add, { retries: 5 }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CommitOutcomeUnknown);
    expect(await balances(engine)).toEqual([after ? 101 : 100]);
    // What is in memory may be either; it is to be read again.
    const one = await account(session, 1);
    expect(one.balance).toBe(after ? 101 : 100);
  });

  it("during COMMIT leaves objects to be loaded again after rollback()", async () => {
    const { options, fail } = faulty();
    const engine = await openAccounts(database, 1, options);
    await using session = new Session(engine);
    const one = await account(session, 1);
    one.balance = 7;
    Object.assign(fail, { at: /^COMMIT/, after: true });
    await expect(session.commit()).rejects.toThrow(CommitOutcomeUnknown);
    await expect(session.get(Account, 1)).rejects.toThrow("nobody knows whether it happened");
    await session.rollback();
    expect(() => one.balance).toThrow(NotLoadedError);
    await session.refresh(one);
    expect(one.balance).toBe(7);
  });

  it("during COMMIT is retried when that was asked for", async () => {
    const { options, fail } = faulty();
    const engine = await openAccounts(database, 1, options);
    Object.assign(fail, { at: /^COMMIT/, after: true });
    await sessionmaker(engine).begin(
      async (session) => {
        (await account(session, 1)).balance = 42;
      },
      { retries: 1, retryUnknownOutcome: true },
    );
    expect(await balances(engine)).toEqual([42]);
  });
});
