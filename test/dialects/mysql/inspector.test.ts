import { MysqlDialect } from "alkahest/mysql";
import { describe, expect, it } from "vitest";

/** What MySQL 8 has in `information_schema.statistics`: index, not unique, column, expression. */
const STATISTICS = [
  ["PRIMARY", 0, "id", null],
  ["by_lower", 1, null, "lower(`name`)"],
  ["by_prefix", 1, "id", null],
  ["by_prefix", 1, null, "concat(_utf8mb4\\'it\\',`name`)"],
  ["by_prefix", 1, null, "(`n` + 1)"],
  ["one_lower", 0, null, "lower(`name`)"],
  ["one_name", 0, "name", null],
] as const;

describe("the inspector of MySQL", () => {
  it("has the expressions of indexes in their order", async () => {
    const inspector = new MysqlDialect("mysql").inspector({
      rows: (sql) => {
        if (!/statistics/.test(sql)) return /^SELECT 1/.test(sql) ? [[1]] : [];
        if (!/expression/.test(sql)) return STATISTICS.map(([name, nonUnique, column]) => [name, nonUnique, column]);
        return STATISTICS.flatMap(([name, , , expression]) => (expression === null ? [] : [[name, expression]]));
      },
    });
    expect(await inspector.indexes("person")).toEqual([
      { name: "by_lower", unique: false, columns: [null], expressions: ["lower(`name`)"], where: null },
      {
        name: "by_prefix",
        unique: false,
        columns: ["id", null, null],
        expressions: ["concat(_utf8mb4'it',`name`)", "(`n` + 1)"],
        where: null,
      },
      { name: "one_lower", unique: true, columns: [null], expressions: ["lower(`name`)"], where: null },
    ]);
    expect(await inspector.uniqueConstraints("person")).toMatchObject([{ name: "one_name", columns: ["name"] }]);
  });
});
