import { declarativeBase, InvalidStateError, integer, manyToMany, manyToOne, Session } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../../support/databases.ts";
import { rowsOf } from "../../support/statements.ts";

// With singleParent an object has one parent at most, which takes it along.

async function setUp(database: TestDatabase) {
  const Base = declarativeBase();
  class Person extends Base("person", {
    id: integer().primaryKey(),
    get passportId() {
      return integer().references(Passport.c.id);
    },
    get passport() {
      return manyToOne(Passport, { cascade: "all, delete-orphan", singleParent: true });
    },
    get bags() {
      return manyToMany(Bag, { through: PersonBag, cascade: "all, delete-orphan", singleParent: true });
    },
  }) {}
  class Passport extends Base("passport", { id: integer().primaryKey() }) {}
  class Bag extends Base("bag", { id: integer().primaryKey() }) {}
  class PersonBag extends Base("person_bag", {
    get personId() {
      return integer().primaryKey().references(Person.c.id);
    },
    get bagId() {
      return integer().primaryKey().references(Bag.c.id);
    },
  }) {}
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  const passport = new Passport({ id: 1 });
  const bag = new Bag({ id: 1 });
  const [one, two] = [new Person({ id: 1, passport, bags: [bag] }), new Person({ id: 2 })];
  session.addAll([one, two]);
  await session.commit();
  const rows = async () => [
    await rowsOf(engine, "select id, passport_id from person order by id"),
    await rowsOf(engine, "select person_id, bag_id from person_bag"),
    await rowsOf(engine, "select id from passport order by id"),
    await rowsOf(engine, "select id from bag"),
  ];
  const close = async () => {
    await session.close();
    await engine.dispose();
  };
  return { Person, Passport, session, one, two, passport, bag, rows, close };
}

onEveryDatabase("singleParent", (database) => {
  it("refuses a second parent, before anything is written", async () => {
    const { Person, session, two, passport, bag, rows, close } = await setUp(database);
    two.passport = passport;
    await expect(session.commit()).rejects.toThrow(
      new InvalidStateError(
        "Person#2.passport and Person#1.passport both hold Passport#1, which can have one parent at most: Person.passport " +
          "is a one-to-one relationship, or has singleParent. Take it out of one of them first.",
      ),
    );
    await session.rollback();
    two.bags.push(bag);
    await expect(session.commit()).rejects.toThrow(/Person#2.bags and Person#1.bags both hold Bag#1/);
    await session.rollback();
    session.add(new Person({ id: 3, passport }));
    await expect(session.commit()).rejects.toThrow(InvalidStateError);
    await session.rollback();
    expect(await rows()).toEqual([
      [
        [1, 1],
        [2, null],
      ],
      [[1, 1]],
      [[1]],
      [[1]],
    ]);
    await close();
  });

  it("refuses two new parents", async () => {
    const { Person, Passport, session, close } = await setUp(database);
    const passport = new Passport({ id: 2 });
    session.addAll([new Person({ id: 3, passport }), new Person({ id: 4, passport })]);
    await expect(session.commit()).rejects.toThrow(InvalidStateError);
    await close();
  });

  it("lets an object move, in whatever order", async () => {
    const { Passport, session, one, two, passport, bag, rows, close } = await setUp(database);
    two.passport = passport;
    one.passport = new Passport({ id: 2 });
    two.bags.push(bag);
    one.bags.pop();
    await session.commit();
    expect(await rows()).toEqual([
      [
        [1, 2],
        [2, 1],
      ],
      [[2, 1]],
      [[1], [2]],
      [[1]],
    ]);
    await close();
  });

  it("lets an object move away from a parent that is deleted", async () => {
    const { session, one, two, passport, rows, close } = await setUp(database);
    one.passport = null;
    two.passport = passport;
    session.delete(one);
    await session.commit();
    expect(await rows()).toEqual([[[2, 1]], [], [[1]], []]);
    await close();
  });
});
