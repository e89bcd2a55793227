import {
  AbortError,
  CommitOutcomeUnknown,
  ConnectionLostError,
  declarativeBase,
  type Engine,
  InvalidStateError,
  inspect,
  integer,
  manyToOne,
  NotLoadedError,
  oneToMany,
  Session,
  select,
  sessionmaker,
  TimeoutError,
  text,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { CuttingProxy } from "../../support/cutting-proxy.ts";
import { onEveryServer, type TestServer } from "../../support/databases.ts";

const Base = declarativeBase();
class Order extends Base("orders", {
  id: integer().primaryKey(),
  note: varchar(50),
  get lines() {
    return oneToMany(Line, { backPopulates: "order", cascade: "all, delete-orphan" });
  },
}) {}
class Line extends Base("line", {
  id: integer().primaryKey(),
  amount: integer().notNull(),
  get orderId() {
    return integer().notNull().references(Order.c.id);
  },
  get order() {
    return manyToOne(Order, { backPopulates: "lines" });
  },
}) {}

async function fill(engine: Engine): Promise<Engine> {
  await Base.metadata.createAll(engine);
  await sessionmaker(engine).begin(async (session) => {
    session.add(new Order({ id: 1, note: "old", lines: [new Line({ amount: 1 }), new Line({ amount: 2 })] }));
  });
  return engine;
}

async function rows(engine: Engine): Promise<unknown[]> {
  await using session = new Session(engine);
  const orders = await session.all(select(Order.c.id, Order.c.note).orderBy(Order.c.id));
  return [...orders, await session.all(select(Line.c.amount).orderBy(Line.c.amount))];
}

const BEFORE = [
  [1, "old"],
  [1, 2],
];

async function idOf(session: Session, server: TestServer): Promise<number> {
  return Number([...(await session.execute(text(server.ownId)))].flat()[0]);
}

/** Ends a connection, and waits until the server has it no more. */
async function kill(engine: Engine, server: TestServer, id: number): Promise<void> {
  await engine.begin((connection) => connection.execute(text(server.kill(id))));
  const count = () =>
    engine.begin(async (connection) => [...(await connection.execute(text(server.connected(id))))].flat()[0]);
  while (Number(await count()) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Changes an object, adds one, deletes one. */
async function change(
  session: Session,
): Promise<{ order: InstanceType<typeof Order>; added: InstanceType<typeof Line> }> {
  const order = await session.one(select(Order));
  const added = new Line({ amount: 3 });
  const lines = await session.all(select(Line).orderBy(Line.c.amount));
  order.note = "new";
  session.delete(lines[0]!);
  added.order = order;
  return { order, added };
}

onEveryServer("a connection that the server ends", (database, server) => {
  it("between two statements takes the transaction along, and nothing else", async () => {
    const engine = await fill(database.open());
    const other = database.open();
    await using session = new Session(engine);
    const { order, added } = await change(session);
    await session.flush();
    await kill(other, server, await idOf(session, server));
    const error = await session.all(select(Order)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConnectionLostError);
    expect(error).toMatchObject({ retryable: true });
    await expect(session.commit()).rejects.toThrow(InvalidStateError);
    await session.rollback();
    expect([order.note, inspect(added).state]).toEqual(["old", "transient"]);
    expect(await rows(engine)).toEqual(BEFORE);
    await change(session);
    await session.commit();
    expect(await rows(engine)).toEqual([
      [1, "new"],
      [2, 3],
    ]);
    expect(engine.poolStatus()).toMatchObject({ inUse: 0, waiting: 0 });
  });

  it("is noticed before it is handed out again", async () => {
    const engine = await fill(database.open({ engine: { pool: { size: 1 } } }));
    const other = database.open();
    await using session = new Session(engine);
    const id = await idOf(session, server);
    await session.commit();
    const invalidated: number[] = [];
    engine.on("invalidate", ({ connectionId }) => invalidated.push(connectionId));
    await kill(other, server, id);
    // Until the end of the connection has arrived here.
    while (invalidated.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      await session.transaction((s) => s.execute(text("SELECT 1")), { retries: 5 });
    }
    expect(await idOf(session, server)).not.toBe(id);
  });

  it.each([0, 1, 2, 3])("before statement %i of a flush leaves rows and objects as they were", async (position) => {
    const other = database.open();
    let countdown = Number.POSITIVE_INFINITY;
    let id = 0;
    const engine = await fill(
      database.open({
        around: async (sql, execute) => {
          if (/^(insert|update|delete|with|select)/i.test(sql) && countdown-- === 0) await kill(other, server, id);
          return execute();
        },
      }),
    );
    await using session = new Session(engine);
    const { order, added } = await change(session);
    id = await idOf(session, server);
    countdown = position;
    const error = await session.commit().catch((reason: unknown) => reason);
    if (countdown >= 0) return; // there are fewer statements
    expect(error).toBeInstanceOf(ConnectionLostError);
    await session.rollback();
    expect([order.note, inspect(order).state, inspect(added).state]).toEqual(["old", "persistent", "transient"]);
    expect(await rows(engine)).toEqual(BEFORE);
    await session.close();
    expect(engine.poolStatus()).toMatchObject({ inUse: 0, waiting: 0 });
  });
});

onEveryServer("an idle connection that the server has ended", (database, server) => {
  it("is never handed out with prePing", async () => {
    const engine = await fill(database.open({ engine: { pool: { size: 3, prePing: true } } }));
    const other = database.open();
    for (let round = 0; round < 5; round++) {
      await using session = new Session(engine);
      const id = await idOf(session, server);
      await session.commit();
      // The pool learns of it only by asking: the end may not have arrived here yet.
      await other.begin((connection) => connection.execute(text(server.kill(id))));
      expect(await session.all(select(Order.c.note))).toEqual(["old"]);
    }
  });
});

onEveryServer("a flush that waits for a lock", (database, server) => {
  it.each(["signal", "statementTimeout"] as const)(
    "and is given up (%s) leaves rows and objects as they were",
    async (how) => {
      const engine = await fill(database.open());
      await using holder = await engine.connect();
      await holder.execute(text("UPDATE orders SET note = 'held' WHERE id = 1"));
      await using session = new Session(engine);
      const { order, added } = await change(session);
      const options = how === "signal" ? { signal: AbortSignal.timeout(100) } : { statementTimeout: 100 };
      const flush = session.all(select(Order), options).catch((reason: unknown) => reason);
      const error = await flush;
      expect(error).toBeInstanceOf(how === "signal" ? AbortError : TimeoutError);
      const refused = await session.flush().catch((reason: unknown) => reason);
      expect(refused).toBeInstanceOf(InvalidStateError);
      expect(refused).toHaveProperty("cause", error);
      await session.rollback();
      await holder.rollback();
      expect([order.note, inspect(order).state, inspect(added).state]).toEqual(["old", "persistent", "transient"]);
      expect(await rows(engine)).toEqual(BEFORE);
      await change(session);
      await session.commit();
      expect(
        Number(
          await session
            .connection()
            .then(async (c) => [...(await c.execute(text(server.running("orders SET"))))].flat()[0]),
        ),
      ).toBe(0);
    },
  );
});

onEveryServer("a stream of objects", (database, server) => {
  it("ends with the connection, and the session goes on after rollback()", async () => {
    const engine = await fill(database.open());
    await sessionmaker(engine).begin(async (session) => {
      session.addAll(Array.from({ length: 2000 }, (_, i) => new Order({ id: i + 10, note: "many" })));
    });
    await using session = new Session(engine);
    const id = await idOf(session, server);
    const read = async () => {
      for await (const order of session.stream(select(Order).orderBy(Order.c.id))) {
        if (order.id === 1) await kill(database.open(), server, id);
        await session.get(Order, order.id);
      }
      await session.all(select(Order.c.id).limit(1));
    };
    await expect(read()).rejects.toThrow(ConnectionLostError);
    await session.rollback();
    expect(await session.all(select(Order.c.id).limit(1))).toEqual([1]);
    expect(engine.poolStatus().inUse).toBe(1);
  });
});

onEveryServer("a connection that is cut at COMMIT", (_, server) => {
  it.each([
    ["before it arrives", BEFORE],
    [
      "before the answer arrives",
      [
        [1, "new"],
        [2, 3],
      ],
    ],
  ] as const)("%s leaves the outcome unknown, and objects to be read again", async (point, expected) => {
    const proxy = await CuttingProxy.before(server.port);
    const engine = await fill(server.openAt(proxy.port));
    await using session = new Session(engine);
    const { order, added } = await change(session);
    await session.flush();
    proxy.cutAt("COMMIT", point);
    const error = await session.commit().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CommitOutcomeUnknown);
    expect(error).toMatchObject({ code: "ALK_COMMIT_OUTCOME_UNKNOWN", sql: "COMMIT", retryable: false });
    expect(proxy.cuts).toBe(1);
    await expect(session.all(select(Order))).rejects.toThrow("nobody knows whether it happened");
    await session.rollback();
    expect(() => order.note).toThrow(NotLoadedError);
    expect(inspect(added).state).toBe("transient");
    expect(await rows(engine)).toEqual(expected);
    await session.refresh(order);
    expect(order.note).toBe(expected[0]![1]);
    order.note = "and on";
    await session.commit();
    expect(engine.poolStatus()).toMatchObject({ inUse: 0, waiting: 0 });
  });

  it("is not run again, unless that was asked for", async () => {
    const proxy = await CuttingProxy.before(server.port);
    const engine = await fill(server.openAt(proxy.port));
    const rename = (note: string) => async (session: Session) => {
      (await session.one(select(Order))).note = note;
    };
    proxy.cutAt("COMMIT", "before the answer arrives");
    await expect(sessionmaker(engine).begin(rename("a"), { retries: 3 })).rejects.toThrow(CommitOutcomeUnknown);
    proxy.cutAt("COMMIT", "before it arrives");
    await sessionmaker(engine).begin(rename("b"), { retries: 3, retryUnknownOutcome: true });
    expect(proxy.cuts).toBe(2);
    expect((await rows(engine))[0]).toEqual([1, "b"]);
  });

  it("in the middle of a flush is an error that is retried", async () => {
    const proxy = await CuttingProxy.before(server.port);
    const engine = await fill(server.openAt(proxy.port));
    for (const point of ["before it arrives", "before the answer arrives"] as const) {
      proxy.cutAt("UPDATE", point);
      const { cuts } = proxy;
      await sessionmaker(engine).begin(
        async (session) => {
          (await session.one(select(Order))).note = point.slice(0, 10);
        },
        { retries: 1 },
      );
      expect(proxy.cuts).toBe(cuts + 1);
      expect((await rows(engine))[0]).toEqual([1, point.slice(0, 10)]);
    }
  });
});
