import assert from "node:assert/strict";
import {
  DatabaseError,
  ForeignKeyViolation,
  NoSuchTableError,
  NotNullViolation,
  ProgrammingError,
  UniqueViolation,
} from "../errors/index.ts";
import { deleteFrom } from "../statement/delete.ts";
import { insert } from "../statement/insert.ts";
import { select } from "../statement/select.ts";
import { text } from "../statement/text.ts";
import { update } from "../statement/update.ts";
import type { DeclareTest } from "./runner.ts";
import { nodes } from "./tables.ts";

/** What statements answer, and how they fail. */
export function statementTests(test: DeclareTest): void {
  test("count the rows that they change or return", async (engine) => {
    await using connection = await engine.connect();
    const inserted = await connection.execute(insert(nodes).values([{ name: "a" }, { name: "b" }, { name: "c" }]));
    assert.equal(inserted.rowCount, 3);
    const changed = await connection.execute(update(nodes).set({ name: "z" }).where(nodes.c.name.eq("a")));
    assert.equal(changed.rowCount, 1);
    const unchanged = await connection.execute(update(nodes).set({ name: "z" }).where(nodes.c.name.eq("z")));
    assert.equal(unchanged.rowCount, 1, "a row that is found counts, also when it had these values");
    assert.equal((await connection.execute(select(nodes.c.name))).rowCount, 3);
    assert.equal((await connection.execute(deleteFrom(nodes))).rowCount, 3);
    assert.equal((await connection.execute(deleteFrom(nodes))).rowCount, 0);
  });

  test("report the keys that the database made", async (engine) => {
    await using connection = await engine.connect();
    const statement = insert(nodes).values({ name: "a" });
    const { returning } = engine.dialect.capabilities;
    const key = returning
      ? (await connection.execute(statement.returning(nodes.c.id))).scalar()
      : Number((await connection.execute(statement)).lastInsertId);
    assert.equal(typeof key, "number");
    assert.equal((await connection.execute(select(nodes.c.id))).scalar(), key);
  });

  test("name their columns, also where two have one name", async (engine) => {
    await using connection = await engine.connect();
    const result = await connection.execute(text("SELECT 1 AS one, 2 AS two, 3 AS one"));
    assert.deepEqual(result.columns, ["one", "two", "one"]);
    assert.deepEqual([...(result.one() as unknown[])], [1, 2, 3]); // a text has no types of its own
  });

  test("without rows still name their columns", async (engine) => {
    await using connection = await engine.connect();
    const result = await connection.execute(text("SELECT id, name FROM alkahest_node"));
    assert.deepEqual([result.columns, result.all()], [["id", "name"], []]);
  });

  test("are as many as one likes", async (engine) => {
    await using connection = await engine.connect();
    for (let number = 0; number < 300; number++) {
      for (let time = 0; time < 3; time++) {
        const result = await connection.execute(
          text(`SELECT id + ${number} FROM alkahest_node WHERE id = :id`, { id: time }),
        );
        assert.deepEqual(result.all(), []);
      }
    }
  });

  test("see tables as they are after these have changed", async (engine) => {
    await using connection = await engine.connect();
    const read = () => connection.execute(text("SELECT * FROM alkahest_node WHERE id > :id", { id: 0 }));
    for (let time = 0; time < 3; time++) assert.deepEqual((await read()).columns, ["id", "name", "parent_id"]);
    await connection.execute(text("ALTER TABLE alkahest_node ADD COLUMN extra INTEGER"));
    for (let time = 0; time < 3; time++) {
      assert.deepEqual((await read()).columns, ["id", "name", "parent_id", "extra"]);
    }
  });

  test("sent at once on one connection run one after the other", async (engine) => {
    await using connection = await engine.connect();
    const names = ["a", "b", "c", "d"];
    await Promise.all(names.map((name, index) => connection.execute(insert(nodes).values({ id: index + 1, name }))));
    const result = await connection.execute(select(nodes.c.name).orderBy(nodes.c.id));
    assert.deepEqual(result.scalars(), names);
  });

  test("that fail throw our errors, with statement, parameters and cause", async (engine) => {
    await using connection = await engine.connect();
    await connection.execute(insert(nodes).values({ id: 1, name: "a" }));
    await connection.commit();
    const fails = async (
      statement: Parameters<typeof connection.execute>[0],
      expected: new (...args: never[]) => Error,
    ) => {
      const error = await connection.execute(statement).then(
        () => assert.fail(`${expected.name} was expected`),
        (cause: unknown) => cause,
      );
      await connection.rollback();
      assert.ok(error instanceof expected, `${expected.name} was expected, not ${String(error)}`);
      return error;
    };
    const taken = await fails(insert(nodes).values({ id: 2, name: "a" }), UniqueViolation);
    assert.ok(taken instanceof DatabaseError);
    assert.match(taken.sql ?? "", /INSERT INTO/);
    assert.ok(taken.parameters?.includes("a"));
    assert.ok(taken.cause instanceof Error);
    await fails(text("INSERT INTO alkahest_node (id, name) VALUES (3, NULL)"), NotNullViolation);
    if (engine.foreignKeysEnforced) {
      await fails(insert(nodes).values({ id: 4, name: "d", parentId: 99 }), ForeignKeyViolation);
    }
    await fails(text("SELECT 1 FROM alkahest_missing"), NoSuchTableError);
    await fails(text("SELEC 1"), ProgrammingError);
    assert.deepEqual((await connection.execute(select(nodes.c.id))).scalars(), [1]);
  });
}
