import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { DriverConnection } from "../../src/engine/driver.ts";
import type { MaybePromise } from "../../src/engine/maybe-promise.ts";
import { ConnectionPool, type Holder, type PooledConnection } from "../../src/engine/pool.ts";
import { type PoolOptions, poolSettings } from "../../src/engine/pool-options.ts";
import { ArgumentError, ConnectionLostError, InvalidStateError, TimeoutError } from "../../src/errors/index.ts";

function holder(name: string): Holder & { abandoned: boolean } {
  return {
    abandoned: false,
    takenAt: null,
    describe: () => name,
    abandon() {
      this.abandoned = true;
    },
  };
}

function fakeConnection(onClose: () => void): DriverConnection {
  return {
    execute: () => ({ rows: [], columns: [], rowCount: 0 }),
    async *stream() {},
    close: onClose,
  };
}

interface TestPool {
  readonly pool: ConnectionPool;
  readonly opened: number[];
  readonly closed: number[];
  readonly invalidated: number[];
  /** Connections that do not answer any more. */
  readonly dead: Set<DriverConnection>;
}

function poolOf(options: PoolOptions, open?: (id: number) => MaybePromise<DriverConnection>): TestPool {
  const opened: number[] = [];
  const closed: number[] = [];
  const invalidated: number[] = [];
  const dead = new Set<DriverConnection>();
  const host = {
    url: "test://db",
    ping: async (connection: DriverConnection) => {
      if (dead.has(connection)) throw new Error("no answer");
    },
    invalidated: (id: number) => invalidated.push(id),
    open: (id: number) => {
      opened.push(id);
      return open?.(id) ?? fakeConnection(() => closed.push(id));
    },
  };
  const pool = new ConnectionPool(host, poolSettings({ size: 1, timeout: 1000, ...options }));
  return { pool, opened, closed, invalidated, dead };
}

describe("a pool", () => {
  it("opens connections only when they are needed, and uses them again", async () => {
    const { pool, opened } = poolOf({ size: 3 });
    for (let round = 0; round < 3; round++) pool.release(await pool.acquire(holder("a")));
    expect(opened).toEqual([1]);
    await pool.acquire(holder("a"));
    await pool.acquire(holder("b"));
    expect(opened).toEqual([1, 2]);
  });

  it("serves those that wait in the order in which they came", async () => {
    const { pool } = poolOf({ size: 1 });
    const first = await pool.acquire(holder("first"));
    const served: string[] = [];
    const users = ["a", "b", "c"].map(async (name) => {
      const connection = await pool.acquire(holder(name));
      served.push(name);
      await new Promise((resolve) => setTimeout(resolve, 1));
      pool.release(connection);
    });
    pool.release(first);
    // Nobody overtakes, not even at the moment when the connection is handed on.
    const late = Promise.resolve(pool.acquire(holder("late"))).then(() => served.push("late"));
    await Promise.all([...users, late]);
    expect(served).toEqual(["a", "b", "c", "late"]);
  });

  it("names the holders to those that waited in vain, and forgets these", async () => {
    const { pool } = poolOf({ size: 2, timeout: 20 });
    const kept = await pool.acquire(holder("the report"));
    await pool.acquire(holder("the import"));
    const error = await Promise.resolve(pool.acquire(holder("me"))).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(String(error)).toContain("the report");
    expect(String(error)).toContain("the import");
    expect(String(error)).toContain("20 ms");
    pool.release(kept);
    const next = await pool.acquire(holder("next"));
    expect(next).toBe(kept);
  });

  it("closes what goes beyond its size when nobody needs it", async () => {
    const { pool, closed } = poolOf({ size: 1, max: 2 });
    const connections = [await pool.acquire(holder("a")), await pool.acquire(holder("b"))];
    for (const connection of connections) pool.release(connection);
    expect(closed).toEqual([1]);
  });

  it("replaces a connection that was lost, for those that wait", async () => {
    const { pool, opened, closed } = poolOf({ size: 1 });
    const lost = await pool.acquire(holder("a"));
    const waiting = pool.acquire(holder("b"));
    await pool.discard(lost);
    expect((await waiting).id).toBe(2);
    expect([opened, closed]).toEqual([[1, 2], [1]]);
  });

  it("gives the place of a connection that did not open to the next", async () => {
    let isDown = true;
    const { pool } = poolOf({ size: 1 }, async (id) => {
      if (isDown) throw new Error(`no ${id}`);
      return fakeConnection(() => {});
    });
    const first = Promise.resolve(pool.acquire(holder("a"))).catch((error: Error) => error.message);
    const second = pool.acquire(holder("b"));
    isDown = false;
    expect(await first).toBe("no 1");
    expect((await second).id).toBe(2);
  });

  it("takes a connection back only once", async () => {
    const { pool } = poolOf({ size: 1 });
    const connection = await pool.acquire(holder("a"));
    pool.release(connection);
    pool.release(connection);
    await pool.acquire(holder("b"));
    const waiting = Promise.resolve(pool.acquire(holder("c"))).then(() => "served");
    expect(await Promise.race([waiting, "waiting"])).toBe("waiting");
    await pool.dispose(0);
    await expect(waiting).rejects.toThrow(InvalidStateError);
  });
});

