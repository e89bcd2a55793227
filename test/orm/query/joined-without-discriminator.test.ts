import { DuplicateIdentityError, declarativeBase, integer, Session, select, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../../support/databases.ts";

const Base = declarativeBase();

class Person extends Base("person", { id: integer().primaryKey(), name: varchar(50) }) {}

class Pilot extends Base.inherit(Person, "pilot", {
  get id() {
    return integer().primaryKey().references(Person.c.id);
  },
  hours: integer(),
}) {}

onEveryDatabase("joined inheritance without polymorphicOn", (database) => {
  async function open() {
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await using writing = new Session(engine);
    writing.addAll([new Person({ id: 1, name: "ed" }), new Pilot({ id: 2, name: "mary", hours: 7 })]);
    await writing.commit();
    return new Session(engine);
  }

  it("loads every row as an object of the class that is asked for", async () => {
    await using session = await open();
    const people = await session.all(select(Person).orderBy(Person.c.id));
    expect(people.map((person) => [person.constructor, person.name])).toEqual([
      [Person, "ed"],
      [Person, "mary"],
    ]);
  });

  it("gives the object of the subclass that the session has", async () => {
    await using session = await open();
    const pilot = await session.one(select(Pilot));
    expect(await session.all(select(Person).orderBy(Person.c.id.desc()).limit(1))).toEqual([pilot]);
    expect(await session.get(Person, 2)).toBe(pilot);
    expect(await session.get(Pilot, 1)).toBeNull();
  });

  it("refuses to give an object of the parent for one of the subclass", async () => {
    await using session = await open();
    const person = await session.get(Person, 2);
    const message =
      "A row of Pilot is in the session as Person#2, an object of another class: the row was loaded as a Person before, " +
      "and Person has no polymorphicOn to say that it is a Pilot. Give Person a polymorphicOn and a polymorphicMap, or load " +
      "the row as a Pilot first.";
    await expect(session.all(select(Pilot))).rejects.toThrow(new DuplicateIdentityError(message));
    await expect(session.get(Pilot, 2)).rejects.toThrow(DuplicateIdentityError);
    await session.get(Person, 1);
    expect(await session.get(Pilot, 1)).toBeNull();
    session.expunge(person!);
    expect((await session.get(Pilot, 2))?.hours).toBe(7);
  });
});
