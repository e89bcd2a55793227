import { declarativeBase, integer, manyToOne, oneToOne, Session, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";

// A class with a table of its own declares the key of its parent again. It is the same attribute: what refers to the parent
// refers to it, also while it changes.

const Base = declarativeBase();
class Party extends Base("party", { id: integer().primaryKey() }) {}
class Person extends Base("person", {
  get id() {
    return integer().primaryKey().references(Party.c.id, { onUpdate: "cascade" });
  },
  kind: varchar(10).notNull(),
  get party() {
    return manyToOne(Party);
  },
  get desk() {
    return oneToOne(Desk, { backPopulates: "person" });
  },
  get mapperArgs() {
    return { polymorphicOn: Person.c.kind, polymorphicIdentity: "person" };
  },
}) {}
class Employee extends Base.inherit(Person, "employee", {
  get id() {
    return integer().primaryKey().references(Person.c.id, { onUpdate: "cascade" });
  },
  get mapperArgs() {
    return { polymorphicIdentity: "employee" };
  },
}) {}
class Desk extends Base("desk", {
  id: integer().primaryKey(),
  get personId() {
    return integer().unique().references(Person.c.id, { onUpdate: "cascade" });
  },
  get person() {
    return manyToOne(Person, { backPopulates: "desk" });
  },
}) {}

async function setUp(database: TestDatabase) {
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine, { suspendForeignKeyChecks: !database.capabilities.keysFollow });
  session.addAll([1, 2, 6, 7].map((id) => new Party({ id })));
  await session.flush();
  session.addAll([new Employee({ id: 1 }), new Employee({ id: 2 }), new Desk({ id: 1, personId: 1 })]);
  session.add(new Desk({ id: 2, personId: 2 }));
  await session.commit();
  session.clear();
  const found = async <T>(object: Promise<T | null>): Promise<T> => (await object) ?? expect.unreachable();
  const [first, second] = [await found(session.get(Employee, 1)), await found(session.get(Employee, 2))];
  const desks = () => rowsOf(engine, "select id, person_id from desk order by id");
  const employees = () => rowsOf(engine, "select p.id, e.id from person p join employee e on e.id = p.id order by 1");
  return { session, first, second, desks, employees, desk: (id: number) => found(session.get(Desk, id)) };
}

onEveryDatabase("the key of a subclass changes", (database) => {
  it("and what another one takes the place of lets go, though nobody has loaded it", async () => {
    const { session, first, desks, desk } = await setUp(database);
    const second = await desk(2);
    second.person = first;
    first.id = 6;
    await session.commit();
    expect(await desks()).toEqual([
      [1, null],
      [2, 6],
    ]);
    await session.close();
  });

  it("to that of another one, from which a row comes to it", async () => {
    const { session, first, second, desks, desk } = await setUp(database);
    const own = await desk(1);
    second.id = 6;
    first.id = 2;
    const other = await desk(2);
    [own.person, other.person] = [second, first];
    await session.commit();
    expect(await desks()).toEqual([
      [1, 6],
      [2, 2],
    ]);
    await session.close();
  });

  it("by what the parent class refers to with it", async () => {
    const { session, first, employees } = await setUp(database);
    first.party = (await session.get(Party, 7)) ?? expect.unreachable();
    expect(first.id).toBe(7);
    await session.commit();
    expect(await employees()).toEqual([
      [2, 2],
      [7, 7],
    ]);
    await session.close();
  });
});
