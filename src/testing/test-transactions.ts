import assert from "node:assert/strict";
import { UniqueViolation } from "../errors/index.ts";
import { insert } from "../statement/insert.ts";
import { select } from "../statement/select.ts";
import type { DeclareTest } from "./runner.ts";
import { nodes } from "./tables.ts";

/** Transactions and savepoints, which to a driver are statements like others. */
export function transactionTests(test: DeclareTest): void {
  const add = (id: number) => insert(nodes).values({ id, name: `n${id}` });
  const ids = select(nodes.c.id).orderBy(nodes.c.id);

  test("keep what was committed and undo what was rolled back", async (engine) => {
    const connection = await engine.connect();
    await connection.execute(add(1));
    await connection.commit();
    await connection.execute(add(2));
    await connection.rollback();
    await connection.execute(add(3));
    await connection.close();
    const left = await engine.begin(async (other) => (await other.execute(ids)).scalars());
    assert.deepEqual(left, [1]);
  });

  test("that fail are undone as a whole", async (engine) => {
    const failing = engine.begin(async (connection) => {
      await connection.execute(add(1));
      await connection.execute(add(1));
    });
    await assert.rejects(failing, UniqueViolation);
    assert.deepEqual(await engine.begin(async (other) => (await other.execute(ids)).scalars()), []);
  });

  test("go back to a savepoint, also after an error", async (engine) => {
    await using connection = await engine.connect();
    await connection.execute(add(1));
    const savepoint = await connection.savepoint();
    await connection.execute(add(2));
    await assert.rejects(connection.execute(add(1)), UniqueViolation);
    await savepoint.rollback();
    await connection.execute(add(3));
    await connection.commit();
    assert.deepEqual((await connection.execute(ids)).scalars(), [1, 3]);
  });

  test("keep what was done in a savepoint that is released", async (engine) => {
    await using connection = await engine.connect();
    const savepoint = await connection.savepoint();
    await connection.execute(add(1));
    await savepoint.release();
    await connection.commit();
    assert.deepEqual((await connection.execute(ids)).scalars(), [1]);
  });
}
