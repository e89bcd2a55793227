import { CompileError, type IdentityOptions, insert, integer, MetaData, select, Table } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";

onEveryDatabase("identity()", (database) => {
  async function keysOf(options: IdentityOptions): Promise<unknown[]> {
    const things = new Table("things", new MetaData(), { id: integer().primaryKey().identity(options), a: integer() });
    const engine = database.open();
    await things.metadata.createAll(engine);
    await using connection = await engine.connect();
    await connection.execute(insert(things).values([{ a: 1 }, { a: 2 }]));
    return (await connection.execute(select(things.c.id).orderBy(things.c.id))).scalars();
  }
  const isSqlite = database.name === "SQLite";

  it("counts as it says, or is refused where the database cannot", async () => {
    expect(await keysOf({ start: 1, increment: 1 })).toEqual([1, 2]);
    const started = keysOf({ start: 100 });
    if (isSqlite) await expect(started).rejects.toThrow(CompileError);
    else expect(await started).toEqual([100, 101]);
    const stepping = keysOf({ start: 100, increment: 5 });
    if (isSqlite || database.name === "MariaDB") await expect(stepping).rejects.toThrow(/counts keys/);
    else expect(await stepping).toEqual([100, 105]);
  });
});

onEveryDatabase("a column that the database counts up", (database) => {
  it.each([
    ["beside another one in the key", { id: integer().primaryKey().autoincrement(), part: integer().primaryKey() }],
    ["that is no key", { part: integer().primaryKey().autoincrement(false), id: integer().identity() }],
  ])("%s gets numbers, or is refused when the table is made", async (_, columns) => {
    const things = new Table("things", new MetaData(), columns);
    const engine = database.open();
    const making = things.metadata.createAll(engine);
    if (database.name === "SQLite") {
      await expect(making).rejects.toThrow(CompileError);
      return;
    }
    await making;
    await using connection = await engine.connect();
    await connection.execute(insert(things).values([{ part: 1 }, { part: 2 }]));
    expect((await connection.execute(select(things.c.id).orderBy(things.c.part))).scalars()).toEqual([1, 2]);
  });
});
