import {
  CheckViolation,
  CompileError,
  check,
  DataError,
  DeadlockError,
  deleteFrom,
  ForeignKeyViolation,
  insert,
  integer,
  MetaData,
  NoSuchTableError,
  NotNullViolation,
  ProgrammingError,
  sql,
  Table,
  TimeoutError,
  text,
  UniqueViolation,
  unique,
  update,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { describeOnMariadb, onServer, openMariadb } from "../../support/mariadb.ts";

async function setUp() {
  const metadata = new MetaData();
  const parents = new Table(
    "parents",
    metadata,
    { id: integer().primaryKey(), name: varchar(10).notNull(), age: integer() },
    (c) => [unique("uq_name", c.name), check("ck_age", c.age.gt(0))],
  );
  const children = new Table("children", metadata, {
    id: integer().primaryKey(),
    parentId: integer("parent_id").references(parents.c.id, { name: "fk_parent" }),
  });
  const engine = openMariadb();
  await metadata.createAll(engine);
  await engine.begin(async (connection) => {
    await connection.execute(insert(parents).values({ id: 1, name: "a", age: 1 }));
    await connection.execute(insert(children).values({ id: 1, parentId: 1 }));
  });
  return { engine, parents, children };
}

async function thrown(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  return null;
}

describeOnMariadb("errors of MariaDB", () => {
  it("name the constraint, the table and the columns, and leave the transaction open", async () => {
    const { engine, parents, children } = await setUp();
    await using connection = await engine.connect();
    const ofName = await thrown(() => connection.execute(insert(parents).values({ id: 2, name: "a" })));
    expect(ofName).toBeInstanceOf(UniqueViolation);
    expect(ofName).toMatchObject({ constraint: "uq_name", table: "parents", columns: ["name"] });
    const ofKey = await thrown(() => connection.execute(insert(parents).values({ id: 1, name: "b" })));
    expect(ofKey).toMatchObject({ table: "parents", columns: ["id"] });
    const orphan = await thrown(() => connection.execute(insert(children).values({ id: 2, parentId: 5 })));
    expect(orphan).toBeInstanceOf(ForeignKeyViolation);
    expect(orphan).toMatchObject({ constraint: "fk_parent", table: "children", columns: ["parent_id"] });
    const referred = await thrown(() => connection.execute(deleteFrom(parents)));
    expect(referred).toBeInstanceOf(ForeignKeyViolation);
    expect(referred).toMatchObject({ constraint: "fk_parent", table: "children", columns: [] });
    const missing = await thrown(() => connection.execute(sql`INSERT INTO parents (id) VALUES (9)`));
    expect(missing).toBeInstanceOf(NotNullViolation);
    expect(missing).toMatchObject({ table: "parents", columns: ["name"] });
    const ofCheck = await thrown(() => connection.execute(insert(parents).values({ id: 3, name: "c", age: -1 })));
    expect(ofCheck).toBeInstanceOf(CheckViolation);
    expect(ofCheck).toMatchObject({ constraint: "ck_age", table: "parents" });
    const tooLong = await thrown(() => connection.execute(sql`UPDATE parents SET name = 'longer than ten'`));
    expect(tooLong).toBeInstanceOf(DataError);
    expect(tooLong).toMatchObject({ table: "parents", columns: ["name"] });
    await expect(connection.execute(sql`SELECT * FROM nowhere`)).rejects.toThrow(NoSuchTableError);
    await expect(connection.execute(sql`SELEC`)).rejects.toThrow(ProgrammingError);
    expect([...(await connection.execute(sql`SELECT count(*) FROM parents`))].length).toBe(1);
  });

  it("say that somebody else holds the lock, or that there was a deadlock, after which only rollback goes on", async () => {
    const { engine, parents } = await setUp();
    await engine.begin((connection) => connection.execute(insert(parents).values({ id: 2, name: "b" })));
    await using one = await engine.connect();
    await using other = await engine.connect();
    const set = (connection: typeof one, id: number) =>
      connection.execute(update(parents).set({ age: 5 }).where(parents.c.id.eq(id)));
    await set(one, 1);
    await expect(other.execute(sql`SELECT * FROM parents WHERE id = 1 FOR UPDATE NOWAIT`)).rejects.toThrow(
      TimeoutError,
    );
    await set(other, 2);
    const errors = await Promise.all([thrown(() => set(one, 2)), thrown(() => set(other, 1))]);
    expect(errors.filter((error) => error instanceof DeadlockError)).toHaveLength(1);
    const loser = errors[0] === null ? other : one;
    await expect(set(loser, 1)).rejects.toThrow(/rollback/);
    await loser.rollback();
  });

  it("say that the connection is lost, and the pool opens another one", async () => {
    const { engine } = await setUp();
    const connection = await engine.connect();
    const id = (await connection.execute(sql`SELECT connection_id()`)).scalar();
    await onServer(`KILL ${String(id)}`);
    await expect(connection.execute(sql`SELECT 1`)).rejects.toMatchObject({ code: "ALK_CONNECTION_LOST" });
    await connection.close();
    await using another = await engine.connect();
    expect([...(await another.execute(sql`SELECT 1`))]).toHaveLength(1);
  });

  it("come before the database where a text without length would have to be indexed", async () => {
    const table = new Table("t", new MetaData(), { id: text().primaryKey() });
    await expect(table.metadata.createAll(openMariadb())).rejects.toThrow(CompileError);
    await expect(table.metadata.createAll(openMariadb())).rejects.toThrow(/t\.id.*varchar\(255\)/s);
  });
});
