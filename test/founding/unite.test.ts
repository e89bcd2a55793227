import {
  DuplicateIdentityError,
  declarativeBase,
  inspect,
  integer,
  manyToOne,
  oneToMany,
  Session,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";
import { addressModels, orderModels } from "./upsert-models.ts";

type Action = "update" | "nothing";

async function addresses(database: TestDatabase, action: Action) {
  const models = addressModels(action);
  const engine = database.open();
  await models.Base.metadata.createAll(engine);
  const rows = () => rowsOf(engine, "select email, city, note from addresses order by email");
  const users = () =>
    rowsOf(engine, "select login, email from users left join addresses a on a.id = address_id order by login");
  return { ...models, engine, log: new StatementLog(engine), session: new Session(engine), rows, users };
}

async function orders(database: TestDatabase, action: Action) {
  const models = orderModels(action);
  const engine = database.open();
  await models.Base.metadata.createAll(engine);
  const lines = () =>
    rowsOf(
      engine,
      "select code, number, text from order_lines l join orders o on o.id = l.order_id order by code, number",
    );
  return { ...models, engine, log: new StatementLog(engine), session: new Session(engine), lines };
}

onEveryDatabase("objects of one onConflict target", (database) => {
  it("become the first of them: one row, and everything that held another one holds the first", async () => {
    const { Group, User, Address, session, engine, log, rows, users } = await addresses(database, "update");
    const [first, second, third] = [1, 2, 3].map(() => new Address({ email: "x@y" })) as [
      InstanceType<typeof Address>,
      InstanceType<typeof Address>,
      InstanceType<typeof Address>,
    ];
    const group = new Group({
      users: [
        new User({ login: "a", address: first }),
        new User({ login: "b", address: second }),
        new User({ login: "c", address: third }),
      ],
    });
    session.add(group);
    await session.flush();
    expect(log.writes).toEqual(["INSERT groups", "INSERT addresses", "INSERT users"]);
    expect(group.users.map(({ address }) => address)).toEqual([first, first, first]);
    expect(group.users.map(({ addressId }) => addressId)).toEqual([first.id, first.id, first.id]);
    expect(first.users.map(({ login }) => login).sort()).toEqual(["a", "b", "c"]);
    expect([first, second, third].map((one) => inspect(one).state)).toEqual(["persistent", "transient", "transient"]);
    expect([second.users.length, third.users.length]).toEqual([0, 0]);
    expect([...session.new]).toEqual([]);
    await session.commit();
    expect(await rows()).toEqual([["x@y", null, null]]);
    expect(await users()).toEqual([
      ["a", "x@y"],
      ["b", "x@y"],
      ["c", "x@y"],
    ]);
    log.clear();
    await session.commit();
    expect(log.all).toEqual([]);
    await session.close();
    await engine.dispose();
  });

  it.each([
    ["update", ["x@y", "B", "first"]],
    ["nothing", ["x@y", "A", "first"]],
  ] as const)("have the values of all; where they differ, %s says which wins", async (action, expected) => {
    const { Address, session, engine, rows } = await addresses(database, action);
    const first = new Address({ email: "x@y", city: "A" });
    session.addAll([first, new Address({ email: "x@y", city: "B", note: "first" })]);
    await session.commit();
    expect([first.email, first.city, first.note]).toEqual(expected);
    expect(await rows()).toEqual([expected]);
    await session.close();
    await engine.dispose();
  });

  it("stay apart where the target is another one", async () => {
    const { Address, session, engine, rows } = await addresses(database, "update");
    session.addAll([new Address({ email: "a@y" }), new Address({ email: "b@y" })]);
    await session.commit();
    expect((await rows()).map(([email]) => email)).toEqual(["a@y", "b@y"]);
    await session.close();
    await engine.dispose();
  });

  it("are found through new parents that are united themselves", async () => {
    const { Order, Line, session, engine, log, lines } = await orders(database, "update");
    const [one, two] = [
      new Order({ code: "A", lines: [new Line({ number: 1, text: "a" }), new Line({ number: 2, text: "b" })] }),
      new Order({ code: "A", lines: [new Line({ number: 2, text: "c" }), new Line({ number: 3, text: "d" })] }),
    ];
    session.addAll([one, two]);
    await session.flush();
    expect(log.writes).toEqual(["INSERT orders", "INSERT order_lines"]);
    expect(one.lines.map(({ number, text }) => [number, text])).toEqual([
      [1, "a"],
      [2, "c"],
      [3, "d"],
    ]);
    expect(two.lines.length).toBe(0);
    expect(one.lines.every((line) => line.order === one && line.orderId === one.id)).toBe(true);
    await session.commit();
    expect(await lines()).toEqual([
      ["A", 1, "a"],
      ["A", 2, "c"],
      ["A", 3, "d"],
    ]);
    await session.close();
    await engine.dispose();
  });

  it("become the stored object of the session, which is updated", async () => {
    const { User, Address, session, engine, log, rows } = await addresses(database, "update");
    const stored = new Address({ email: "x@y", city: "A", note: "kept" });
    session.add(stored);
    await session.commit();
    const user = new User({ login: "u", address: new Address({ email: "x@y", city: "B" }) });
    session.add(user);
    log.clear();
    await session.flush();
    expect(log.writes).toEqual(["UPDATE addresses", "INSERT users"]);
    expect(user.address).toBe(stored);
    expect(stored.city).toBe("B");
    expect(session.isModified(stored)).toBe(false);
    await session.commit();
    expect(await rows()).toEqual([["x@y", "B", "kept"]]);
    await session.close();
    await engine.dispose();
  });

  it("become the stored object of the session, which stays as it is", async () => {
    const { User, Address, session, engine, log, users } = await addresses(database, "nothing");
    const stored = new Address({ email: "x@y", city: "A" });
    session.add(stored);
    await session.commit();
    const user = new User({ login: "u", address: new Address({ email: "x@y", city: "B", note: "no" }) });
    session.add(user);
    log.clear();
    await session.commit();
    expect(log.writes).toEqual(["INSERT users"]);
    expect(user.address).toBe(stored);
    expect([stored.city, stored.note]).toEqual(["A", null]);
    expect(await users()).toEqual([["u", "x@y"]]);
    await session.close();
    await engine.dispose();
  });

  it("do not become a stored object that changes its own target, or is deleted", async () => {
    const { Address, session, engine, rows } = await addresses(database, "update");
    const [moved, gone] = [new Address({ email: "a@y", city: "1" }), new Address({ email: "b@y", city: "2" })];
    session.addAll([moved, gone]);
    await session.commit();
    moved.email = "c@y";
    session.delete(gone);
    session.addAll([new Address({ email: "a@y" }), new Address({ email: "b@y" })]);
    await session.commit();
    expect(await rows()).toEqual([
      ["a@y", null, null],
      ["b@y", null, null],
      ["c@y", "1", null],
    ]);
    await session.close();
    await engine.dispose();
  });

  it("move to the owner of the one that wins", async () => {
    for (const [action, owner] of [
      ["update", "two"],
      ["nothing", "one"],
    ] as const) {
      const { Base, engine, Place, Owner } = ownedModels(database, action);
      await Base.metadata.createAll(engine);
      const session = new Session(engine);
      const owners = [new Owner({ name: "one" }), new Owner({ name: "two" })] as const;
      const [first, second] = [new Place({ code: "P", owner: owners[0] }), new Place({ code: "P", owner: owners[1] })];
      session.addAll([...owners, first, second]);
      await session.flush();
      expect(owners.map(({ places }) => [...places])).toEqual(owner === "one" ? [[first], []] : [[], [first]]);
      expect(first.owner?.name).toBe(owner);
      expect(second.owner).toBe(null);
      await session.commit();
      expect(await rowsOf(engine, "select name from places join owners on owners.id = owner_id")).toEqual([[owner]]);
      await session.close();
      await engine.dispose();
    }
  });

  it("part again at a rollback, and can be added once more", async () => {
    const { Group, User, Address, session, engine, users } = await addresses(database, "update");
    const [first, second] = [new Address({ email: "x@y", city: "A" }), new Address({ email: "x@y", city: "B" })];
    const group = new Group({
      users: [new User({ login: "a", address: first }), new User({ login: "b", address: second })],
    });
    session.add(group);
    await session.flush();
    await session.rollback();
    expect(group.users.map(({ address }) => address)).toEqual([first, second]);
    expect([first.city, second.city, first.id]).toEqual(["A", "B", null]);
    expect([first.users.length, second.users.length]).toEqual([1, 1]);
    expect([first, second].map((one) => inspect(one).state)).toEqual(["transient", "transient"]);
    expect(await users()).toEqual([]);
    session.add(group);
    await session.commit();
    expect(group.users.map(({ address }) => address)).toEqual([first, first]);
    expect(await users()).toEqual([
      ["a", "x@y"],
      ["b", "x@y"],
    ]);
    await session.close();
    await engine.dispose();
  });

  it("part again when a savepoint is rolled back, and the stored object has its values again", async () => {
    const { Group, User, Address, session, engine, rows, users } = await addresses(database, "update");
    const stored = new Address({ email: "x@y", city: "A" });
    const group = new Group({ users: [new User({ login: "a", address: stored })] });
    session.add(group);
    await session.flush();
    const [second, third] = [new Address({ email: "x@y", city: "B" }), new Address({ email: "z@y" })];
    const savepoint = await session.beginNested();
    const user = new User({ login: "b", address: second });
    group.users.push(user);
    const last = new User({ login: "c", address: new Address({ email: "z@y" }) });
    session.addAll([third, last]);
    await session.flush();
    expect([user.address, last.address, stored.city]).toEqual([stored, third, "B"]);
    await savepoint.rollback();
    expect(user.address).toBe(second);
    expect(last.address).not.toBe(third);
    expect(stored.city).toBe("A");
    expect(group.users.map(({ login }) => login)).toEqual(["a"]);
    expect([second, third].map((one) => inspect(one).state)).toEqual(["transient", "transient"]);
    await session.commit();
    expect(await rows()).toEqual([["x@y", "A", null]]);
    expect(await users()).toEqual([["a", "x@y"]]);
    await session.close();
    await engine.dispose();
  });

  it("stay as they are in a plan, and when the flush fails", async () => {
    const { User, Address, session, engine } = await addresses(database, "update");
    const [first, second] = [new Address({ email: "x@y" }), new Address({ email: "x@y", city: "B" })];
    const users = [new User({ login: "a", address: first }), new User({ login: "b", address: second, groupId: 99 })];
    session.addAll(users);
    const plan = await session.plan();
    expect(plan.steps.map((step) => [step.table.name, step.rowCount])).toEqual([
      ["addresses", 1],
      ["users", 2],
    ]);
    expect(users.map(({ address }) => address)).toEqual([first, second]);
    await expect(session.flush()).rejects.toThrow(); // there is no group 99
    await session.rollback();
    expect(users.map(({ address }) => address)).toEqual([first, second]);
    expect([first.city, second.city]).toEqual([null, "B"]);
    await session.close();
    await engine.dispose();
  });

  it("share the pairs of a many-to-many relationship", async () => {
    const { Address, Tag, session, engine } = await addresses(database, "update");
    const first = new Address({ email: "x@y", tags: [new Tag({ name: "t" })] });
    const second = new Address({ email: "x@y", tags: [new Tag({ name: "t" }), new Tag({ name: "u" })] });
    session.addAll([first, second]);
    await session.flush();
    expect(first.tags.map(({ name }) => name).sort()).toEqual(["t", "u"]);
    expect(first.tags.every((tag) => tag.addresses.length === 1 && tag.addresses[0] === first)).toBe(true);
    expect(second.tags.length).toBe(0);
    // A stored object takes over what it has already.
    session.add(new Address({ email: "x@y", tags: [new Tag({ name: "u" }), new Tag({ name: "v" })] }));
    await session.commit();
    expect(first.tags.map(({ name }) => name).sort()).toEqual(["t", "u", "v"]);
    expect(await rowsOf(engine, "select tag_name from address_tags order by tag_name")).toEqual([["t"], ["u"], ["v"]]);
    await session.close();
    await engine.dispose();
  });

  it("are referred to by their keys, also by columns alone", async () => {
    const { User, Address, session, engine, users } = await addresses(database, "update");
    session.addAll([
      new Address({ id: 1, email: "x@y" }),
      new Address({ id: 2, email: "x@y" }),
      new User({ login: "a", addressId: 1 }),
      new User({ login: "b", addressId: 2 }),
    ]);
    await session.commit();
    expect(await users()).toEqual([
      ["a", "x@y"],
      ["b", "x@y"],
    ]);
    await session.close();
    await engine.dispose();
  });
});

function ownedModels(database: TestDatabase, action: Action) {
  const Base = declarativeBase();
  class Owner extends Base("owners", {
    id: integer().primaryKey(),
    name: varchar(20),
    get places() {
      return oneToMany(Place, { backPopulates: "owner" });
    },
  }) {}
  class Place extends Base("places", {
    id: integer().primaryKey(),
    code: varchar(20).unique(),
    get ownerId() {
      return integer().references(Owner.c.id);
    },
    get owner() {
      return manyToOne(Owner, { backPopulates: "places" });
    },
    get mapperArgs() {
      return { onConflict: { target: [Place.c.code], do: action } };
    },
  }) {}
  return { Base, Owner, Place, engine: database.open() };
}

onEveryDatabase("objects of one key without onConflict", (database) => {
  it("are refused before any statement, also when the key comes from one parent", async () => {
    const Base = declarativeBase();
    class Order extends Base("orders", {
      id: integer().primaryKey(),
      get lines() {
        return oneToMany(Line, { backPopulates: "order" });
      },
    }) {}
    class Line extends Base("order_lines", {
      get orderId() {
        return integer().references(Order.c.id).primaryKey();
      },
      number: integer().primaryKey(),
      get order() {
        return manyToOne(Order, { backPopulates: "lines" });
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const log = new StatementLog(engine);
    for (const id of [undefined, 7]) {
      const session = new Session(engine);
      session.add(
        new Order({ ...(id !== undefined && { id }), lines: [new Line({ number: 1 }), new Line({ number: 1 })] }),
      );
      log.clear();
      const error = await session.flush().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(DuplicateIdentityError);
      expect(String(error)).toMatch(/Line.*primary key \(.*, 1\).*Order.*\.lines\[0\].*Order.*\.lines\[1\]/s);
      expect(log.all).toEqual([]);
      await session.rollback();
      await session.close();
    }
    await engine.dispose();
  });

  it("are refused within a family of classes", async () => {
    const { Base, Employee, Manager } = familyModels();
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    session.addAll([new Employee({ id: 1, name: "Ed" }), new Manager({ id: 1, name: "Mia", level: 2 })]);
    await expect(session.flush()).rejects.toThrow(/Manager with the primary key 1: Employee#1.*Manager#1/);
    await session.rollback();
    await session.close();
    await engine.dispose();
  });
});

function familyModels() {
  const Base = declarativeBase();
  class Employee extends Base("employees", {
    id: integer().primaryKey(),
    kind: varchar(20).notNull(),
    name: varchar(50),
    get mapperArgs() {
      return { polymorphicOn: Employee.c.kind, polymorphicMap: { employee: Employee, manager: Manager } };
    },
  }) {}
  class Manager extends Base.inherit(Employee, "managers", {
    get id() {
      return integer().primaryKey().references(Employee.c.id);
    },
    level: integer(),
  }) {}
  return { Base, Employee, Manager };
}
