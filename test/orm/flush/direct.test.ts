import {
  type ColumnDefinition,
  DataError,
  DuplicateIdentityError,
  declarativeBase,
  integer,
  json,
  manyToOne,
  NotNullViolation,
  oneToMany,
  Session,
  StaleDataError,
  select,
  text,
  UniqueViolation,
  varchar,
} from "alkahest";
import fc from "fast-check";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../../support/databases.ts";
import { rowsOf, StatementLog } from "../../support/statements.ts";

// Flushes without deletes, in which no key changes hands, are written without a plan. What they do is what a plan says.

function models() {
  const Base = declarativeBase();
  let made = 0;
  const next = (): number => ++made;
  class Author extends Base("author", {
    id: integer().primaryKey(),
    name: varchar(20).notNull(),
    rank: integer().notNull().default(7),
    note: varchar(20).serverDefault("none"),
    email: varchar(40).unique(),
    writes: integer().default(next).onUpdate(next),
    get books() {
      return oneToMany(Book, { backPopulates: "author", cascade: "all, delete-orphan" });
    },
  }) {}
  class Book extends Base("book", {
    id: integer().primaryKey(),
    title: varchar(20),
    data: json<{ pages: number }>(),
    get authorId() {
      return integer().references(Author.c.id);
    },
    get author() {
      return manyToOne(Author, { backPopulates: "books" });
    },
    get copies() {
      return oneToMany(Copy, { cascade: "all, delete-orphan" });
    },
  }) {}
  class Copy extends Base("copy", {
    id: varchar(20)
      .primaryKey()
      .default(() => `copy ${next()}`),
    shelf: integer(),
    get bookId() {
      return integer().notNull().references(Book.c.id);
    },
  }) {}
  class Shelf extends Base("shelf", { code: varchar(10).primaryKey(), size: integer() }) {}
  return { Base, Author, Book, Copy, Shelf, calls: () => made };
}

async function open(database: TestDatabase) {
  const all = models();
  const engine = database.open();
  await all.Base.metadata.createAll(engine);
  const session = new Session(engine);
  const close = async (): Promise<void> => {
    await session.close();
    await engine.dispose();
  };
  return { ...all, engine, session, log: new StatementLog(engine), close };
}

