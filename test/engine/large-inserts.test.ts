import {
  type Connection,
  func,
  insert,
  integer,
  literal,
  MetaData,
  select,
  Table,
  UniqueViolation,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { StatementLog } from "../support/statements.ts";

const metadata = new MetaData();
const item = new Table("item", metadata, {
  id: integer().primaryKey(),
  name: varchar(20).notNull(),
  lower: varchar(20),
  kind: varchar(10).default("plain"),
});

/** Three parameters each, the default among them: more than any of the databases takes at once. */
const ROWS = 25_000;
const rows = Array.from({ length: ROWS }, (_, id) => ({ id: id + 1, name: `n${id + 1}` }));

onEveryDatabase("an INSERT of more rows than one statement has room for", (database) => {
  const count = async (connection: Connection) =>
    (await connection.execute(select(func.count()).selectFrom(item))).scalar();

  it("is sent in several, and answers like one", async () => {
    const engine = database.open();
    await metadata.createAll(engine);
    const log = new StatementLog(engine);
    await using connection = await engine.connect();
    const result = await connection.execute(insert(item).values(rows).returning(item.c.id));
    expect(new Set(result.scalars()).size).toBe(ROWS);
    expect(result.rowCount).toBe(ROWS);
    expect(log.writes.length).toBeGreaterThan(1);
    expect(Math.max(...log.all.map(({ parameters }) => parameters.length))).toBeLessThanOrEqual(
      engine.dialect.capabilities.maxParameters,
    );
    expect(await count(connection)).toBe(ROWS);
  });

  it("leaves no row if one of them fails, and what was before stays", async () => {
    const engine = database.open();
    await metadata.createAll(engine);
    await using connection = await engine.connect();
    await connection.execute(insert(item).values({ id: ROWS + 1, name: "before" }));
    const taken = { id: ROWS + 1, name: "taken" };
    await expect(connection.execute(insert(item).values([...rows, taken]))).rejects.toThrow(UniqueViolation);
    expect(await count(connection)).toBe(1);
    await connection.commit();
    expect(await count(connection)).toBe(1);
  });

  it("counts what expressions and upserts bind", async () => {
    const engine = database.open();
    await metadata.createAll(engine);
    await using connection = await engine.connect();
    const cells = rows.map(({ id, name }) => ({ id, name, lower: func.lower(literal(name).concat("X")) }));
    const statement = insert(item).values(cells);
    await connection.execute(statement.onConflictDoUpdate({ target: [item.c.id], set: { name: "again" } }));
    expect(await count(connection)).toBe(ROWS);
  });

  it("is one statement where that is enough", async () => {
    const engine = database.open();
    await metadata.createAll(engine);
    const log = new StatementLog(engine);
    await using connection = await engine.connect();
    await connection.execute(insert(item).values(rows.slice(0, 5_000)));
    expect(log.writes).toEqual(["INSERT item"]);
  });
});
