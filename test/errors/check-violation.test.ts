import { CheckViolation, check, insert, integer, MetaData, Table } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";

onEveryDatabase("a row that breaks a CHECK", (database) => {
  it("is told by the constraint and the table", async () => {
    const sizes = new Table("sizes", new MetaData(), { id: integer().primaryKey(), n: integer() }, (c) => [
      check("n_is_large", c.n.gt(5)),
    ]);
    const engine = database.open();
    await sizes.metadata.createAll(engine);
    await using connection = await engine.connect();
    const error = await connection.execute(insert(sizes).values({ id: 1, n: 1 })).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(CheckViolation);
    expect(error).toMatchObject({ constraint: "n_is_large", table: "sizes" });
  });
});
