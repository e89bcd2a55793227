import {
  AlkahestError,
  CheckViolation,
  CommitOutcomeUnknown,
  ConnectionLostError,
  check,
  createEngine,
  type DatabaseError,
  DataError,
  DeadlockError,
  deleteFrom,
  type Engine,
  ForeignKeyViolation,
  func,
  index,
  insert,
  integer,
  MetaData,
  NoSuchTableError,
  NotNullViolation,
  OperationalError,
  ProgrammingError,
  SerializationError,
  select,
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
import { describeOnPostgresql, describeOnPostgresqlServer, openPostgresql } from "../../support/postgresql.ts";

const metadata = new MetaData();
const parent = new Table(
  "parent",
  metadata,
  {
    id: integer().primaryKey(),
    name: varchar(5).notNull(),
    Odd: varchar(5),
    age: integer(),
  },
  (c) => [
    unique("parent_name_odd", c.name, c.Odd),
    check("grown_up", c.age.ge(18)),
    index("parent_lower", func.lower(c.name), { unique: true }),
  ],
);
const child = new Table("child", metadata, {
  id: integer().primaryKey(),
  parentId: integer("parent_id").references(parent.c.id, { name: "child_parent" }),
});

async function setUp(): Promise<Engine> {
  const engine = openPostgresql();
  await metadata.createAll(engine);
  await engine.begin((connection) =>
    connection.execute(insert(parent).values({ id: 101, name: "ed", Odd: "x", age: 20 })),
  );
  return engine;
}

async function errorOf(work: Promise<unknown>): Promise<DatabaseError> {
  try {
    await work;
  } catch (error) {
    // The tests look at what only errors of the database have.
    return error as DatabaseError;
  }
  throw new Error("it did not fail");
}

const lost = (engine: Engine) =>
  engine.begin((connection) =>
    connection.execute(
      sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim' AND pid <> pg_backend_pid()`,
    ),
  );

describeOnPostgresql("an error of PostgreSQL", () => {
  it("names constraint, table and columns of a unique key", async () => {
    const engine = await setUp();
    const error = await errorOf(engine.begin((c) => c.execute(insert(parent).values({ name: "ed", Odd: "x" }))));
    expect(error).toBeInstanceOf(UniqueViolation);
    expect(error).toMatchObject({ constraint: "parent_name_odd", table: "parent", columns: ["name", "Odd"] });
    expect(error.message).toContain("INSERT INTO parent");
    expect(error.parameters).toEqual(["ed", "x"]);
  });

  it("names the index of an expression, which has no columns", async () => {
    const engine = await setUp();
    const error = await errorOf(engine.begin((c) => c.execute(insert(parent).values({ name: "ED" }))));
    expect(error).toMatchObject({ constraint: "parent_lower", columns: [] });
  });

  it("names the foreign key, and its columns where they were written", async () => {
    const engine = await setUp();
    const missing = await errorOf(engine.begin((c) => c.execute(insert(child).values({ parentId: 9 }))));
    expect(missing).toBeInstanceOf(ForeignKeyViolation);
    expect(missing).toMatchObject({ constraint: "child_parent", table: "child", columns: ["parent_id"] });
    await engine.begin((c) => c.execute(insert(child).values({ parentId: 101 })));
    const needed = await errorOf(engine.begin((c) => c.execute(deleteFrom(parent))));
    expect(needed).toBeInstanceOf(ForeignKeyViolation);
    expect(needed).toMatchObject({ constraint: "child_parent", table: "child", columns: [] });
  });

  it("names the column without a value, and the condition that does not hold", async () => {
    const engine = await setUp();
    const missing = await errorOf(engine.begin((c) => c.execute(sql`INSERT INTO parent (id) VALUES (7)`)));
    expect(missing).toBeInstanceOf(NotNullViolation);
    expect(missing).toMatchObject({ table: "parent", columns: ["name"] });
    const young = await errorOf(engine.begin((c) => c.execute(insert(parent).values({ name: "a", age: 3 }))));
    expect(young).toBeInstanceOf(CheckViolation);
    expect(young).toMatchObject({ table: "parent", constraint: "grown_up" });
  });

  it("tells bad data, bad SQL and a missing table apart", async () => {
    const engine = await setUp();
    expect(await errorOf(engine.begin((c) => c.execute(sql`SELECT 1 / 0`)))).toBeInstanceOf(DataError);
    expect(await errorOf(engine.begin((c) => c.execute(sql`SELEC 1`)))).toBeInstanceOf(ProgrammingError);
    const missing = await errorOf(engine.begin((c) => c.execute(sql`SELECT 1 FROM nowhere`)));
    expect(missing).toBeInstanceOf(NoSuchTableError);
    expect(missing.table).toBe("nowhere");
    expect(missing.message).toContain("createAll");
  });

  it("leaves its transaction to a rollback, or to a savepoint", async () => {
    const engine = await setUp();
    await using connection = await engine.connect();
    await connection.execute(update(parent).set({ Odd: "y" }));
    const savepoint = await connection.savepoint();
    await expect(connection.execute(sql`SELECT 1 / 0`)).rejects.toThrow(DataError);
    await expect(connection.execute(select(parent.c.id))).rejects.toThrow(
      /call rollback\(\), or go back to a savepoint/,
    );
    await savepoint.rollback();
    expect((await connection.execute(select(parent.c.Odd))).scalar()).toBe("y");
    await connection.commit();
  });

  it("does not let a commit pass that PostgreSQL turned into a rollback", async () => {
    const engine = await setUp();
    await using connection = await engine.connect();
    await expect(connection.execute(sql`SELECT 1 / 0`)).rejects.toThrow(DataError);
    await expect(connection.commit()).rejects.toThrow(/rolled back instead of committed/);
    await connection.rollback();
    expect((await connection.execute(select(parent.c.id))).scalar()).toBe(101);
  });
});

describeOnPostgresqlServer("an error of PostgreSQL with several connections", () => {
  it("is a DeadlockError in one of two transactions that wait for each other", async () => {
    const engine = await setUp();
    await engine.begin((c) => c.execute(insert(parent).values({ id: 102, name: "b" })));
    await using one = await engine.connect();
    await using two = await engine.connect();
    const set = (id: number) => update(parent).set({ Odd: "z" }).where(parent.c.id.eq(id));
    await one.execute(set(101));
    await two.execute(set(102));
    const results = await Promise.allSettled([
      one.execute(set(102)).finally(() => one.rollback()),
      two.execute(set(101)).finally(() => two.rollback()),
    ]);
    const failures = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    expect(failures).toEqual([expect.any(DeadlockError)]);
  });

  it("is a SerializationError where the transaction is to be repeated", async () => {
    const engine = await setUp();
    await using one = await engine.connect();
    await one.begin({ isolation: "repeatable read" });
    await one.execute(select(parent.c.id));
    await engine.begin((c) => c.execute(update(parent).set({ Odd: "a" })));
    const error = await errorOf(one.execute(update(parent).set({ Odd: "b" })));
    expect(error).toBeInstanceOf(SerializationError);
  });

  it("is a TimeoutError where a lock was not to be waited for", async () => {
    const engine = await setUp();
    await using one = await engine.connect();
    await one.execute(select(parent.c.id).forUpdate());
    const nowait = engine.begin((c) => c.execute(select(parent.c.id).forUpdate({ nowait: true })));
    expect(await errorOf(nowait)).toBeInstanceOf(TimeoutError);
  });

  it("is a ConnectionLostError when the server ends the connection, and the next one works", async () => {
    const engine = await setUp();
    await using connection = await engine.connect();
    await connection.execute(sql`SET application_name = 'victim'`);
    await connection.commit();
    await connection.execute(sql`SELECT 1`);
    await lost(engine);
    const error = await errorOf(connection.execute(sql`SELECT 1`));
    expect(error).toBeInstanceOf(ConnectionLostError);
    expect(connection.isClosed).toBe(true);
    await using another = await engine.connect();
    expect((await another.execute(select(parent.c.id))).scalar()).toBe(101);
  });

  it("does not reach the user of a connection that was lost while nobody had it", async () => {
    const engine = await setUp();
    const connection = await engine.connect();
    await connection.execute(sql`SET application_name = 'victim'`);
    await connection.commit();
    await connection.close();
    const other = openPostgresql();
    await lost(other);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await engine.begin(async (c) => (await c.execute(select(parent.c.id))).scalar())).toBe(101);
  });

  it("refuses more parameters than there can be before it sends any, and the transaction goes on", async () => {
    const engine = await setUp();
    await using connection = await engine.connect();
    const id = Array.from({ length: 65_536 }, (_, index) => index);
    const error = await errorOf(connection.execute(select(parent.c.id).where(parent.c.id.in(id))));
    expect(error).toBeInstanceOf(ProgrammingError);
    expect(error.retryable).toBe(false);
    expect(error.message).toMatch(
      /has 65536 parameters, and PostgreSQL takes 65535\. Send the rows in several statements/,
    );
    const fewer = select(parent.c.id).where(parent.c.id.in(id.slice(1)));
    expect((await connection.execute(fewer)).scalars()).toEqual([101]);
  });

  it("says that nobody knows how a COMMIT ended whose answer was lost", async () => {
    const engine = await setUp();
    await using connection = await engine.connect();
    // The check is made at the end of the transaction: by a function that ends its own connection.
    await connection.execute(
      text(
        `CREATE FUNCTION leave() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1); RETURN NULL; END'`,
        {},
      ),
    );
    await connection.execute(
      sql`CREATE CONSTRAINT TRIGGER leaves AFTER UPDATE ON parent DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION leave()`,
    );
    await connection.commit();
    await connection.execute(update(parent).set({ Odd: "q" }));
    expect(await errorOf(connection.commit())).toBeInstanceOf(CommitOutcomeUnknown);
  });

  it("says that the server cannot be reached, or refuses", async () => {
    const nobody = createEngine("postgresql://postgres@127.0.0.1:1/test");
    const error = await errorOf(nobody.connect());
    expect(error).toBeInstanceOf(OperationalError);
    expect(error.message).toMatch(/cannot be reached, or refuses the connection.*ECONNREFUSED/);
    expect(error).toBeInstanceOf(AlkahestError);
    await nobody.dispose();
  });
});
