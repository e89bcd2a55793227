import assert from "node:assert/strict";
import type { DriverStatement } from "../engine/index.ts";
import { DatabaseError, UniqueViolation } from "../errors/index.ts";
import { select } from "../statement/select.ts";
import { text } from "../statement/text.ts";
import type { DeclareTest } from "./runner.ts";
import { nodes } from "./tables.ts";

const statement = (sql: string): DriverStatement => ({ sql, parameters: [] });
const add = (id: number) => statement(`INSERT INTO alkahest_node (id, name) VALUES (${id}, 'n${id}')`);
const count = statement("SELECT count(*) FROM alkahest_node");
const ids = select(nodes.c.id).orderBy(nodes.c.id);

/** Statements that are sent together; a driver that does not do that has nothing to pass. */
export function pipelineTests(test: DeclareTest): void {
  test("answer in order, whether or not they begin the transaction", async (engine) => {
    await using connection = await engine.connect();
    if (!connection.canPipeline) return;
    for (const known of [0, 2]) {
      const sent = await connection.runTogether([add(known + 1), count, add(known + 2), count]);
      assert.equal(sent.error, undefined);
      assert.deepEqual(
        sent.results.map(({ rows }) => rows.map((row) => row.map(Number))),
        [[], [[known + 1]], [], [[known + 2]]],
      );
      assert.deepEqual(
        sent.results.map(({ rowCount }) => rowCount),
        [1, 1, 1, 1],
      );
    }
    await connection.rollback();
    assert.deepEqual((await connection.execute(ids)).scalars(), []);
  });

  test("end with the first that fails, in a transaction that can be rolled back", async (engine) => {
    await using connection = await engine.connect();
    if (!connection.canPipeline) return;
    const sent = await connection.runTogether([add(1), add(1), add(2)]);
    assert.equal(sent.results.length, 1);
    assert.ok(sent.error instanceof UniqueViolation);
    assert.equal(sent.error.sql, add(1).sql);
    await connection.rollback();
    await connection.execute(text(add(3).sql));
    await connection.commit();
    assert.deepEqual((await connection.execute(ids)).scalars(), [3]);
  });

  test("are skipped after one that fails where no transaction is open, too", async (engine) => {
    await using connection = await engine.connect();
    if (!connection.canPipeline) return;
    await connection.execute(text("COMMIT WORK")); // which the engine does not see
    const sent = await connection.runTogether([statement("SELECT missing FROM alkahest_node"), add(1)]);
    assert.equal(sent.results.length, 0);
    assert.ok(sent.error instanceof DatabaseError);
    await connection.rollback();
    assert.deepEqual((await connection.execute(ids)).scalars(), []);
  });
}
