import assert from "node:assert/strict";
import { DatabaseError, InvalidStateError } from "../errors/index.ts";
import { insert } from "../statement/insert.ts";
import { select } from "../statement/select.ts";
import { text } from "../statement/text.ts";
import type { DeclareTest } from "./runner.ts";
import { nodes } from "./tables.ts";

const ROWS = 1300;
const all = select(nodes.c.id).orderBy(nodes.c.id);
const rows = Array.from({ length: ROWS }, (_, index) => ({ id: index + 1, name: `n${index + 1}` }));

/** Streams, and connections that many use one after the other. */
export function connectionTests(test: DeclareTest): void {
  test("stream rows in their order, decoded", async (engine) => {
    await using connection = await engine.connect();
    await connection.execute(insert(nodes).values(rows));
    const seen: number[] = [];
    for await (const id of connection.stream(all)) seen.push(Number(id));
    assert.deepEqual(
      seen,
      rows.map(({ id }) => id),
    );
  });

  test("are free again when a stream is left early", async (engine) => {
    await using connection = await engine.connect();
    await connection.execute(insert(nodes).values(rows));
    let count = 0;
    for await (const _ of connection.stream(all)) {
      count++;
      if (count === 3) break;
    }
    assert.equal(count, 3);
    assert.equal((await connection.execute(all)).rowCount, ROWS);
    await connection.commit();
  });

  test("throw our errors from a stream, too", async (engine) => {
    await using connection = await engine.connect();
    const reading = async () => {
      for await (const _ of connection.stream(text("SELECT 1 FROM alkahest_missing"))) assert.fail("there are no rows");
    };
    await assert.rejects(reading, DatabaseError);
    await connection.rollback();
    assert.deepEqual((await connection.execute(all)).all(), []);
  });

  test("serve more users than there are connections", async (engine) => {
    const users = Array.from({ length: 20 }, (_, index) =>
      engine.begin((connection) => connection.execute(insert(nodes).values(rows[index]!))),
    );
    await Promise.all(users);
    assert.equal(await engine.begin(async (connection) => (await connection.execute(all)).rowCount), 20);
  });

  test("leave nothing open to their next user", async (engine) => {
    const first = await engine.connect();
    await first.execute(insert(nodes).values(rows[0]!));
    await first.close();
    await first.close();
    assert.deepEqual(await engine.begin(async (connection) => (await connection.execute(all)).all()), []);
  });

  test("cannot be used once they are closed", async (engine) => {
    const connection = await engine.connect();
    await connection.execute(all);
    await connection.close();
    await assert.rejects(connection.execute(all), InvalidStateError);
  });
}
