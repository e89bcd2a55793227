import { declarativeBase, FlushCycleError, foreignKey, integer, manyToMany, manyToOne, Session, Table } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// Rows whose own key holds what they refer to, and which are moved from one row to another while these change their keys.

for (const options of [{ onUpdate: "cascade" }, {}] as const) {
  const title = "onUpdate" in options ? "with ON UPDATE CASCADE" : "under plain foreign keys";
  onEveryDatabase(`a row that is known by what it refers to ${title}`, (database) => {
    const { keysFollow } = database.capabilities; // InnoDB carries no change by two foreign keys into a row's own key

    async function setUp(suspendForeignKeyChecks = !keysFollow) {
      const Base = declarativeBase();
      class Shelf extends Base("shelf", { id: integer().primaryKey() }) {}
      class Book extends Base("book", {
        position: integer().primaryKey(),
        get shelfId() {
          return integer().primaryKey().references(Shelf.c.id, options);
        },
        get countedFrom() {
          return integer().notNull().references(Shelf.c.id, options);
        },
        get shelf() {
          return manyToOne(Shelf, { foreignKeys: [Book.c.shelfId] });
        },
        get start() {
          return manyToOne(Shelf, { foreignKeys: [Book.c.countedFrom] });
        },
      }) {}
      const engine = database.open();
      await Base.metadata.createAll(engine);
      const session = new Session(engine, { suspendForeignKeyChecks });
      const shelves = [10, 11, 13].map((id) => new Shelf({ id })) as [Shelf, Shelf, Shelf];
      const book = new Book({ position: 1, shelf: shelves[1], start: shelves[1] });
      const other = new Book({ position: 2, shelf: shelves[1], start: shelves[1] });
      session.addAll([...shelves, book, other]);
      await session.commit();
      return { engine, session, shelves, book, other, log: new StatementLog(engine) };
    }

    const books = "select position, shelf_id, counted_from from book order by position";

    it("moves to the one that takes the key of its own, while three exchange theirs", async () => {
      const { engine, session, shelves, book, other } = await setUp();
      const [a, b, c] = shelves;
      [a.id, b.id, c.id] = [11, 13, 10];
      book.shelf = a;
      await session.commit();
      expect(await rowsOf(engine, books)).toEqual([
        [1, 11, 13],
        [2, 13, 13],
      ]);
      expect([book.shelfId, book.countedFrom, other.shelfId]).toEqual([11, 13, 13]);
      await session.close();
      await engine.dispose();
    });

    it("moves to the one that takes the key of its own, which takes one that the row must let go of first", async () => {
      const { engine, session, shelves, book } = await setUp();
      const [a, b, c] = shelves;
      book.start = c;
      await session.commit();
      // Shelf 13 goes, which waits for the book; the book waits for shelf 11 to have left its key, which is to be 13.
      session.delete(c);
      [a.id, b.id] = [11, 13];
      [book.shelf, book.start] = [a, a];
      await session.commit();
      expect(await rowsOf(engine, books)).toEqual([
        [1, 11, 11],
        [2, 13, 13],
      ]);
      expect([book.shelfId, book.countedFrom]).toEqual([11, 11]);
      await session.close();
      await engine.dispose();
    });

    it.runIf(!keysFollow)(
      "is in the way of a new key before any statement, unless checks may be suspended",
      async () => {
        const { engine, session, shelves, book, other, log } = await setUp(false);
        shelves[1].id = 12;
        const refused = await session.flush().catch((error: unknown) => error);
        expect(refused).toBeInstanceOf(FlushCycleError);
        expect(String(refused)).toContain("suspendForeignKeyChecks: true");
        expect(log.writes).toEqual([]);
        await session.rollback();
        // Nothing is in the way of it where no row is left that refers to the shelf.
        await session.refresh(other);
        shelves[1].id = 12;
        session.delete(book);
        other.shelf = other.start = shelves[0];
        await session.commit();
        expect(await rowsOf(engine, books)).toEqual([[2, 10, 10]]);
        await session.close();
        await engine.dispose();
      },
    );
  });
}

