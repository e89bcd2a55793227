import { declarativeBase, integer, manyToOne, oneToMany, Session, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";

// The database deletes rows with those that they refer to (ON DELETE CASCADE). Where such a row has to give a unique value to
// a new one, and what refers to the rows that go comes to the new one, that has to be let go of before any of them goes.

const Base = declarativeBase();
class Person extends Base("person", {
  id: integer().primaryKey(),
  kind: varchar(10).notNull(),
  code: integer().notNull().unique(),
  get mapperArgs() {
    return { polymorphicOn: Person.c.kind, polymorphicIdentity: "person" };
  },
}) {}
class Employee extends Base.inherit(Person, "employee", {
  get id() {
    return integer().primaryKey().references(Person.c.id, { onDelete: "cascade" });
  },
  get mapperArgs() {
    return { polymorphicIdentity: "employee" };
  },
}) {}
class Guest extends Base("guest", {
  id: integer().primaryKey(),
  get hostId() {
    return integer().notNull().references(Employee.c.id);
  },
  get host() {
    return manyToOne(Employee);
  },
}) {}

class Owner extends Base("owner", {
  id: integer().primaryKey(),
  code: integer().notNull().unique(),
  get parts() {
    return oneToMany(Part, { backPopulates: "owner", cascade: "all, delete-orphan" });
  },
}) {}
class Part extends Base("part", {
  id: integer().primaryKey(),
  get ownerId() {
    return integer().notNull().references(Owner.c.id, { onDelete: "cascade" });
  },
  get owner() {
    return manyToOne(Owner, { backPopulates: "parts" });
  },
  get items() {
    return oneToMany(Item, { backPopulates: "part", cascade: "all, delete-orphan" });
  },
}) {}
class Item extends Base("item", {
  id: integer().primaryKey(),
  get partId() {
    return integer().notNull().references(Part.c.id, { onDelete: "cascade" });
  },
  get part() {
    return manyToOne(Part, { backPopulates: "items" });
  },
}) {}

onEveryDatabase("rows that go along with others", (database) => {
  it("are let go of before these go, where they are of one object of a family", async () => {
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    const old = new Employee({ id: 1, code: 7 });
    const guest = new Guest({ id: 1, host: old });
    session.add(guest);
    await session.commit();
    session.delete(old);
    guest.host = new Employee({ id: 2, code: 7 });
    await session.commit();
    expect(await rowsOf(engine, "select p.id, code from person p join employee e on e.id = p.id")).toEqual([[2, 7]]);
    expect(await rowsOf(engine, "select id, host_id from guest")).toEqual([[1, 2]]);
  });

  it("do not take along what comes to a new owner, at any depth", async () => {
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    const [stays, goes] = [new Item({ id: 1 }), new Item({ id: 2 })];
    const old = new Owner({ id: 1, code: 7, parts: [new Part({ id: 1, items: [stays, goes] })] });
    session.add(old);
    await session.commit();
    session.delete(old);
    session.add(new Owner({ id: 2, code: 7, parts: [new Part({ id: 2, items: [stays] })] }));
    await session.commit();
    expect(await rowsOf(engine, "select id, code from owner")).toEqual([[2, 7]]);
    expect(await rowsOf(engine, "select id, owner_id from part")).toEqual([[2, 2]]);
    expect(await rowsOf(engine, "select id, part_id from item")).toEqual([[1, 2]]);
  });
});
