import { and, declarativeBase, integer, manyToMany, manyToOne, oneToMany, Session, Table, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// Relationships over columns that no foreign key constrains: the database checks nothing, but keys that it makes have to be
// there before they are written elsewhere.

function books([author, book]: readonly [string, string]) {
  const Base = declarativeBase();
  class Author extends Base(author, {
    id: integer().primaryKey(),
    get books() {
      return oneToMany(Book, { backPopulates: "author", ...join() });
    },
  }) {}
  class Book extends Base(book, {
    id: integer().primaryKey(),
    title: varchar(20),
    authorId: integer(),
    get author() {
      return manyToOne(Author, { backPopulates: "books", ...join() });
    },
  }) {}
  const join = () => ({ primaryJoin: Book.c.authorId.eq(Author.c.id), foreignKeys: [Book.c.authorId] });
  return { Base, Author, Book };
}

async function open(database: TestDatabase, Base: ReturnType<typeof declarativeBase>) {
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  const close = async (): Promise<void> => {
    await session.close();
    await engine.dispose();
  };
  return { engine, session, log: new StatementLog(engine), close };
}

onEveryDatabase("a reference without a foreign key", (database) => {
  for (const names of [
    ["a_author", "b_book"],
    ["b_author", "a_book"],
  ] as const) {
    const [author, book] = names;

    it(`gets the key that the database makes, also if the tables are ${names.join(" and ")}`, async () => {
      const { Base, Author, Book } = books(names);
      const { engine, session, log, close } = await open(database, Base);
      const first = new Author();
      session.add(new Book({ title: "x", author: first }));
      first.books.push(new Book({ title: "y" }));
      await session.commit();
      expect(new Set(log.writes)).toEqual(new Set([`INSERT ${author}`, `INSERT ${book}`]));
      expect(log.writes[0]).toBe(`INSERT ${author}`);
      expect(await rowsOf(engine, `SELECT author_id FROM ${book}`)).toEqual([[first.id], [first.id]]);
      await close();
    });

    it(`gets it where a row is updated, too: ${names.join(" and ")}`, async () => {
      const { Base, Author, Book } = books(names);
      const { engine, session, log, close } = await open(database, Base);
      const book1 = new Book({ title: "x" });
      session.add(book1);
      await session.commit();
      log.clear();
      const second = new Author();
      book1.author = second;
      const plan = await session.plan();
      expect(plan.orders.map(({ reason }) => reason)).toEqual([expect.stringContaining("refers to")]);
      await session.commit();
      expect(log.writes).toEqual([`INSERT ${author}`, `UPDATE ${book}`]);
      expect(await rowsOf(engine, `SELECT author_id FROM ${book}`)).toEqual([[second.id]]);
      await close();
    });
  }

  it("closes a circle late", async () => {
    const Base = declarativeBase();
    class Node extends Base("node", {
      id: integer().primaryKey(),
      nextId: integer(),
      get next() {
        return manyToOne(Node, {
          primaryJoin: Node.c.nextId.eq(Node.c.id),
          foreignKeys: [Node.c.nextId],
          remoteSide: [Node.c.id],
        });
      },
    }) {}
    const { engine, session, close } = await open(database, Base);
    const [one, two, self] = [new Node(), new Node(), new Node()];
    one.next = two;
    two.next = one;
    self.next = self;
    session.addAll([one, two, self]);
    await session.commit();
    const rows = await rowsOf(engine, "SELECT id, next_id FROM node ORDER BY id");
    const expected = [
      [one.id, two.id],
      [two.id, one.id],
      [self.id, self.id],
    ].sort(([a = 0], [b = 0]) => a - b);
    expect(rows).toEqual(expected);
    await close();
  });

  it("may be to columns of a hierarchy in two tables", async () => {
    const Base = declarativeBase();
    class Animal extends Base("animal", {
      id: integer().primaryKey(),
      kind: varchar(9),
      name: varchar(9),
      get mapperArgs() {
        return { polymorphicOn: Animal.c.kind, polymorphicIdentity: "animal" };
      },
    }) {}
    class Dog extends Base.inherit(Animal, "dog", {
      id: integer().primaryKey().references(Animal.c.id),
      breed: varchar(9),
      mapperArgs: { polymorphicIdentity: "dog" },
    }) {}
    class Walk extends Base("walk", {
      id: integer().primaryKey(),
      dogName: varchar(9),
      dogBreed: varchar(9),
      get dog() {
        return manyToOne(Dog, {
          primaryJoin: and(Walk.c.dogName.eq(Dog.c.name), Walk.c.dogBreed.eq(Dog.c.breed)),
          foreignKeys: [Walk.c.dogName, Walk.c.dogBreed],
        });
      },
    }) {}
    const { engine, session, close } = await open(database, Base);
    session.add(new Walk({ dog: new Dog({ name: "Rex", breed: "pug" }) }));
    await session.commit();
    expect(await rowsOf(engine, "SELECT dog_name, dog_breed FROM walk")).toEqual([["Rex", "pug"]]);
    await close();
  });

  it("leads through an association table", async () => {
    const Base = declarativeBase();
    const tagged = new Table("a_tagged", Base.metadata, { item: integer().notNull(), tag: integer().notNull() });
    class Item extends Base("b_item", {
      id: integer().primaryKey(),
      get tags() {
        return manyToMany(Tag, {
          through: tagged,
          primaryJoin: Item.c.id.eq(tagged.c.item),
          secondaryJoin: Tag.c.id.eq(tagged.c.tag),
        });
      },
    }) {}
    class Tag extends Base("c_tag", { id: integer().primaryKey() }) {}
    const { engine, session, close } = await open(database, Base);
    const item = new Item();
    item.tags.push(new Tag(), new Tag());
    session.add(item);
    await session.commit();
    expect(await rowsOf(engine, "SELECT item, tag FROM a_tagged ORDER BY tag")).toEqual(
      item.tags.map(({ id }) => [item.id, id]).sort(([, a = 0], [, b = 0]) => a - b),
    );
    await close();
  });
});
