import {
  declarativeBase,
  type Engine,
  integer,
  SerializationError,
  Session,
  StaleDataError,
  select,
  type TransactionOptions,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../../support/databases.ts";
import { describeOnMariadb, openMariadb } from "../../support/mariadb.ts";
import { describeOnPostgresqlServer, openPostgresql } from "../../support/postgresql.ts";

const Base = declarativeBase();

class Account extends Base("account", { id: integer().primaryKey(), balance: integer().notNull() }) {}

class Versioned extends Base("versioned", {
  id: integer().primaryKey(),
  balance: integer().notNull(),
  version: integer(),
  get mapperArgs() {
    return { versionId: Versioned.c.version };
  },
}) {}

async function fill(engine: Engine): Promise<Engine> {
  await Base.metadata.createAll(engine);
  await using session = new Session(engine);
  session.addAll([new Account({ id: 1, balance: 100 }), new Versioned({ id: 1, balance: 100 })]);
  await session.commit();
  return engine;
}

async function balanceOf(engine: Engine, entity: typeof Account | typeof Versioned): Promise<number> {
  await using session = new Session(engine);
  return session.one(select(entity.c.balance));
}

/** Two transactions take 10 each from the balance that both have read. */
async function takeTwice(
  engine: Engine,
  entity: typeof Account | typeof Versioned,
  options: TransactionOptions = {},
): Promise<void> {
  const take = async (session: Session, between: () => Promise<void>) => {
    const account = await session.one(select(entity));
    await between();
    account.balance -= 10;
  };
  await using one = new Session(engine);
  await using other = new Session(engine);
  await one.transaction(
    () => take(one, () => other.transaction(() => take(other, () => Promise.resolve()), options)),
    options,
  );
}

const repeatable = { isolation: "repeatable read" } as const;

onEveryDatabase("two transactions that change the value that both have read", (database) => {
  it.runIf(database.capabilities.concurrentWriters)("find out by a mapped version", async () => {
    const engine = await fill(database.open());
    for (const options of [{}, repeatable]) {
      const before = await balanceOf(engine, Versioned);
      const taken = takeTwice(engine, Versioned, options);
      await expect(taken).rejects.toSatisfy((e) => e instanceof StaleDataError || e instanceof SerializationError);
      expect(await balanceOf(engine, Versioned)).toBe(before - 10);
    }
  });

  it.runIf(database.capabilities.concurrentWriters)("come one after the other if they lock the row", async () => {
    const engine = await fill(database.open());
    await using one = new Session(engine);
    await using other = new Session(engine);
    const locked = select(Account).forUpdate();
    const account = await one.one(locked);
    const second = other.one(locked);
    account.balance -= 10;
    await one.commit();
    (await second).balance -= 10;
    await other.commit();
    expect(await balanceOf(engine, Account)).toBe(80);
  });
});

describeOnMariadb("repeatable read on MariaDB", () => {
  async function open(snapshotIsolation: "ON" | "OFF"): Promise<Engine> {
    const engine = openMariadb();
    engine.on("connect", async ({ connection }) => {
      await connection.execute(`SET innodb_snapshot_isolation = ${snapshotIsolation}`, []);
    });
    return fill(engine);
  }

  it("loses the first of two changes of one value", async () => {
    const engine = await open("OFF");
    await takeTwice(engine, Account, repeatable);
    expect(await balanceOf(engine, Account)).toBe(90);
  });

  it("refuses the second one if the server has snapshot isolation", async () => {
    const engine = await open("ON");
    await expect(takeTwice(engine, Account, repeatable)).rejects.toThrow(SerializationError);
    expect(await balanceOf(engine, Account)).toBe(90);
  });
});

describeOnPostgresqlServer("repeatable read on PostgreSQL", () => {
  it("refuses the second of two changes of one value, which read committed lets the first one lose", async () => {
    const engine = await fill(openPostgresql());
    await expect(takeTwice(engine, Account, repeatable)).rejects.toThrow(SerializationError);
    expect(await balanceOf(engine, Account)).toBe(90);
    await takeTwice(engine, Account);
    expect(await balanceOf(engine, Account)).toBe(80);
  });
});
