import { describe, expect, it } from "vitest";
import { ForeignKeyViolation } from "../../src/errors/index.ts";
import { func } from "../../src/expression/func.ts";
import { foreignKey, index, integer, MetaData, Table, unique, varchar } from "../../src/schema/index.ts";
import { loggedEngine, memoryEngine } from "./support.ts";

/** Widgets and entries refer to each other, with rows that do. */
function circularTables(metadata: MetaData, onDelete?: "restrict"): void {
  new Table("entry", metadata, {
    entry_id: integer().primaryKey(),
    widget_id: integer()
      .notNull()
      .references("widget.widget_id", { ...(onDelete && { onDelete }) }),
  });
  new Table("widget", metadata, {
    widget_id: integer().primaryKey(),
    favorite_entry_id: integer().references("entry.entry_id", { name: "fk_favorite_entry" }),
  });
}

describe("createAll", () => {
  it("creates tables after those that they refer to", async () => {
    const { engine, lines } = loggedEngine();
    const metadata = new MetaData();
    new Table("child", metadata, { id: integer().primaryKey(), parent_id: integer().references("parent.id") });
    new Table("parent", metadata, { id: integer().primaryKey() });
    await metadata.createAll(engine);
    const created = lines.flatMap((line) => /^CREATE TABLE (\w+)/.exec(line)?.[1] ?? []);
    expect(created).toEqual(["parent", "child"]);
    expect(lines[0]).toBe("BEGIN (implicit)");
    expect(lines.at(-1)).toBe("COMMIT");
    expect(await engine.inspect().tableNames()).toEqual(["child", "parent"]);
  });

  it("creates tables that refer to each other, with all foreign keys", async () => {
    const engine = memoryEngine();
    const metadata = new MetaData();
    circularTables(metadata);
    await metadata.createAll(engine);
    const inspector = engine.inspect();
    expect(await inspector.foreignKeys("widget")).toMatchObject([
      { name: "fk_favorite_entry", referredTable: "entry" },
    ]);
    expect(await inspector.foreignKeys("entry")).toMatchObject([{ referredTable: "widget" }]);
  });

  it("creates constraints and indexes", async () => {
    const engine = memoryEngine();
    const metadata = new MetaData();
    new Table("entry", metadata, { id: integer().primaryKey(), widget_id: integer() }, (c) => [
      unique("entry_uk", c.id, c.widget_id),
    ]);
    new Table(
      "widget",
      metadata,
      { id: integer().primaryKey(), entry_id: integer(), name: varchar(50).notNull() },
      (c) => [
        foreignKey([c.id, c.entry_id], ["entry.widget_id", "entry.id"], { name: "fk_favorite_entry" }),
        index("ix_name", func.lower(c.name), { unique: true }),
        index("ix_some", c.name, { where: c.entry_id.isNull() }),
      ],
    );
    await metadata.createAll(engine);
    const inspector = engine.inspect();
    expect(await inspector.uniqueConstraints("entry")).toMatchObject([
      { name: "entry_uk", columns: ["id", "widget_id"] },
    ]);
    expect(await inspector.foreignKeys("widget")).toMatchObject([
      { name: "fk_favorite_entry", columns: ["id", "entry_id"], referredColumns: ["widget_id", "id"] },
    ]);
    expect(await inspector.indexes("widget")).toEqual([
      { name: "ix_name", unique: true, columns: [null], expressions: ["lower(name)"], where: null },
      { name: "ix_some", unique: false, columns: ["name"], expressions: [], where: expect.any(String) },
    ]);
  });

  it("leaves alone what exists, unless told not to ask", async () => {
    const engine = memoryEngine();
    const metadata = new MetaData();
    new Table("parent", metadata, { id: integer().primaryKey() });
    await metadata.createAll(engine);
    await engine.begin((connection) => connection.run("INSERT INTO parent VALUES (1)", []));
    new Table("child", metadata, { id: integer().primaryKey() });
    await metadata.createAll(engine);
    expect(await engine.inspect().tableNames()).toEqual(["child", "parent"]);
    await expect(metadata.createAll(engine, { checkFirst: false })).rejects.toThrow("already exists");
    await engine.begin(async (connection) => {
      expect((await connection.run("SELECT * FROM parent", [])).rows).toEqual([[1]]);
    });
  });

  it("works in a connection's transaction", async () => {
    const engine = memoryEngine();
    const metadata = new MetaData();
    new Table("parent", metadata, { id: integer().primaryKey() });
    await using connection = await engine.connect();
    await metadata.createAll(connection);
    expect(await connection.inspect().hasTable("parent")).toBe(true);
    await connection.rollback();
    expect(await connection.inspect().hasTable("parent")).toBe(false);
  });
});

describe("dropAll", () => {
  it("drops tables before those that they refer to, rows or not", async () => {
    const engine = memoryEngine();
    const metadata = new MetaData();
    new Table("parent", metadata, { id: integer().primaryKey() });
    new Table("child", metadata, { id: integer().primaryKey(), parent_id: integer().references("parent.id") });
    await metadata.createAll(engine);
    await engine.begin(async (connection) => {
      await connection.run("INSERT INTO parent VALUES (1)", []);
      await connection.run("INSERT INTO child VALUES (1, 1)", []);
    });
    await metadata.dropAll(engine);
    expect(await engine.inspect().tableNames()).toEqual([]);
    await metadata.dropAll(engine);
  });

  it.each([undefined, "restrict" as const])(
    "drops tables with rows that refer to each other (%s)",
    async (onDelete) => {
      const engine = memoryEngine();
      const metadata = new MetaData();
      circularTables(metadata, onDelete);
      await metadata.createAll(engine);
      await engine.begin(async (connection) => {
        await connection.run("INSERT INTO widget VALUES (1, NULL)", []);
        await connection.run("INSERT INTO entry VALUES (5, 1)", []);
        await connection.run("UPDATE widget SET favorite_entry_id = 5", []);
      });
      await metadata.dropAll(engine);
      expect(await engine.inspect().tableNames()).toEqual([]);
    },
  );

  it("drops a table with rows that refer to each other", async () => {
    const engine = memoryEngine();
    const metadata = new MetaData();
    new Table("node", metadata, { id: integer().primaryKey(), next: integer().notNull().references("node.id") });
    await metadata.createAll(engine);
    await engine.begin((connection) => connection.run("INSERT INTO node VALUES (1, 2), (2, 1), (3, 3)", []));
    await metadata.dropAll(engine);
    expect(await engine.inspect().tableNames()).toEqual([]);
  });

  it("does nothing to tables of others, and fails when their rows need what is dropped", async () => {
    const engine = memoryEngine();
    const metadata = new MetaData();
    circularTables(metadata);
    await metadata.createAll(engine);
    await engine.begin(async (connection) => {
      await connection.run("CREATE TABLE foreign_table (widget_id INTEGER REFERENCES widget (widget_id))", []);
      await connection.run("INSERT INTO widget VALUES (1, NULL)", []);
      await connection.run("INSERT INTO foreign_table VALUES (1)", []);
    });
    await expect(metadata.dropAll(engine)).rejects.toThrow(ForeignKeyViolation);
    expect(await engine.inspect().tableNames()).toEqual(["entry", "foreign_table", "widget"]);
  });
});
