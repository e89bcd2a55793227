import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createEngine, declarativeBase, integer, Session, select, sessionmaker, text } from "alkahest";
import { expect, it, onTestFinished } from "vitest";
import { onEveryServer } from "../../support/databases.ts";

/** PostgreSQL looks for deadlocks after a second. */
const TRANSACTIONS = 5;
const CHILD = fileURLToPath(new URL("../../support/deadlock-child.ts", import.meta.url));

onEveryServer("two processes that lock the same rows in opposite orders", (_, server) => {
  it("both finish, by running again what a deadlock has undone", async () => {
    const table = `alkahest_deadlock_${process.pid}`;
    const Base = declarativeBase();
    class Account extends Base(table, { id: integer().primaryKey(), balance: integer().notNull() }) {}
    const engine = createEngine(server.url);
    onTestFinished(async () => {
      await engine.begin((connection) => connection.execute(text(`DROP TABLE IF EXISTS ${table}`)));
      await engine.dispose();
    });
    await Base.metadata.createAll(engine);
    await sessionmaker(engine).begin(async (session) => {
      session.addAll([new Account({ id: 1, balance: 1000 }), new Account({ id: 2, balance: 1000 })]);
    });

    const run = (first: number, second: number) =>
      promisify(execFile)(process.execPath, [
        "--import",
        "tsx",
        CHILD,
        ...[server.url, table, first, second, TRANSACTIONS].map(String),
      ]);
    // Both start when both are there: they wait for their first lock.
    const holder = await engine.connect();
    await holder.execute(select(Account.c.id).forUpdate());
    const children = [run(1, 2), run(2, 1)];
    await using watcher = await engine.connect();
    const waiting = async () => [...(await watcher.execute(text(server.running(table))))].flat()[0];
    while (Number(await waiting()) < 2) {
      await watcher.rollback();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await holder.close();
    const outputs = await Promise.all(children);
    const runs = outputs.reduce((sum, { stdout }) => sum + Number(stdout), 0);

    await using session = new Session(engine);
    expect(await session.all(select(Account.c.balance))).toEqual([1000, 1000]);
    expect(runs).toBeGreaterThan(2 * TRANSACTIONS);
  });
});