/** Books that must stand on a shelf, and sessions in which the keys of shelves can change. */
async function shelvesOn(database: TestDatabase, options: { readonly onUpdate?: "cascade" }) {
  const Base = declarativeBase();
  class Shelf extends Base("shelf", { id: integer().primaryKey() }) {}
  class Book extends Base("book", {
    id: integer().primaryKey(),
    get shelfId() {
      return integer().notNull().references(Shelf.c.id, options);
    },
    get shelf() {
      return manyToOne(Shelf);
    },
  }) {}
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const suspendForeignKeyChecks = options.onUpdate === undefined && !database.capabilities.keysFollow;
  return { Shelf, Book, engine, open: () => new Session(engine, { suspendForeignKeyChecks }) };
}

onEveryDatabase("a row that must refer to another one", (database) => {
  it.each([{ onUpdate: "cascade" }, {}] as const)(
    "goes from one that is deleted to one that takes its key, while a new one takes the key which that leaves %o",
    async (options) => {
      const { Shelf, Book, engine, open } = await shelvesOn(database, options);
      const session = open();
      const [gone, moving] = [new Shelf({ id: 1 }), new Shelf({ id: 2 })];
      const [first, second] = [new Book({ id: 1, shelf: gone }), new Book({ id: 2, shelf: moving })];
      session.addAll([gone, moving, first, second]);
      await session.commit();
      const added = new Shelf({ id: 2 });
      moving.id = 1;
      first.shelf = moving;
      second.shelf = added;
      session.delete(gone);
      session.add(added);
      await session.commit();
      expect(await rowsOf(engine, "select id, shelf_id from book order by id")).toEqual([
        [1, 1],
        [2, 2],
      ]);
      expect([first.shelf, first.shelfId, second.shelf, second.shelfId]).toEqual([moving, 1, added, 2]);
      expect(await session.get(Shelf, 1)).toBe(moving);
      expect(await session.get(Shelf, 2)).toBe(added);
      await session.close();
      await engine.dispose();
    },
  );
});

