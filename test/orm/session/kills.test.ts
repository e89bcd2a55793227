import {
  CommitOutcomeUnknown,
  declarativeBase,
  type Engine,
  integer,
  OperationalError,
  select,
  sessionmaker,
  text,
  UniqueViolation,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryServer, onSharedDatabases } from "../../support/databases.ts";

/** `npm run test:faults` runs more. */
const TRANSACTIONS = Number(process.env.ALKAHEST_FAULT_TRANSACTIONS ?? (process.env.CI === "true" ? 1000 : 300));
const WORKERS = 8;
const KILL_EVERY = 15;

const Base = declarativeBase();
class Counter extends Base("counter", { id: integer().primaryKey(), total: integer().notNull() }) {}
/** What a transaction leaves besides its count; its number is known before, so that it is done once at most. */
class Receipt extends Base("receipt", { number: integer().primaryKey(), counterId: integer().notNull() }) {}

async function open(engine: Engine): Promise<Engine> {
  await Base.metadata.createAll(engine);
  await sessionmaker(engine).begin(async (session) => {
    for (let id = 0; id < WORKERS; id++) session.add(new Counter({ id, total: 0 }));
  });
  return engine;
}

onEveryServer("transactions whose connections are killed at random", (database, server) => {
  it(`are done once each, ${TRANSACTIONS} of them`, async () => {
    const engine = await open(database.open({ engine: { pool: { size: WORKERS } } }));
    const killer = await database.open().connect();
    const openSession = sessionmaker(engine);
    const alive = new Map<number, number>();
    engine.on("connect", async ({ connectionId, connection }) => {
      alive.set(connectionId, Number((await connection.execute(server.ownId, [])).rows[0]?.[0]));
    });
    engine.on("invalidate", ({ connectionId }) => alive.delete(connectionId));
    const seen = { kills: 0, unknown: 0, gaveUp: 0 };

    async function perform(number: number): Promise<void> {
      for (;;) {
        try {
          await openSession.begin(
            async (session) => {
              const counterId = number % WORKERS;
              session.add(new Receipt({ number, counterId }));
              await session.flush();
              const counter = await session.one(select(Counter).where(Counter.c.id.eq(counterId)).forUpdate());
              counter.total += 1;
            },
            { retries: 3 },
          );
          return;
        } catch (error) {
          // Its number is taken: an earlier attempt, whose end nobody saw, was committed.
          if (error instanceof UniqueViolation) return;
          if (error instanceof CommitOutcomeUnknown) seen.unknown++;
          else if (error instanceof OperationalError) seen.gaveUp++;
          else throw error;
        }
      }
    }

    let isOver = false;
    const kill = async (): Promise<void> => {
      while (!isOver) {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 2 * KILL_EVERY));
        const ids = [...alive.values()];
        const id = ids[Math.floor(Math.random() * ids.length)];
        if (id === undefined) continue;
        seen.kills++;
        await killer.execute(text(server.kill(id))).catch(() => {}); // it is gone already
        await killer.rollback();
      }
    };
    const killing = kill();
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < TRANSACTIONS) await perform(next++);
    };
    await Promise.all(Array.from({ length: WORKERS }, work));
    isOver = true;
    await killing;
    await killer.close();

    const after = openSession();
    const read = async () => {
      const numbers = await after.all(select(Receipt.c.number).orderBy(Receipt.c.number));
      const totals = await after.all(select(Counter.c.total));
      await after.commit();
      return { numbers, sum: totals.reduce((sum, total) => sum + total, 0) };
    };
    const result = await after.transaction(read, { retries: 5 }).catch(async () => after.transaction(read));
    expect(result.numbers).toEqual(Array.from({ length: TRANSACTIONS }, (_, number) => number));
    expect(result.sum).toBe(TRANSACTIONS);
    expect(seen.kills).toBeGreaterThan(0);
    await after.close();
    expect(engine.poolStatus()).toMatchObject({ inUse: 0, opening: 0, waiting: 0 });
    if (TRANSACTIONS > 1000) console.info(`${database.name}: ${JSON.stringify(seen)}`);
  }, 600_000);
});

onSharedDatabases("more users than connections", (database) => {
  it("are all served, in the order in which they asked", async () => {
    const [sessions, connections] = [200, 10];
    const engine = await open(database.openShared({ engine: { pool: { size: connections } } }));
    const served: number[] = [];
    await Promise.all(
      Array.from({ length: sessions }, async (_, number) => {
        await using connection = await engine.connect();
        served.push(number);
        await connection.execute(select(Counter.c.id));
      }),
    );
    expect(served).toHaveLength(sessions);
    // The first ones wait for connections to be opened, which happens in any order.
    const queued = served.filter((number) => number >= connections);
    expect(queued).toEqual([...queued].sort((a, b) => a - b));
    expect(engine.poolStatus()).toMatchObject({ inUse: 0, waiting: 0 });
    expect(engine.poolStatus().idle).toBeLessThanOrEqual(connections);
  });

  it("lose nothing while they write", async () => {
    const engine = await open(database.openShared({ engine: { pool: { size: 10 } } }));
    const openSession = sessionmaker(engine);
    await Promise.all(
      Array.from({ length: 200 }, (_, number) =>
        openSession.begin(
          async (session) => {
            session.add(new Receipt({ number, counterId: number % WORKERS }));
          },
          { retries: 20, isolation: "serializable" },
        ),
      ),
    );
    await using session = openSession();
    expect(await session.all(select(Receipt.c.number))).toHaveLength(200);
  });
});