describe("a connection of the pool that is lost", () => {
  const loss = new ConnectionLostError("gone");

  it("takes those with it that were opened before: idle ones at once, others when they come back", async () => {
    const { pool, opened, closed, invalidated } = poolOf({ size: 3 });
    const [lost, used, idle] = [1, 2, 3].map(() => pool.acquire(holder("a"))) as [
      PooledConnection,
      PooledConnection,
      PooledConnection,
    ]; // opened at once
    pool.release(idle);
    pool.invalidate(lost, loss);
    expect(closed).toEqual([1, 3]);
    const fresh = await pool.acquire(holder("b"));
    expect(fresh.id).toBe(4);
    pool.release(used);
    expect(closed).toEqual([1, 3, 2]);
    expect(invalidated).toEqual([1, 3, 2]);
    pool.release(fresh);
    expect(await pool.acquire(holder("c"))).toBe(fresh);
    expect(opened).toEqual([1, 2, 3, 4]);
  });

  it("says nothing about those that were opened since the loss of another one", async () => {
    const { pool, closed } = poolOf({ size: 3 });
    const [first, second] = [await pool.acquire(holder("a")), await pool.acquire(holder("a"))];
    pool.invalidate(first, loss);
    const fresh = await pool.acquire(holder("b"));
    pool.invalidate(second, loss);
    pool.release(fresh);
    expect(closed).toEqual([1, 2]);
    expect(pool.status()).toMatchObject({ idle: 1, inUse: 0 });
  });

  it("makes room for those that wait, also when it comes back only later", async () => {
    const { pool } = poolOf({ size: 2 });
    const [first, second] = [await pool.acquire(holder("a")), await pool.acquire(holder("a"))];
    const waiting = [pool.acquire(holder("b")), pool.acquire(holder("c"))];
    pool.invalidate(first, loss);
    pool.release(second);
    expect((await Promise.all(waiting)).map(({ id }) => id)).toEqual([3, 4]);
  });
});

describe("the age of connections", () => {
  it("can have a limit, at which they are replaced when nobody uses them", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    onTestFinished(() => void vi.useRealTimers());
    const { pool, closed } = poolOf({ size: 2, recycle: 1000 });
    const [idle, used] = [await pool.acquire(holder("a")), await pool.acquire(holder("b"))];
    pool.release(idle);
    vi.advanceTimersByTime(999);
    expect(await pool.acquire(holder("c"))).toBe(idle);
    pool.release(idle);
    vi.advanceTimersByTime(1);
    expect((await pool.acquire(holder("d"))).id).toBe(3);
    expect(closed).toEqual([1]);
    pool.release(used);
    expect(closed).toEqual([1, 2]);
  });
});

