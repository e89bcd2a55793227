import {
  ConnectionLostError,
  type DriverConnection,
  declarativeBase,
  type Engine,
  integer,
  manyToOne,
  Session,
  StaleDataError,
  select,
  sql,
  UniqueViolation,
  varchar,
} from "alkahest";
import { nodePostgres } from "alkahest/postgresql";
import { beforeEach, expect, it } from "vitest";
import { describeOnPostgresqlServer, openPostgresql } from "../../support/postgresql.ts";
import { rowsOf } from "../../support/statements.ts";

const Base = declarativeBase();
class Author extends Base("author", {
  id: integer().primaryKey(),
  name: varchar(20).unique(),
}) {}
class Book extends Base("book", {
  id: integer().primaryKey(),
  title: varchar(20),
  get authorId() {
    return integer().references(Author.c.id);
  },
  get author() {
    return manyToOne(Author);
  },
}) {}
class Note extends Base("note", {
  id: integer().primaryKey(),
  body: varchar(20),
  version: integer().notNull(),
  get mapperArgs() {
    return { versionId: Note.c.version };
  },
}) {}

/** What was sent without waiting for an answer between: texts, shortened to their first two words. */
type Sent = readonly string[];

function shortened(text: string): string {
  return text.split(" ", text.startsWith("INSERT") || text.startsWith("DELETE") ? 3 : 2).join(" ");
}

/** An engine that tells what it sends together. */
function openWatched(sent: Sent[], preparedStatements = 200): Engine {
  return openPostgresql({
    driver: (target) => {
      const driver = nodePostgres({ preparedStatements })(target);
      return { name: driver.name, connect: async () => watched(await driver.connect(), sent) };
    },
  });
}

function watched(connection: DriverConnection, sent: Sent[]): DriverConnection {
  const { execute, pipeline } = connection;
  connection.execute = (text, parameters, options) => {
    sent.push([shortened(text)]);
    return execute.call(connection, text, parameters, options);
  };
  connection.pipeline = (statements) => {
    sent.push(statements.map(({ sql: text }) => shortened(text)));
    return pipeline!.call(connection, statements);
  };
  return connection;
}

describeOnPostgresqlServer("a flush on PostgreSQL", () => {
  const sent: Sent[] = [];
  const opened: DriverConnection[] = [];
  let engine: Engine;

  beforeEach(async () => {
    engine = openWatched(sent);
    opened.length = 0;
    engine.on("connect", ({ connection }) => void opened.push(connection));
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    session.addAll([new Author({ id: 100, name: "a" }), new Note({ id: 1, body: "x" })]);
    await session.commit();
    sent.length = 0;
  });

  it("waits once for statements that need no answer of one another, BEGIN among them", async () => {
    await using session = new Session(engine);
    session.addAll([new Author({ id: 2, name: "b" }), new Note({ id: 2, body: "y" })]);
    await session.commit();
    expect(sent).toEqual([["BEGIN", "INSERT INTO author", "INSERT INTO note"], ["COMMIT"]]);
  });

  it("waits for a key that the next statement needs", async () => {
    await using session = new Session(engine);
    session.add(new Book({ title: "t", author: new Author({ name: "c" }) }));
    await session.commit();
    expect(sent).toEqual([["BEGIN", "INSERT INTO author"], ["INSERT INTO book"], ["COMMIT"]]);
    expect(await rowsOf(engine, "SELECT title, name FROM book JOIN author ON author.id = author_id")).toEqual([
      ["t", "c"],
    ]);
  });

  it("begins the transaction together with the first query", async () => {
    await using session = new Session(engine);
    const author = await session.get(Author, 100);
    expect(author?.name).toBe("a");
    expect(sent).toEqual([["BEGIN", "SELECT author.id,"]]);
  });

  it("takes another connection where one was lost before its transaction began", async () => {
    await using session = new Session(engine);
    const author = await session.get(Author, 100);
    await session.commit();
    for (const connection of opened) {
      connection.pipeline = async () => {
        await connection.close();
        return { results: [], error: new ConnectionLostError("Connection terminated") };
      };
    }
    await expect(session.get(Note, 1)).rejects.toThrow(ConnectionLostError);
    expect(await session.get(Note, 1)).not.toBeNull();
    author!.name = "changed";
    await session.commit();
    expect(await rowsOf(engine, "SELECT name FROM author")).toEqual([["changed"]]);
  });

  it("tells which statement has failed, and undoes those that were sent with it", async () => {
    await using session = new Session(engine);
    session.addAll([new Note({ id: 2, body: "y" }), new Author({ id: 2, name: "a" })]);
    session.add(new Book({ id: 5, title: "t" }));
    const error = await session.commit().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UniqueViolation);
    expect(error).toMatchObject({ className: "Author", property: "name", sql: expect.stringContaining("author") });
    await session.rollback();
    session.add(new Book({ id: 6, title: "u" }));
    await session.commit();
    expect(await rowsOf(engine, "SELECT id FROM note")).toEqual([[1]]);
    expect(await rowsOf(engine, "SELECT id FROM book")).toEqual([[6]]);
  });

  it("looks at the versions of rows after all were sent, and undoes the others too", async () => {
    await using session = new Session(engine);
    const note = await session.one(select(Note));
    await engine.begin((connection) => connection.execute(sql`UPDATE note SET version = 9`));
    note.body = "mine";
    session.add(new Book({ id: 7, title: "v" }));
    sent.length = 0;
    await expect(session.commit()).rejects.toThrow(StaleDataError);
    expect(sent).toEqual([["UPDATE note", "INSERT INTO book"], ["ROLLBACK"]]);
    await session.rollback();
    expect(await rowsOf(engine, "SELECT id FROM book")).toEqual([]);
  });

  it("sends statements one by one where one of them may have to be stopped", async () => {
    await using session = new Session(engine);
    await session.transaction(
      async () => {
        session.addAll([new Author({ id: 2, name: "b" }), new Note({ id: 2, body: "y" })]);
      },
      { statementTimeout: 10_000 },
    );
    expect(sent).toEqual([["BEGIN"], ["INSERT INTO author"], ["INSERT INTO note"], ["COMMIT"]]);
  });
});

describeOnPostgresqlServer("statements sent together", () => {
  const statements = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ sql: `SELECT $1::integer + ${n >> 2}`, parameters: [n] }));

  it.each([0, 1, 2, 200])("are prepared once, %i of them kept", async (preparedStatements) => {
    await using connection = await openWatched([], preparedStatements).connect();
    for (let round = 0; round < 4; round++) {
      const { results, error } = await connection.runTogether(statements(20));
      expect(error).toBeUndefined();
      expect(results.map(({ rows }) => Number(rows[0]?.[0]))).toEqual(
        Array.from({ length: 20 }, (_, n) => n + (n >> 2)),
      );
      await connection.rollback();
    }
    // Those that were driven out are closed with the next ones.
    await connection.runTogether([{ sql: "SELECT $1::integer", parameters: [1] }]);
    const kept = await connection.execute(sql`SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%+%'`);
    expect(Number(kept.scalar())).toBe(Math.min(preparedStatements, 5));
  });

  it("go on after one that cannot be prepared", async () => {
    await using connection = await openWatched([]).connect();
    const broken = { sql: "SELECT missing + $1", parameters: [1] };
    for (let round = 0; round < 3; round++) {
      const sent = await connection.runTogether([...statements(2), broken, ...statements(2)]);
      expect(sent.results).toHaveLength(2);
      expect(sent.error).toMatchObject({ sql: broken.sql });
      await connection.rollback();
    }
    expect((await connection.runTogether(statements(5))).results).toHaveLength(5);
  });
});
