import { declarativeBase, inspect, lazy, manyToOne, Session, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../../support/databases.ts";
import { rowsOf } from "../../support/statements.ts";

async function setUp(database: TestDatabase) {
  const Base = declarativeBase();
  class Group extends Base("grp", { code: varchar(20).primaryKey() }) {}
  class Person extends Base("person", {
    code: varchar(20).primaryKey(),
    name: varchar(20),
    get groupCode() {
      return varchar(20).references(Group.c.code);
    },
    get group() {
      return manyToOne(Group);
    },
  }) {}
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  const [red, blue] = [new Group({ code: "red" }), new Group({ code: "blue" })];
  const person = new Person({ code: "a", name: "old", group: red });
  session.addAll([red, blue, person]);
  await session.commit();
  return { Group, Person, engine, session, person, blue };
}

onEveryDatabase("a row that was written by an object which left the session, and read again", (database) => {
  for (const how of ["clear", "expunge"] as const) {
    for (const end of ["rollback", "savepoint"] as const) {
      it(`is as before after a rollback (${how}, ${end})`, async () => {
        const { Person, engine, session, person, blue } = await setUp(database);
        const undone = end === "savepoint" ? await session.beginNested() : session;
        person.name = "changed";
        person.group = blue;
        const added = new Person({ code: "n" });
        session.add(added);
        await session.flush();
        if (how === "clear") session.clear();
        else for (const object of [person, added]) session.expunge(object);
        const again = await session.get(Person, "a");
        const inserted = await session.get(Person, "n");
        if (again === null || inserted === null) throw new Error("Both rows are there.");
        expect([again.name, (await lazy(again).group)?.code]).toEqual(["changed", "blue"]);
        again.name = "once more";
        await session.flush();

        await undone.rollback();
        expect(await session.get(Person, "a")).toBe(again);
        expect([await lazy(again).name, (await lazy(again).group)?.code]).toEqual(["old", "red"]);
        expect(await session.get(Person, "n")).toBeNull();
        expect(inspect(inserted).state).toBe("transient");
        again.name = "new";
        session.add(inserted);
        await session.commit();
        expect(await rowsOf(engine, "select code, name, group_code from person order by code")).toEqual([
          ["a", "new", "red"],
          ["n", null, null],
        ]);
        await session.close();
      });
    }
  }

  it("has its key again, which another one had meanwhile", async () => {
    const { Person, session, person } = await setUp(database);
    const other = new Person({ code: "b", name: "other" });
    session.add(other);
    await session.commit();
    person.code = "z";
    await session.flush();
    other.code = "a";
    await session.flush();
    session.clear();
    const [a, z] = [await session.get(Person, "a"), await session.get(Person, "z")];
    expect([a?.name, z?.name]).toEqual(["other", "old"]);
    await session.rollback();
    expect(await session.get(Person, "z")).toBeNull();
    expect(await session.get(Person, "a")).toBe(a);
    expect(a && (await lazy(a).name)).toBe("old");
    expect((await session.get(Person, "b"))?.name).toBe("other");
    await session.close();
  });

  it("is that of the object that was deleted, if a new one took its place and left", async () => {
    const { Person, session, person } = await setUp(database);
    session.delete(person);
    await session.flush();
    const next = new Person({ code: "a", name: "next" });
    session.add(next);
    await session.flush();
    session.expunge(next);
    const again = await session.get(Person, "a");
    expect(again?.name).toBe("next");
    await session.rollback();
    expect(await session.get(Person, "a")).toBe(person);
    expect(person.name).toBe("old");
    expect(again && inspect(again).state).toBe("transient");
    await session.close();
  });
});
