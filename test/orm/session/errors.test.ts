import {
  AlkahestError,
  ArgumentError,
  createEngine,
  DataError,
  declarativeBase,
  InvalidStateError,
  inspect,
  integer,
  literal,
  MappingError,
  MissingPrimaryKeyError,
  MultipleResultsFound,
  NoResultFound,
  NoSuchTableError,
  NotNullViolation,
  Session,
  select,
  text,
  UniqueViolation,
  varchar,
} from "alkahest";
import { describe, expect, it } from "vitest";
import { Address, Child, Group, Line, Order, openDatabase, Parent, Post, Tag, User } from "./models.ts";

const failure = (work: () => unknown): Promise<unknown> =>
  Promise.resolve()
    .then(work)
    .then(
      () => undefined,
      (error: unknown) => error,
    );

describe("bad input is a named error that says what to do", () => {
  it("for an unknown attribute", () => {
    // @ts-expect-error: no such attribute
    expect(() => new User({ nmae: "ed" })).toThrow(/User has no attribute "nmae".*name/);
  });

  it("for what is no object, no list, no function and no engine", async () => {
    await using engine = createEngine("sqlite::memory:");
    await using session = new Session(engine);
    for (const nothing of [null, undefined, 1, "user", () => {}, new Date()] as never[]) {
      expect(() => session.add(nothing)).toThrow(ArgumentError);
      expect(() => session.addAll(nothing)).toThrow(/^addAll\(\) takes an array of objects, not /);
      await expect(session.mergeAll(nothing)).rejects.toThrow(/^mergeAll\(\) takes an array of objects, not /);
      await expect(session.get(nothing, 1 as never)).rejects.toThrow(MappingError);
      expect(() => inspect(nothing)).toThrow(MappingError);
      expect(() => new Session(nothing)).toThrow(/^A session takes an engine, not /);
    }
    for (const nothing of [null, undefined, 1, {}] as never[]) {
      await expect(session.transaction(nothing)).rejects.toThrow(/^transaction\(\) takes a function, not /);
      await expect(session.savepoint(nothing)).rejects.toThrow(/^savepoint\(\) takes a function, not /);
      await expect(session.noAutoflush(nothing)).rejects.toThrow(/^noAutoflush\(\) takes a function, not /);
    }
    expect(await session.first(select(literal(1)))).toBe(1);
  });

  it("for an event that does not exist", async () => {
    await using engine = createEngine("sqlite::memory:");
    await using session = new Session(engine);
    expect(() => session.on("beforeflush" as never, () => {})).toThrow(
      /no event the string "beforeflush"; it has beforeFlush,/,
    );
    expect(() => session.on("beforeFlush", null as never)).toThrow(/takes a function, not null/);
    expect(() => engine.on("statment" as never, () => {})).toThrow(/no event the string "statment"; it has connect,/);
    expect(() => engine.on("statement", null as never)).toThrow(/is a function, not null/);
  });

  it("for an isolation level that does not exist", async () => {
    await using engine = createEngine("sqlite::memory:");
    await using session = new Session(engine);
    const isolation = "serializable; DROP TABLE users" as never;
    await expect(session.transaction(() => session.all(select(literal(1))), { isolation })).rejects.toThrow(
      /no isolation level .* there are "read/,
    );
    await expect(engine.begin(async () => 1, { isolation })).rejects.toThrow(ArgumentError);
    expect(await session.transaction(async () => 1, { isolation: "serializable" })).toBe(1);
  });

  it("for what was written to an index of a collection and cannot be a member", async () => {
    const session = (await openDatabase()).session();
    for (const nothing of [null, undefined, "child", {}, new Parent()] as never[]) {
      const parent = new Parent({ name: "p" });
      parent.children[0] = nothing;
      const kind =
        nothing === undefined || nothing === null
          ? /"children" cannot hold/
          : /"children" holds objects of class Child/;
      expect(() => session.add(parent)).toThrow(kind);
      await expect(session.merge(parent)).rejects.toThrow(kind);
      const pending = new Parent({ name: "p" });
      session.add(pending);
      pending.children[0] = nothing;
      await expect(session.flush()).rejects.toThrow(kind);
      await session.rollback();
    }
    expect(await session.all(select(Parent))).toEqual([]);
  });

  it("but gaps in a collection are closed", async () => {
    const session = (await openDatabase()).session();
    const parent = new Parent({ name: "p" });
    parent.children[2] = new Child({ z: 1 });
    session.add(parent);
    await session.commit();
    expect(parent.children).toHaveLength(1);
  });

  it("for an object of the wrong class in a relationship", () => {
    // @ts-expect-error: not an Address
    expect(() => new User({ email: new Group() })).toThrow(/email.*Address.*Group/);
    // @ts-expect-error: not a User
    expect(() => new Group({ users: [new Address()] })).toThrow(ArgumentError);
  });

  it("for undefined where null is meant", () => {
    const user = new User();
    // @ts-expect-error: undefined
    expect(() => (user.name = undefined)).toThrow(/null/);
  });

  it("for a missing primary key, and the session is usable after a rollback", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    session.add(new User({ name: "ed" }));
    const error = await failure(() => session.flush());
    expect(error).toBeInstanceOf(MissingPrimaryKeyError);
    expect(String(error)).toMatch(/User\.login/);
    await session.rollback();
    session.add(new User({ login: "ed" }));
    await session.commit();
  });

  it("for NOT NULL left empty, naming class and property, before any SQL", async () => {
    const { session: open, take } = await openDatabase();
    const session = open();
    session.add(new Post());
    const error = await failure(() => session.flush());
    expect(error).toBeInstanceOf(NotNullViolation);
    expect(error).toMatchObject({ className: "Post", property: "title" });
    expect(take()).toEqual([]);
    await session.rollback();
    session.add(new Child({ z: 1 }));
    const orphan = await failure(() => session.flush());
    expect(orphan).toBeInstanceOf(NotNullViolation);
    expect(orphan).toMatchObject({ className: "Child", property: "parentId" });
    await session.rollback();
  });

  it("for a part of a key that was emptied, naming the row by the key that it has", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const line = new Line({ number: 2 });
    const order = new Order({ id: 1, lines: [line] });
    session.add(order);
    await session.commit();
    // @ts-expect-error: a key is not null
    line.number = null;
    const error = await failure(() => session.flush());
    expect(error).toBeInstanceOf(AlkahestError);
    expect(String(error)).toContain("Line#(1, 2)");
    expect(String(error)).not.toContain("Line (new)");
    await session.rollback();
  });

  it("for a value of the wrong type, naming class and property", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    // @ts-expect-error: not a number
    session.add(new Group({ gid: "one" }));
    const error = await failure(() => session.flush());
    expect(error).toBeInstanceOf(DataError);
    expect(error).toMatchObject({ className: "Group", property: "gid" });
    await session.rollback();
    const group = new Group({ name: "ok" });
    session.add(group);
    await session.commit();
    // @ts-expect-error: not a string
    group.name = 5;
    expect(await failure(() => session.commit())).toBeInstanceOf(DataError);
    await session.rollback();
    expect(group.name).toBe("ok");
  });

  it("for a value that is too long", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    session.add(new User({ login: "x".repeat(51) }));
    expect(await failure(() => session.flush())).toBeInstanceOf(DataError);
  });

  it("for a missing table", async () => {
    const Base = declarativeBase();
    class Thing extends Base("things", { id: integer().primaryKey(), name: varchar(5) }) {}
    const engine = createEngine("sqlite::memory:");
    const session = new Session(engine);
    const error = await failure(() => session.all(select(Thing)));
    expect(error).toBeInstanceOf(NoSuchTableError);
    expect(String(error)).toMatch(/things.*createAll/s);
    session.add(new Thing());
    expect(await failure(() => session.flush())).toBeInstanceOf(NoSuchTableError);
    await session.rollback();
    await session.close();
    await Base.metadata.createAll(engine);
    const after = new Session(engine);
    after.add(new Thing());
    await after.commit();
    await after.close();
    await engine.dispose();
  });

  it("for a URL that makes no sense", () => {
    for (const url of ["", "nonsense", "sqlit::memory:", "oracle://x"]) {
      expect(() => createEngine(url)).toThrow(ArgumentError);
    }
  });

  it("for a constraint that a row violates, with what the database and the mapping know", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    session.addAll([new Tag({ name: "a" }), new Tag({ name: "a" })]);
    const error = await failure(() => session.flush());
    expect(error).toBeInstanceOf(UniqueViolation);
    expect(error).toMatchObject({ table: "tags", columns: ["name"], className: "Tag", property: "name" });
    await session.rollback();
    expect(await session.all(select(Tag))).toEqual([]);
  });

  it("for one row asked for and none, or several, found", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    expect(await failure(() => session.one(select(Group)))).toBeInstanceOf(NoResultFound);
    expect(await session.oneOrNull(select(Group))).toBeNull();
    expect(await session.first(select(Group))).toBeNull();
    session.addAll([new Group(), new Group()]);
    expect(await failure(() => session.one(select(Group)))).toBeInstanceOf(MultipleResultsFound);
    expect(await failure(() => session.oneOrNull(select(Group)))).toBeInstanceOf(MultipleResultsFound);
    expect(await session.first(select(Group).orderBy(Group.c.gid.desc()))).toMatchObject({ gid: 2 });
  });

  it("for an object of another session in a relationship", async () => {
    const { session: open } = await openDatabase();
    const first = open();
    const second = open();
    const parent = new Parent();
    first.add(parent);
    const child = new Child({ z: 1 });
    second.add(child);
    const error = await failure(() => (child.parent = parent));
    expect(error).toBeInstanceOf(InvalidStateError);
    expect(String(error)).toMatch(/another session.*merge/);
    expect(await failure(() => parent.children.push(child))).toBeInstanceOf(InvalidStateError);
    expect(child.parent).toBeNull();
    expect(parent.children.length).toBe(0);
  });

  it("for a statement that is no query", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    for (const method of ["all", "first", "one", "oneOrNull"] as const) {
      // @ts-expect-error: no query
      const error = await failure(() => session[method](text("select 1")));
      expect(error).toBeInstanceOf(ArgumentError);
      expect(String(error)).toMatch(/takes a query.*execute/);
    }
  });

  it("for a get with an unknown part of the key", async () => {
    const { session: open } = await openDatabase();
    // @ts-expect-error: no such part
    expect(await failure(() => open().get(Order, { code: "a" }))).toBeInstanceOf(ArgumentError);
  });
});