onEveryDatabase("a flush that needs no plan", (database) => {
  it("inserts what is referred to first, whatever was added first", async () => {
    const { Author, Book, Copy, session, log, engine, close } = await open(database);
    const author = new Author({ name: "a" });
    session.addAll([new Book({ title: "b", author }), new Book({ title: "c", author }), new Book({ title: "d" })]);
    const [book] = author.books;
    book?.copies.push(new Copy({ shelf: 1 }), new Copy({ id: "own" }));
    await session.flush();
    expect(log.writes.filter((one, i, all) => one !== all[i - 1])).toEqual([
      "INSERT author",
      "INSERT book",
      "INSERT copy",
    ]);
    await session.commit();
    const joined = "SELECT b.title, a.name FROM book b LEFT JOIN author a ON a.id = b.author_id ORDER BY b.id";
    expect(await rowsOf(engine, joined)).toEqual([
      ["b", "a"],
      ["c", "a"],
      ["d", null],
    ]);
    expect(await rowsOf(engine, "SELECT shelf, id = 'own' FROM copy ORDER BY shelf")).toHaveLength(2);
    expect(book?.copies.map(({ bookId }) => bookId)).toEqual([book?.id, book?.id]);
    expect(author.books.map(({ authorId }) => authorId)).toEqual([author.id, author.id]);
    await close();
  });

  it("shows what defaults, the database and NULL put in", async () => {
    const { Author, Book, session, calls, close } = await open(database);
    const author = new Author({ name: "a" });
    const book = new Book({ author });
    session.add(author);
    await session.commit();
    expect(author).toMatchObject({ rank: 7, note: "none", email: null, writes: 1 });
    expect(book).toMatchObject({ title: null, data: null, authorId: author.id, copies: [] });
    expect(calls()).toBe(1);
    author.rank = 8;
    await session.commit();
    expect(author.writes).toBe(2);
    expect(calls()).toBe(2);
    author.writes = 100;
    await session.commit();
    expect([author.writes, calls()]).toEqual([100, 2]);
    await close();
  });

  it("refers to stored objects, and to rows by their keys alone", async () => {
    const { Author, Book, Shelf, session, engine, close } = await open(database);
    const author = new Author({ name: "a" });
    session.addAll([author, new Shelf({ code: "x", size: 1 })]);
    await session.commit();
    const [one, other] = [new Book({ author }), new Book({ authorId: author.id })];
    session.addAll([one, other]);
    author.books.push(new Book({ title: "pushed" }));
    await session.commit();
    expect(await rowsOf(engine, "SELECT author_id FROM book")).toEqual([[author.id], [author.id], [author.id]]);
    expect(other.author).toBe(author);
    expect(author.books).toHaveLength(3);
    await close();
  });

  it("writes only what changed, and nothing that was changed back", async () => {
    const { Author, session, log, engine, close } = await open(database);
    const authors = ["a", "b", "c"].map((name) => new Author({ name }));
    session.addAll(authors);
    await session.commit();
    log.clear();
    const [a, b, c] = authors as [(typeof authors)[0], (typeof authors)[0], (typeof authors)[0]];
    c.rank = 3;
    a.rank = 1;
    b.rank = 2;
    b.rank = 7;
    await session.commit();
    expect(new Set(log.writes)).toEqual(new Set(["UPDATE author"]));
    expect(await rowsOf(engine, "SELECT rank FROM author ORDER BY id")).toEqual([[1], [7], [3]]);
    expect([a.writes, b.writes, c.writes]).toEqual([5, 2, 4]);
    log.clear();
    a.rank = 9;
    a.rank = 1;
    await session.commit();
    expect(log.all).toEqual([]);
    await close();
  });

  it("finds values that were changed in place", async () => {
    const { Book, session, engine, close } = await open(database);
    const book = new Book({ data: { pages: 1 } });
    session.add(book);
    await session.commit();
    (book.data as { pages: number }).pages = 2;
    await session.commit();
    (book.data as { pages: number }).pages = 3;
    await session.commit();
    const [[data]] = (await rowsOf(engine, "SELECT data FROM book")) as [[string | object]];
    expect(typeof data === "string" ? JSON.parse(data) : data).toEqual({ pages: 3 });
    await close();
  });

  it("is taken back as a whole, with what the database made", async () => {
    const { Author, Book, session, close } = await open(database);
    const author = new Author({ name: "a" });
    session.add(author);
    await session.commit();
    author.rank = 8;
    const book = new Book({ title: "b", author });
    await session.flush();
    expect(book.id).toBeGreaterThan(0);
    await session.rollback();
    expect(author.rank).toBe(7);
    expect(author.books).toEqual([]);
    expect((book as { id: number | null }).id).toBeNull();
    expect(session.has(book)).toBe(false);
    author.rank = 9;
    const savepoint = await session.beginNested();
    author.rank = 10;
    session.add(new Book({ title: "c", author }));
    await session.flush();
    await savepoint.rollback();
    expect([author.rank, author.books]).toEqual([9, []]);
    await session.commit();
    expect(author.rank).toBe(9);
    await close();
  });

  it("says by name which value cannot be stored, before any statement", async () => {
    const { Author, Book, session, log, close } = await open(database);
    session.addAll([new Author({ name: "a" }), new Author({} as never)]);
    await expect(session.flush()).rejects.toThrow(NotNullViolation);
    await session.rollback();
    session.addAll([new Author({ name: "a" }), new Author({ name: "b", rank: "many" as never })]);
    await expect(session.flush()).rejects.toThrow(DataError);
    await session.rollback();
    session.add(new Book({ title: "x".repeat(50) }));
    await expect(session.flush()).rejects.toThrow(/Book.*title/);
    await session.rollback();
    expect(log.all).toEqual([]);
    await close();
  });

  it("says which class and property an error of the database is about", async () => {
    const { Author, session, close } = await open(database);
    session.addAll(["a", "b"].map((name) => new Author({ name, email: "same" })));
    const error: unknown = await session.flush().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UniqueViolation);
    expect(error).toMatchObject({ className: "Author", property: "email" });
    await session.rollback();
    await close();
  });

  it("refuses two objects with one key", async () => {
    const { Shelf, session, log, close } = await open(database);
    session.addAll([new Shelf({ code: "x" }), new Shelf({ code: "x" })]);
    await expect(session.flush()).rejects.toThrow(DuplicateIdentityError);
    await session.rollback();
    session.add(new Shelf({ code: "x" }));
    await session.commit();
    log.clear();
    session.add(new Shelf({ code: "x" }));
    await expect(session.flush()).rejects.toThrow(DuplicateIdentityError);
    expect(log.all).toEqual([]);
    await session.rollback();
    await close();
  });

  it("misses a row that somebody else has deleted", async () => {
    const { Author, session, engine, close } = await open(database);
    const author = new Author({ name: "a" });
    session.add(author);
    await session.commit();
    await engine.begin((connection) => connection.execute(text("DELETE FROM author")));
    author.rank = 1;
    await expect(session.flush()).rejects.toThrow(StaleDataError);
    await session.rollback();
    expect(author.rank).toBe(7);
    await close();
  });

  it("writes what objects had when it began, also where they change while it waits", async () => {
    const { Author, session, engine, close } = await open(database);
    const author = new Author({ name: "a" });
    session.add(author);
    await session.commit();
    author.rank = 1;
    const flushed = session.flush();
    author.rank = 2;
    await flushed;
    const shown = author.rank;
    await session.commit();
    expect(await rowsOf(engine, "SELECT rank FROM author")).toEqual([[author.rank]]);
    expect([1, 2]).toContain(shown);
    await close();
  });

  it("inserts 10,000 objects that refer to each other, each with its key", async () => {
    const { Author, Book, session, engine, close } = await open(database);
    const authors = Array.from({ length: 2_000 }, (_, i) => {
      const author = new Author({ name: `a${i}` });
      for (let k = 0; k < 4; k++) author.books.push(new Book({ title: `${i}` }));
      return author;
    });
    session.addAll(authors.reverse());
    await session.commit();
    const rows = await rowsOf(
      engine,
      "SELECT b.id, b.title, a.id, a.name FROM book b JOIN author a ON a.id = b.author_id",
    );
    expect(rows).toHaveLength(8_000);
    expect(rows.every(([, title, , name]) => `a${String(title)}` === name)).toBe(true);
    const idOf = new Map(rows.map(([, , id, name]) => [name, Number(id)]));
    for (const { name, id } of authors) expect(idOf.get(name)).toBe(id);
    await close();
  });
});