describe("a sign of life before use", () => {
  it("has a dead connection replaced, and nobody overtakes", async () => {
    const { pool, opened, closed, dead, invalidated } = poolOf({ size: 1, prePing: true });
    const first = await pool.acquire(holder("a"));
    pool.release(first);
    expect(await pool.acquire(holder("b"))).toBe(first);
    pool.release(first);
    dead.add(first.driver);
    const served: string[] = [];
    const users = ["c", "d"].map(async (name) => {
      const connection = await pool.acquire(holder(name));
      served.push(`${name} ${connection.id}`);
      pool.release(connection);
    });
    await Promise.all(users);
    expect(served).toEqual(["c 2", "d 2"]);
    expect([opened, closed, invalidated]).toEqual([[1, 2], [1], [1]]);
  });

  it("has no time without end", async () => {
    const host = {
      url: "test://db",
      open: () => fakeConnection(() => {}),
      ping: () => new Promise(() => {}),
      invalidated: () => {},
    };
    const pool = new ConnectionPool(host, poolSettings({ size: 1, timeout: 10, prePing: true }));
    pool.release(await pool.acquire(holder("a")));
    expect((await pool.acquire(holder("b"))).id).toBe(2);
  });
});

describe("the status of a pool", () => {
  it("counts connections and who waits for one", async () => {
    const { pool } = poolOf({ size: 1, max: 2 });
    expect(pool.status()).toEqual({ size: 1, max: 2, idle: 0, inUse: 0, opening: 0, waiting: 0 });
    const first = await pool.acquire(holder("a"));
    await pool.acquire(holder("b"));
    const waiting = pool.acquire(holder("c"));
    expect(pool.status()).toEqual({ size: 1, max: 2, idle: 0, inUse: 2, opening: 0, waiting: 1 });
    pool.release(first);
    await waiting;
    pool.release(first);
    expect(pool.status()).toEqual({ size: 1, max: 2, idle: 0, inUse: 1, opening: 0, waiting: 0 });
  });
});

describe("options of a pool", () => {
  it.each([{ size: -1 }, { size: 5, max: 4 }, { size: 0, max: 0 }, { timeout: -1 }, { recycle: Number.NaN }])(
    "that make no sense are refused: %j",
    (options) => {
      expect(() => poolSettings(options)).toThrow(ArgumentError);
    },
  );
});

describe("disposing of a pool", () => {
  it("closes idle connections, takes those in use away, and turns away who waits", async () => {
    const { pool, closed } = poolOf({ size: 2 });
    pool.release(await pool.acquire(holder("idle")));
    const user = holder("user");
    await pool.acquire(user);
    await pool.acquire(holder("other"));
    const waiting = pool.acquire(holder("waiting"));
    const disposed = pool.dispose(0);
    await expect(waiting).rejects.toThrow("was disposed");
    await disposed;
    expect(user.abandoned).toBe(true);
    expect(closed.sort()).toEqual([1, 2]);
    expect(() => pool.acquire(holder("late"))).toThrow(InvalidStateError);
  });

  it("waits for connections in use when asked to", async () => {
    const { pool, closed } = poolOf({ size: 1 });
    const user = holder("user");
    const connection = await pool.acquire(user);
    setTimeout(() => pool.release(connection), 10);
    await pool.dispose(5000);
    expect(user.abandoned).toBe(false);
    expect(closed).toEqual([1]);
  });

  it("does not wait longer than it was told", async () => {
    const { pool, closed } = poolOf({ size: 1 });
    const user = holder("user");
    await pool.acquire(user);
    await pool.dispose(10);
    expect(user.abandoned).toBe(true);
    expect(closed).toEqual([1]);
  });

  it("closes a connection that was just being opened", async () => {
    const closed: number[] = [];
    const { pool } = poolOf({ size: 1 }, async (id) => fakeConnection(() => closed.push(id)));
    const opening = Promise.resolve(pool.acquire(holder("a"))).catch((error: unknown) => error);
    await pool.dispose(0);
    expect(await opening).toBeInstanceOf(InvalidStateError);
    expect(closed).toEqual([1]);
  });
});