onEveryDatabase("a row that refers to one of its own table and must", (database) => {
  it("takes the key of its next one, which takes that of the one before, which is deleted", async () => {
    const Base = declarativeBase();
    class Node extends Base("node", {
      id: integer().primaryKey(),
      get parentId() {
        return integer().notNull().references(Node.c.id);
      },
      get parent() {
        return manyToOne(Node, { remoteSide: [Node.c.id] });
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine, { suspendForeignKeyChecks: !database.capabilities.keysFollow });
    const root = new Node({ id: 1, parentId: 1 });
    const middle = new Node({ id: 2, parent: root });
    const leaf = new Node({ id: 3, parent: middle });
    session.addAll([root, middle, leaf]);
    await session.commit();
    [root.id, leaf.id, leaf.parent] = [2, 1, root];
    session.delete(middle);
    await session.commit();
    expect(await rowsOf(engine, "select id, parent_id from node order by id")).toEqual([
      [1, 2],
      [2, 2],
    ]);
    expect([leaf.parentId, root.parentId]).toEqual([2, 2]);
    await session.close();
    await engine.dispose();
  });
});

onEveryDatabase("rows that refer to one of their own table and need not", (database) => {
  it("exchange keys and leave one that refers to them in turn, without leave to suspend checks", async () => {
    const Base = declarativeBase();
    class Node extends Base("node", {
      id: integer().primaryKey(),
      get parentId() {
        return integer().references(Node.c.id);
      },
      get parent() {
        return manyToOne(Node, { remoteSide: [Node.c.id] });
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    const old = new Node({ id: 1 });
    const [two, three, four] = [2, 3, 4].map((id) => new Node({ id, parent: old })) as [Node, Node, Node];
    session.addAll([old, two, three, four]);
    await session.commit();
    old.parent = two;
    await session.commit();
    const root = new Node({ id: 5, parent: two });
    for (const node of [two, three, four]) node.parent = root;
    [two.id, three.id] = [3, 2];
    session.delete(old);
    session.add(root);
    await session.commit();
    expect(await rowsOf(engine, "select id, parent_id from node order by id")).toEqual([
      [2, 5],
      [3, 5],
      [4, 5],
      [5, 3],
    ]);
    expect([two.parentId, three.parentId, four.parentId, root.parentId]).toEqual([5, 5, 5, 3]);
    await session.close();
    await engine.dispose();
  });
});

onEveryDatabase("a new object that takes over a row", (database) => {
  async function setUp() {
    const Base = declarativeBase();
    class Shelf extends Base("shelf", { id: integer().primaryKey() }) {}
    class Book extends Base("book", {
      position: integer().primaryKey(),
      title: integer().notNull(),
      get shelfId() {
        return integer().primaryKey().references(Shelf.c.id, { onUpdate: "cascade" });
      },
      get shelf() {
        return manyToOne(Shelf);
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    const shelf = new Shelf({ id: 1 });
    const old = new Book({ position: 1, title: 1, shelf });
    session.add(old);
    await session.commit();
    const close = async () => {
      await session.close();
      await engine.dispose();
    };
    return { Shelf, Book, engine, session, shelf, old, log: new StatementLog(engine), close };
  }

  const books = "select position, shelf_id, title from book order by shelf_id";

  it("shows the key of the row, though its owner's key went there and back", async () => {
    const { Book, engine, session, shelf, old, close } = await setUp();
    shelf.id = 2;
    const book = new Book({ position: 1, title: 2, shelf });
    shelf.id = 1;
    session.delete(old);
    session.add(book);
    await session.commit();
    expect(await rowsOf(engine, books)).toEqual([[1, 1, 2]]);
    expect(book.shelfId).toBe(1);
    expect(await session.get(Book, { position: 1, shelfId: 1 })).toBe(book);
    await close();
  });

  it("does so as well if the row gets that key by following another one", async () => {
    const { Shelf, Book, engine, session, shelf, old, log, close } = await setUp();
    shelf.id = 2;
    const [book, other] = [new Book({ position: 1, title: 2, shelf }), new Book({ position: 1, title: 3 })];
    other.shelf = new Shelf({ id: 1 }); // and its key goes to one of another shelf
    session.delete(old);
    session.addAll([book, other]);
    log.clear();
    await session.commit();
    expect(log.writes.filter((sql) => sql.startsWith("DELETE"))).toEqual([]);
    expect(await rowsOf(engine, books)).toEqual([
      [1, 1, 3],
      [1, 2, 2],
    ]);
    expect([book.shelfId, other.shelfId]).toEqual([2, 1]);
    expect(await session.get(Book, { position: 1, shelfId: 2 })).toBe(book);
    await close();
  });

  it("does not if the deleted one was moved to the other row before", async () => {
    const { Shelf, Book, engine, session, shelf, old, close } = await setUp();
    const other = new Shelf({ id: 3 });
    session.add(other);
    await session.commit();
    [shelf.id, other.id] = [2, 4];
    old.shelf = other;
    session.delete(old);
    session.add(new Book({ position: 1, title: 2, shelf: other }));
    await session.commit();
    expect(await rowsOf(engine, books)).toEqual([[1, 4, 2]]);
    await close();
  });
});

onEveryDatabase("a row whose relationship is not loaded", (database) => {
  it.each([{ onUpdate: "cascade" }, {}] as const)(
    "refers to a new object that takes the key of the one before, whose key changes %o",
    async (options) => {
      const { Shelf, Book, engine, open } = await shelvesOn(database, options);
      const first = open();
      const shelf = new Shelf({ id: 1 });
      first.addAll([1, 2].map((id) => new Book({ id, shelf })));
      await first.commit();
      await first.close();

      const session = open();
      const [moving, book] = [await session.get(Shelf, 1), await session.get(Book, 1)];
      if (moving === null || book === null) throw new Error("The rows are gone.");
      moving.id = 2;
      book.shelf = new Shelf({ id: 1 });
      expect(session.isModified(book)).toBe(true);
      await session.commit();
      expect(await rowsOf(engine, "select id, shelf_id from book order by id")).toEqual([
        [1, 1],
        [2, 2],
      ]);
      await session.close();
      await engine.dispose();
    },
  );
});

// The foreign keys of the association table say nothing of ON UPDATE: on MariaDB, nothing can carry a change along them.
onEveryDatabase("a pair with a row whose key follows that of another one", (database) => {
  async function setUp() {
    const Base = declarativeBase();
    class Shelf extends Base("shelf", { id: integer().primaryKey() }) {}
    class Book extends Base("book", {
      position: integer().primaryKey(),
      get shelfId() {
        return integer().primaryKey().references(Shelf.c.id, { onUpdate: "cascade" });
      },
      get shelf() {
        return manyToOne(Shelf);
      },
      get tags() {
        return manyToMany(Tag, { through: bookTag });
      },
    }) {}
    class Tag extends Base("tag", { id: integer().primaryKey() }) {}
    const bookTag = new Table(
      "book_tag",
      Base.metadata,
      {
        book_position: integer().primaryKey(),
        book_shelf_id: integer().primaryKey(),
        tag_id: integer().primaryKey().references("tag.id"),
      },
      (c) => [foreignKey([c.book_position, c.book_shelf_id], ["book.position", "book.shelf_id"])],
    );
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    const shelves = [new Shelf({ id: 1 }), new Shelf({ id: 2 })] as const;
    const books = shelves.map((shelf) => new Book({ position: 1, shelf })) as [Book, Book];
    const tag = new Tag({ id: 1 });
    session.addAll([...books, tag]);
    await session.commit();
    const close = async () => {
      await session.close();
      await engine.dispose();
    };
    return { engine, session, shelves, books, tag, close };
  }

  const pairs = "select book_position, book_shelf_id, tag_id from book_tag order by book_shelf_id";

  it("is inserted when the row has its key", async () => {
    const { engine, session, shelves, books, tag, close } = await setUp();
    [shelves[0].id, shelves[1].id] = [2, 1];
    books[0].tags.push(tag);
    await session.commit();
    expect(await rowsOf(engine, pairs)).toEqual([[1, 2, 1]]);
    expect(books.map(({ shelfId }) => shelfId)).toEqual([2, 1]);
    await close();
  });

  it("is deleted before the row loses its key", async () => {
    const { engine, session, shelves, books, tag, close } = await setUp();
    books[0].tags.push(tag);
    await session.commit();
    [shelves[0].id, shelves[1].id] = [2, 1];
    books[0].tags.pop();
    await session.commit();
    expect(await rowsOf(engine, pairs)).toEqual([]);
    expect(books.map(({ shelfId }) => shelfId)).toEqual([2, 1]);
    await close();
  });

  const { deferForeignKeys, sharesStatement } = database.capabilities;
  const canFollow = deferForeignKeys || sharesStatement;
  it.runIf(canFollow)("stays with its row, which takes another number, and an owner whose key it has", async () => {
    const { engine, session, shelves, books, tag, close } = await setUp();
    books[1].position = 2;
    books[0].tags.push(tag);
    await session.commit();
    [shelves[0].id, shelves[1].id] = [2, 1];
    [books[0].shelf, books[1].shelf] = [books[1].shelf, books[0].shelf];
    [books[0].position, books[1].position] = [2, 1];
    await session.commit();
    expect(await rowsOf(engine, pairs)).toEqual([[2, 1, 1]]);
    expect(books.map(({ position, shelfId }) => [position, shelfId])).toEqual([
      [2, 1],
      [1, 2],
    ]);
    await close();
  });

  it("gives its place to a pair with the row that takes the key", async () => {
    const { engine, session, shelves, books, tag, close } = await setUp();
    books[0].tags.push(tag);
    await session.commit();
    [shelves[0].id, shelves[1].id] = [2, 1];
    books[0].tags.pop();
    books[1].tags.push(tag);
    await session.commit();
    expect(await rowsOf(engine, pairs)).toEqual([[1, 1, 1]]);
    await close();
  });
});

for (const part of ["the book", "the shelf that it is shown on"] as const) {
  onEveryDatabase(`a copy of a book, known by ${part} under ON UPDATE CASCADE`, (database) => {
    const { keysFollow } = database.capabilities; // InnoDB: not for a row which the change reaches on the way from the book, too
    const isKnownByBook = part === "the book";
    const onUpdate = "cascade";

    async function setUp(suspendForeignKeyChecks: boolean) {
      const Base = declarativeBase();
      class Shelf extends Base("shelf", { id: integer().primaryKey() }) {}
      class Book extends Base("book", {
        position: integer().primaryKey(),
        get shelfId() {
          return integer().primaryKey().references(Shelf.c.id, { onUpdate });
        },
        get shelf() {
          return manyToOne(Shelf);
        },
      }) {}
      class Copy extends Base("copy", {
        number: integer().primaryKey(),
        get bookPosition() {
          return isKnownByBook ? integer().primaryKey() : integer();
        },
        get bookShelfId() {
          return isKnownByBook ? integer().primaryKey() : integer();
        },
        get shownOnId() {
          const column = integer().references(Shelf.c.id, { onUpdate });
          return isKnownByBook ? column : column.primaryKey();
        },
        get book() {
          return manyToOne(Book);
        },
        get shownOn() {
          return manyToOne(Shelf);
        },
        get tableArgs() {
          return [
            foreignKey([Copy.c.bookPosition, Copy.c.bookShelfId], [Book.c.position, Book.c.shelfId], { onUpdate }),
          ];
        },
      }) {}
      const engine = database.open();
      await Base.metadata.createAll(engine);
      const session = new Session(engine, { suspendForeignKeyChecks });
      const shelves = [1, 2].map((id) => new Shelf({ id })) as [Shelf, Shelf];
      const books = shelves.map((shelf) => new Book({ position: 1, shelf })) as [Book, Book];
      const copies = books.map((book, i) => new Copy({ number: i, book, shownOn: shelves[0] })) as [Copy, Copy];
      session.addAll([...shelves, ...books, ...copies]);
      await session.commit();
      const close = async (): Promise<void> => {
        await session.close();
        await engine.dispose();
      };
      return { engine, session, shelves, copies, log: new StatementLog(engine), close };
    }

    const copiesIn = "select number, book_shelf_id, shown_on_id from copy order by number";

    it("follows the key of a shelf by both of its references", async () => {
      const { engine, session, shelves, copies, close } = await setUp(isKnownByBook && !keysFollow);
      shelves[0].id = 3;
      await session.commit();
      expect(await rowsOf(engine, copiesIn)).toEqual([
        [0, 3, 3],
        [1, 2, 3],
      ]);
      expect(copies.map(({ bookShelfId, shownOnId }) => [bookShelfId, shownOnId])).toEqual([
        [3, 3],
        [2, 3],
      ]);
      await close();
    });

    it.runIf(isKnownByBook && !keysFollow)(
      "is in the way of a new key before any statement, unless checks may be suspended or it is shown elsewhere",
      async () => {
        const { engine, session, shelves, copies, log, close } = await setUp(false);
        shelves[0].id = 3;
        const refused = await session.flush().catch((error: unknown) => error);
        expect(refused).toBeInstanceOf(FlushCycleError);
        expect(String(refused)).toMatch(
          /rows of copy refer to it and to shelf, whose key it follows, by the foreign keys/,
        );
        expect(log.writes).toEqual([]);
        await session.rollback();
        copies[0].shownOn = shelves[1];
        await session.commit();
        shelves[0].id = 3;
        await session.commit();
        expect(await rowsOf(engine, copiesIn)).toEqual([
          [0, 3, 2],
          [1, 2, 3],
        ]);
        await close();
      },
    );
  });
}