onEveryDatabase("flushes that only look simple", (database) => {
  async function start(...bases: ReturnType<typeof declarativeBase>[]) {
    const engine = database.open();
    for (const { metadata } of bases) await metadata.createAll(engine);
    const session = new Session(engine);
    const close = async (): Promise<void> => {
      await session.close();
      await engine.dispose();
    };
    return { engine, session, log: new StatementLog(engine), close };
  }

  it("wait for a key to which the rows of two classes refer", async () => {
    const Base = declarativeBase();
    class Author extends Base("author", { id: integer().primaryKey() }) {}
    class Review extends Base("review", {
      id: integer().primaryKey(),
      get authorId() {
        return integer().references(Author.c.id);
      },
      get author() {
        return manyToOne(Author);
      },
    }) {}
    class Book extends Base("book", {
      id: integer().primaryKey(),
      get authorId() {
        return integer().references(Author.c.id);
      },
      get author() {
        return manyToOne(Author);
      },
    }) {}
    const { engine, session, close } = await start(Base);
    const author = new Author();
    session.addAll([author, new Book({ author }), new Review({ author })]);
    await session.commit();
    for (const table of ["book", "review"])
      expect(await rowsOf(engine, `SELECT author_id FROM ${table}`)).toEqual([[author.id]]);
    await close();
  });

  it("keep the order of rows whose tables are of two metadata", async () => {
    const [A, B] = [declarativeBase(), declarativeBase()];
    class Zero extends A("zero", { id: integer().primaryKey() }) {}
    class Author extends A("zz_author", { id: integer().primaryKey() }) {}
    class Book extends B("book", {
      id: integer().primaryKey(),
      get authorId() {
        return integer().references(Author.c.id);
      },
      get author() {
        return manyToOne(Author);
      },
    }) {}
    const { session, log, close } = await start(A, B);
    const author = new Author();
    const book = new Book({ author });
    session.addAll([new Zero(), author, book]);
    await session.commit();
    expect(book.authorId).toBe(author.id);
    log.clear();
    session.delete(author);
    session.delete(book);
    await session.commit();
    expect(log.writes).toEqual(["DELETE book", "DELETE zz_author"]);
    await close();
  });

  it("follow a chain of foreign keys to what is said last", async () => {
    const Base = declarativeBase();
    class Top extends Base("top", { id: integer().primaryKey(), code: varchar(9).unique() }) {}
    class Middle extends Base("middle", {
      id: integer().primaryKey(),
      get code() {
        return varchar(9).unique().references(Top.c.code);
      },
      get top() {
        return manyToOne(Top);
      },
    }) {}
    class Low extends Base("low", {
      id: integer().primaryKey(),
      get code() {
        return varchar(9).references(Middle.c.code);
      },
      get middle() {
        return manyToOne(Middle);
      },
    }) {}
    const { engine, session, close } = await start(Base);
    const top = new Top({ code: "x" });
    const middle = new Middle({ top });
    session.addAll([top, middle, new Low({ middle })]);
    top.code = "y";
    await session.commit();
    for (const table of ["top", "middle", "low"])
      expect(await rowsOf(engine, `SELECT code FROM ${table}`)).toEqual([["y"]]);
    await close();
  });

  it("delete rows before others with which ON DELETE CASCADE takes along what they refer to", async () => {
    const Base = declarativeBase();
    class C extends Base("tc", {
      id: integer().primaryKey(),
      get bId() {
        return integer().references(B.c.id);
      },
    }) {}
    class A extends Base("ta", {
      id: integer().primaryKey(),
      get cId() {
        return integer().references(C.c.id);
      },
    }) {}
    class B extends Base("tb", {
      id: integer().primaryKey(),
      get aId() {
        return integer().references(A.c.id, { onDelete: "cascade" });
      },
    }) {}
    const { session, log, close } = await start(Base);
    const [a, b, c] = [new A({ id: 1 }), new B({ id: 1, aId: 1 }), new C({ id: 1, bId: 1 })];
    session.addAll([a, b, c]);
    await session.commit();
    log.clear();
    session.delete(a);
    session.delete(c);
    await session.commit();
    expect(log.writes).toEqual(["DELETE tc", "DELETE ta"]);
    await close();
  });

  it("call functions in the order of the plan, and once, also if something is refused then", async () => {
    const Base = declarativeBase();
    let made = 0;
    const next = (): number => ++made;
    class Item extends Base("item", {
      id: varchar(9)
        .primaryKey()
        .default(() => `k${next()}`),
      note: varchar(9).serverDefault("d"),
      turn: integer().onUpdate(next),
    }) {}
    const { session, log, close } = await start(Base);
    const items = [new Item({ note: "a" }), new Item(), new Item({ note: "c" })];
    session.addAll(items);
    await session.commit();
    expect(items.map(({ id }) => id)).toEqual(["k1", "k2", "k3"]);
    const [first, second] = items as [Item, Item];
    second.note = "x";
    first.note = "y";
    await session.commit();
    expect([second.turn, first.turn]).toEqual([4, 5]);
    log.clear();
    session.addAll([new Item({ id: "k7" }), new Item(), new Item()]);
    await expect(session.flush()).rejects.toThrow(DuplicateIdentityError);
    expect([made, log.all]).toEqual([7, []]);
    await session.rollback();
    await close();
  });

  it("write what functions that make values have done to other objects of the flush", async () => {
    const Base = declarativeBase();
    class Counter extends Base("counter", {
      id: integer().primaryKey(),
      last: integer().notNull(),
      total: integer(),
    }) {}
    const counter = new Counter({ id: 1, last: 0 });
    const next = (): number => {
      counter.last += 1;
      return counter.last;
    };
    class Item extends Base("item", {
      id: integer().primaryKey().default(next),
      v: integer(),
      turn: integer().onUpdate(next),
    }) {}
    const { engine, session, close } = await start(Base);
    const stored = () => rowsOf(engine, "SELECT last FROM counter");
    const items = [new Item(), new Item()] as [InstanceType<typeof Item>, InstanceType<typeof Item>];
    session.addAll([...items, counter]);
    await session.commit();
    expect([counter.last, await stored()]).toEqual([2, [[2]]]);
    counter.total = 5;
    session.add(new Item());
    await session.commit();
    expect([counter.last, await stored()]).toEqual([3, [[3]]]);
    counter.total = 6;
    items[1].v = 1;
    items[0].v = 1;
    await session.commit();
    expect([items[1].turn, items[0].turn, counter.last, await stored()]).toEqual([4, 5, 5, [[5]]]);
    await close();
  });

  it("share statements however many shapes there are", async () => {
    const Base = declarativeBase();
    const COLUMNS = 9;
    const columns = Object.fromEntries(
      Array.from({ length: COLUMNS }, (_, i): [string, ColumnDefinition<number, true>] => [`c${i}`, integer()]),
    );
    class Wide extends Base("wide", { id: integer().primaryKey(), ...columns }) {}
    const { session, log, close } = await start(Base);
    const objects = Array.from({ length: 1_000 }, (_, i) => new Wide({ id: i }));
    session.addAll(objects);
    await session.commit();
    for (const [i, object] of objects.entries()) {
      const values = object as unknown as Record<string, number>; // its columns are made by a loop
      for (let k = 0; k < COLUMNS; k++) if (((i * 7) >> k) % 2 === 1) values[`c${k}`] = i;
    }
    const planned = (await session.plan()).statements;
    log.clear();
    await session.commit();
    expect(log.all.map(({ sql }) => sql).toSorted()).toEqual([...planned].sort());
    await close();
  });

  it("take null for a key that the database is to make, with a plan or without", async () => {
    const { Base, Author, Book } = models();
    for (const note of ["direct", "planned"]) {
      const { session, close } = await start(Base);
      const author = new Author({ id: null as never, name: "a" });
      const book = new Book({ title: note, author });
      session.add(book);
      if (note === "planned") {
        const other = new Author({ name: "b" });
        session.add(other);
        await session.flush();
        session.delete(other);
        session.addAll([new Book({ author: new Author({ id: null as never, name: "c" }) })]);
      }
      await session.commit();
      expect(book.authorId).toBe(author.id);
      expect(author.books).toEqual([book]);
      await close();
    }
  });
});

