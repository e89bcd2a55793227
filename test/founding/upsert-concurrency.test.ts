import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEngine, type Engine, Session, select } from "alkahest";
import { describe, expect, it, onTestFinished } from "vitest";
import { databases, type TestDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";
import { addressModels, orderModels } from "./upsert-models.ts";

/** Two engines on one database file: the writers wait for each other. */
function openFile(): Engine {
  const folder = mkdtempSync(join(tmpdir(), "alkahest-"));
  const engine = createEngine(`sqlite:///${join(folder, "test.db")}`);
  onTestFinished(async () => {
    await engine.dispose();
    rmSync(folder, { recursive: true });
  });
  return engine;
}

/** Databases that have several connections. */
const shared: readonly Pick<TestDatabase, "name" | "open">[] = [
  { name: "SQLite, a file", open: openFile },
  ...databases.filter(({ capabilities }) => capabilities.concurrentWriters),
];

describe.each(shared)("when another transaction inserts the key first [$name]", (database) => {
  const readsInTransaction = database.name !== "SQLite, a file"; // there, a reader that goes on to write is too late

  it.each(["update", "nothing"] as const)("between our read and our write, its row is ours (%s)", async (action) => {
    const { Base, Address, Group, User } = addressModels(action);
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const [ours, theirs] = [new Session(engine), new Session(engine)];
    expect(await ours.all(select(Address).where(Address.c.email.eq("x@y")))).toEqual([]);
    if (!readsInTransaction) await ours.commit();
    theirs.add(new Address({ email: "x@y", city: "theirs", note: "theirs" }));
    await theirs.commit();
    const address = new Address({ email: "x@y", city: "ours" });
    const group = new Group({ users: [new User({ login: "a", address }), new User({ login: "b", address })] });
    ours.add(group);
    await ours.commit();
    const city = action === "update" ? "ours" : "theirs";
    expect([address.city, address.note]).toEqual([city, "theirs"]);
    expect(group.users.map(({ addressId }) => addressId)).toEqual([address.id, address.id]);
    expect(await rowsOf(engine, "select city, note from addresses")).toEqual([[city, "theirs"]]);
    expect(
      await rowsOf(engine, "select login, a.id from users join addresses a on a.id = address_id order by login"),
    ).toEqual([
      ["a", address.id],
      ["b", address.id],
    ]);
    await Promise.all([ours.close(), theirs.close()]);
    await engine.dispose();
  });

  it.each(["update", "nothing"] as const)("and is not committed yet, we wait for it (%s)", async (action) => {
    const { Base, Order, Line } = orderModels(action);
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const [ours, theirs] = [new Session(engine), new Session(engine)];
    const order = new Order({ code: "A", lines: [new Line({ number: 1, text: "ours" }), new Line({ number: 2 })] });
    ours.add(order);
    theirs.add(new Order({ code: "A", lines: [new Line({ number: 1, text: "theirs" })] }));
    if (readsInTransaction) {
      await theirs.flush();
      const done = ours.commit();
      await new Promise((resolve) => setTimeout(resolve, 100)); // it is under way, and waits
      await theirs.commit();
      await done;
    } else {
      await theirs.commit();
      await ours.commit();
    }
    const expected = [
      [1, action === "update" ? "ours" : "theirs"],
      [2, null],
    ];
    expect(order.lines.map(({ number, text }) => [number, text])).toEqual(expected);
    expect(order.lines.every(({ orderId }) => orderId === order.id)).toBe(true);
    expect(await rowsOf(engine, "select number, text from order_lines order by number")).toEqual(expected);
    expect(await rowsOf(engine, "select code from orders")).toEqual([["A"]]);
    await Promise.all([ours.close(), theirs.close()]);
    await engine.dispose();
  });
});
