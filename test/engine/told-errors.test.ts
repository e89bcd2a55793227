import { inspect } from "node:util";
import { type Connection, DatabaseError, text } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";

onEveryDatabase("an engine", (database) => {
  it("tells of a stream that fails that it failed, and not that it was executed", async () => {
    await using engine = database.open();
    const told: string[] = [];
    engine.on("statement", ({ sql }) => void told.push(`executed ${sql}`));
    engine.on("error", ({ sql }) => void told.push(`failed ${sql}`));
    const read = async (connection: Connection, sql: string) => {
      for await (const _ of connection.stream(text(sql))) break;
    };
    const failing = engine.begin((connection) => read(connection, "select * from nope"));
    await expect(failing).rejects.toThrow(DatabaseError);
    await engine.begin((connection) => read(connection, "select 1 as a"));
    expect(told).toEqual(["failed select * from nope", "executed select 1 as a"]);
  });

  it.each([false, true])("prints errors with parameters, unless these are hidden: %s", async (hideParameters) => {
    await using engine = database.open({ engine: { hideParameters } });
    const errorOf = (statement: string, parameters: object) =>
      engine
        .begin((connection) => connection.execute(text(statement, { ...parameters })))
        .then(
          () => expect.fail("nothing was thrown"),
          (error: DatabaseError) => error,
        );
    const refused = await errorOf("select * from nope where a = :a", { a: "a secret" });
    const unbindable = await errorOf("select :a, :b", { a: "a secret", b: 2n ** 70n });
    for (const error of [refused, unbindable]) {
      expect(error).toBeInstanceOf(DatabaseError);
      expect(error.parameters).toContain("a secret");
      expect(inspect(error).includes("a secret")).toBe(!hideParameters);
    }
  });
});