/** What one step of a random program does, to the objects that two numbers choose. */
const STEPS = [
  "add author",
  "add book to author",
  "add book by collection",
  "add book by key",
  "add book alone",
  "add copy",
  "rank",
  "name",
  "title",
  "data",
  "email",
  "move",
  "delete",
] as const;

const program = fc.array(
  fc.record({
    steps: fc.array(fc.tuple(fc.constantFrom(...STEPS), fc.nat({ max: 40 }), fc.nat({ max: 40 })), { maxLength: 8 }),
    end: fc.constantFrom("commit" as const, "commit" as const, "rollback" as const),
  }),
  { maxLength: 5 },
);

onEveryDatabase("flushes with and without a plan", (database) => {
  it("send what the plan says and leave objects as their rows are", async () => {
    const { Base, Author, Book, Copy, engine, session, log, close } = await open(database);
    type Author = InstanceType<typeof Author>;
    type Book = InstanceType<typeof Book>;
    type Copy = InstanceType<typeof Copy>;
    let serial = 0;
    let objects: (Author | Book | Copy)[] = [];
    const referred = new Set<Author>(); // by rows of which their collections know nothing: these would be left

    const present = () => objects.filter((one) => session.has(one) && !session.deleted.has(one));
    const chosen = <T>(list: readonly T[], number: number): T | undefined => list[number % Math.max(1, list.length)];
    const add = (object: Author | Book): void => {
      objects.push(object);
      session.add(object);
    };
    const perform = (what: (typeof STEPS)[number], a: number, b: number): void => {
      const author = chosen(
        present().filter((one) => one instanceof Author),
        a,
      );
      const book = chosen(
        present().filter((one) => one instanceof Book),
        b,
      );
      const isStored = author !== undefined && !session.new.has(author);
      if (what === "add author")
        add(new Author({ name: `n${a}`, email: a % 2 ? null : `e${serial++}`, ...(b % 3 === 0 && { rank: b }) }));
      else if (what === "add book alone") add(new Book({ title: b % 4 ? `t${b}` : null }));
      else if (what === "add book to author" && author) add(new Book({ author }));
      else if (what === "add book by key" && isStored) {
        add(new Book({ authorId: author.id }));
        referred.add(author);
      } else if (what === "add book by collection" && author) {
        const pushed = new Book({ data: { pages: b } });
        author.books.push(pushed);
        objects.push(pushed);
      } else if (what === "add copy" && book) {
        const pushed = new Copy({ shelf: a });
        book.copies.push(pushed);
        objects.push(pushed);
      } else if (what === "rank" && author) author.rank = b;
      else if (what === "name" && author) author.name = `n${b}`;
      else if (what === "email" && author) author.email = b % 5 ? `e${serial++}` : null;
      else if (what === "title" && book) book.title = a % 4 ? `t${a}` : null;
      else if (what === "data" && book) book.data = a % 4 ? { pages: a } : null;
      else if (what === "move" && book) book.author = author ?? null;
      else if (what === "delete" && isStored && !referred.has(author)) session.delete(author);
    };

    /** Every row of the three tables, as the session's transaction has it. */
    const stored = async () => {
      const connection = await session.connection();
      const { id, name, rank, note, email, writes } = Author.c;
      const [authors, books, copies] = [
        await connection.execute(select(id, name, rank, note, email, writes).orderBy(id)),
        await connection.execute(select(Book.c.id, Book.c.title, Book.c.data, Book.c.authorId).orderBy(Book.c.id)),
        await connection.execute(select(Copy.c.id, Copy.c.shelf, Copy.c.bookId)),
      ];
      return [[...authors], [...books], [...copies].sort()].map((rows) => rows.map((row) => [...row]));
    };
    const shown = () => {
      const all = present();
      const authors = all.filter((one) => one instanceof Author).sort((a, b) => a.id - b.id);
      const books = all.filter((one) => one instanceof Book).sort((a, b) => a.id - b.id);
      const copies = all.filter((one) => one instanceof Copy);
      return [
        authors.map(({ id, name, rank, note, email, writes }) => [id, name, rank, note, email, writes]),
        books.map(({ id, title, data, authorId }) => [id, title, data, authorId]),
        copies.map(({ id, shelf, bookId }) => [id, shelf, bookId]).sort(),
      ];
    };

    const run = async (rounds: typeof program extends fc.Arbitrary<infer Rounds> ? Rounds : never): Promise<void> => {
      await session.rollback(); // what a run before has left
      session.clear();
      objects = [];
      await engine.begin(async (connection) => {
        for (const table of ["copy", "book", "author"]) await connection.execute(text(`DELETE FROM ${table}`));
      });
      for (const { steps, end } of rounds) {
        for (const step of steps) perform(...step);
        const planned = (await session.plan()).statements;
        log.clear();
        await session.flush();
        expect(log.all.map(({ sql }) => sql).filter((sql) => !sql.startsWith("SELECT"))).toEqual(planned);
        expect(shown()).toEqual(await stored());
        await session[end]();
        expect(shown()).toEqual(await stored());
        await session.commit();
      }
    };
    await fc.assert(fc.asyncProperty(program, run), { numRuns: 150 });
    await Base.metadata.dropAll(engine);
    await close();
  }, 120_000);
});
