/** Listeners of classes: what they may do in a flush, and what the flush makes of it. */

import {
  type AnyModel,
  ArgumentError,
  type ClassEventName,
  type ClassListener,
  declarativeBase,
  InvalidStateError,
  inspect,
  integer,
  listen,
  MappingError,
  manyToOne,
  oneToMany,
  Session,
  type SessionOptions,
  select,
  varchar,
} from "alkahest";
import { beforeEach, describe, expect, expectTypeOf, it, onTestFinished } from "vitest";
import { onEveryDatabase } from "../../support/databases.ts";
import { rowsOf, StatementLog } from "../../support/statements.ts";

const Base = declarativeBase();

class Owner extends Base("owner", {
  id: integer().primaryKey(),
  name: varchar(50),
  version: integer(),
  get things() {
    return oneToMany(Thing, { backPopulates: "owner", cascade: "all, delete-orphan" });
  },
}) {}

class Thing extends Base("thing", {
  id: integer().primaryKey(),
  name: varchar(50).unique(),
  get ownerId() {
    return integer().references(Owner.c.id);
  },
  get owner() {
    return manyToOne(Owner, { backPopulates: "things" });
  },
}) {}

class Entry extends Base("entry", { id: integer().primaryKey(), text: varchar(100) }) {}

class Employee extends Base("employee", {
  id: integer().primaryKey(),
  kind: varchar(20),
  name: varchar(50),
  get mapperArgs() {
    return { polymorphicOn: Employee.c.kind, polymorphicMap: { employee: Employee, manager: Manager } };
  },
}) {}

class Manager extends Base.inherit(Employee, "manager", {
  get id() {
    return integer().primaryKey().references(Employee.c.id);
  },
  budget: integer(),
}) {}

/** Listens until the test is over. */
function on<C extends AnyModel>(
  mappedClass: C,
  event: ClassEventName,
  listener: ClassListener<InstanceType<C>>,
): () => void {
  const stop = listen(mappedClass, event, listener);
  onTestFinished(stop);
  return stop;
}

const EVENTS = ["beforeInsert", "afterInsert", "beforeUpdate", "afterUpdate", "beforeDelete", "afterDelete"] as const;

/** Notes every event of the classes. */
function watch(...classes: readonly AnyModel[]): string[] {
  const seen: string[] = [];
  for (const one of classes) {
    for (const event of EVENTS) on(one, event, (object: { name: string }) => void seen.push(`${event} ${object.name}`));
  }
  return seen;
}

onEveryDatabase("listeners of a class", (database) => {
  let engine: ReturnType<typeof database.open>;
  let log: StatementLog;
  const sessions: Session[] = [];

  beforeEach(async () => {
    engine = database.open();
    log = new StatementLog(engine);
    await Base.metadata.createAll(engine);
    return async () => {
      for (const session of sessions.splice(0)) await session.close();
      await engine.dispose();
    };
  });

  function open(options: SessionOptions = {}): Session {
    const session = new Session(engine, options);
    sessions.push(session);
    return session;
  }

  it("hear of what is inserted, updated and deleted, before and after", async () => {
    const seen = watch(Thing);
    const session = open();
    const thing = new Thing({ name: "a" });
    session.add(thing);
    await session.commit();
    thing.name = "b";
    await session.commit();
    session.delete(thing);
    await session.commit();
    expect(seen).toEqual([
      "beforeInsert a",
      "afterInsert a",
      "beforeUpdate b",
      "afterUpdate b",
      "beforeDelete b",
      "afterDelete b",
    ]);
  });

  it("are called with the object and the session that flushes it, and are waited for", async () => {
    const session = open();
    const calls: string[] = [];
    on(Entry, "beforeInsert", async (entry, given) => {
      calls.push("beforeInsert");
      expectTypeOf(entry).toEqualTypeOf<Entry>();
      expect(given).toBe(session);
      expect(inspect(entry).state).toBe("pending");
      await new Promise((resolve) => setTimeout(resolve, 5));
      entry.text = `${entry.text}!`;
    });
    on(Entry, "afterInsert", (entry) => {
      calls.push("afterInsert");
      expect(inspect(entry).state).toBe("persistent");
      expect(entry.id).toBeTypeOf("number");
    });
    session.add(new Entry({ text: "hello" }));
    await session.commit();
    expect(await rowsOf(engine, "select text from entry")).toEqual([["hello!"]]);
    expect(calls).toEqual(["beforeInsert", "afterInsert"]);
  });

  it("may change values, which the planner orders like all others", async () => {
    const session = open();
    const [old, fresh] = [new Thing({ id: 1, name: "taken" }), new Thing({ id: 2, name: "free" })];
    session.addAll([old, fresh]);
    await session.commit();
    on(Thing, "beforeUpdate", (thing) => {
      if (thing === old) old.name = "renamed";
    });
    // Without the listener, this would take a value that another row has.
    on(Thing, "beforeInsert", (thing) => {
      thing.name = "taken";
    });
    old.name = "changed";
    session.add(new Thing({ id: 3, name: "x" }));
    await session.commit();
    expect(await rowsOf(engine, "select id, name from thing order by id")).toEqual([
      [1, "renamed"],
      [2, "free"],
      [3, "taken"],
    ]);
  });

  it("may add objects, which get listeners of their own, each once", async () => {
    const seen: string[] = [];
    on(Thing, "beforeInsert", (thing, session) => {
      seen.push(`thing ${thing.name}`);
      session.add(new Entry({ text: `made ${thing.name}` }));
      if (thing.name === "a") thing.owner?.things.push(new Thing({ name: "b" }));
    });
    on(Entry, "beforeInsert", (entry) => void seen.push(`entry ${entry.text}`));
    on(Owner, "beforeInsert", (owner) => void seen.push(`owner ${owner.name}`));
    const session = open();
    session.add(new Owner({ name: "o", things: [new Thing({ name: "a" })] }));
    await session.commit();
    expect(seen).toEqual(["owner o", "thing a", "entry made a", "thing b", "entry made b"]);
    expect(await rowsOf(engine, "select name, owner_id is not null from thing order by name")).toHaveLength(2);
    expect(await rowsOf(engine, "select text from entry order by text")).toEqual([["made a"], ["made b"]]);
    expect(log.writes.filter((write) => write === "INSERT thing")).toHaveLength(1); // in one batch
  });

  it("may delete objects and let new ones go", async () => {
    const session = open();
    const [kept, gone] = [new Entry({ text: "kept" }), new Entry({ text: "gone" })];
    session.addAll([kept, gone]);
    await session.commit();
    const seen: string[] = [];
    on(Entry, "beforeDelete", (entry) => void seen.push(`delete ${entry.text}`));
    on(Entry, "beforeInsert", (entry) => void seen.push(`insert ${entry.text}`));
    on(Entry, "beforeUpdate", (entry, given) => {
      seen.push(`update ${entry.text}`);
      given.delete(gone);
      given.expunge(refused);
    });
    const refused = new Entry({ text: "refused" });
    kept.text = "still here";
    session.add(refused);
    await session.commit();
    expect(seen).toEqual(["insert refused", "update still here", "delete gone"]);
    expect(await rowsOf(engine, "select text from entry")).toEqual([["still here"]]);
    expect(inspect(refused).state).toBe("transient");
  });

  it("may keep an object that was to be deleted", async () => {
    const session = open();
    const entry = new Entry({ text: "a" });
    session.add(entry);
    await session.commit();
    on(Entry, "beforeDelete", (one, given) => given.add(one));
    let after = 0;
    on(Entry, "afterDelete", () => void after++);
    session.delete(entry);
    await session.commit();
    expect(inspect(entry).state).toBe("persistent");
    expect(after).toBe(0);
    expect(await rowsOf(engine, "select text from entry")).toEqual([["a"]]);
  });

  it("hear of objects that a cascade deletes, and of orphans", async () => {
    const session = open();
    const owner = new Owner({ name: "o", things: ["a", "b", "c"].map((name) => new Thing({ name })) });
    session.add(owner);
    await session.commit();
    const seen = watch(Thing, Owner);
    owner.things.splice(1, 1);
    await session.commit();
    expect(seen).toEqual(["beforeDelete b", "afterDelete b"]); // the owner's row stays as it is
    seen.length = 0;
    session.delete(owner);
    await session.commit();
    expect([...seen].sort()).toEqual([
      "afterDelete a",
      "afterDelete c",
      "afterDelete o",
      "beforeDelete a",
      "beforeDelete c",
      "beforeDelete o",
    ]);
  });

  it("for updates hear of objects whose row changes in the end, and of no others", async () => {
    const session = open();
    const [owner, other] = [new Owner({ name: "o" }), new Owner({ name: "p" })];
    const thing = new Thing({ name: "t", owner });
    session.addAll([thing, other]);
    await session.commit();
    const seen = watch(Thing, Owner);
    owner.name = "changed";
    owner.name = "o";
    await session.commit();
    expect(seen).toEqual([]);
    other.things.push(thing); // by the collection: the row of the thing changes
    await session.commit();
    expect(seen).toEqual(["beforeUpdate t", "afterUpdate t"]);
  });

  it("of a class hear of the classes that extend it; those of the class on top first", async () => {
    const seen: string[] = [];
    on(Manager, "beforeInsert", (manager) => {
      expectTypeOf(manager).toEqualTypeOf<Manager>();
      seen.push(`manager ${manager.name}`);
    });
    on(Employee, "beforeInsert", (employee) => void seen.push(`employee ${employee.name}`));
    const session = open();
    session.addAll([new Manager({ name: "m", budget: 1 }), new Employee({ name: "e" })]);
    await session.commit();
    expect(seen).toEqual(["employee m", "manager m", "employee e"]);
  });

  it("may query: within the flush, without another one", async () => {
    const session = open();
    session.add(new Entry({ text: "old" }));
    await session.commit();
    const found: (string | null)[][] = [];
    for (const event of ["beforeInsert", "afterInsert"] as const) {
      on(Entry, event, async (_, given) => {
        const [entries] = await Promise.all([
          given.all(select(Entry.c.text).orderBy(Entry.c.text)),
          given.get(Entry, 1),
        ]);
        found.push(entries);
      });
    }
    session.add(new Entry({ text: "new" }));
    await session.flush();
    expect(found).toEqual([["old"], ["new", "old"]]);
  });

  it("cannot flush, commit, roll back, or begin a transaction", async () => {
    for (const call of ["flush", "commit", "rollback", "close", "beginNested"] as const) {
      for (const event of ["beforeInsert", "afterInsert"] as const) {
        const session = open();
        const stop = on(Entry, event, (_, given) => given[call]());
        session.add(new Entry({ text: call }));
        const error = await session.flush().catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(InvalidStateError);
        expect(String(error)).toContain(`${call}() cannot be called from inside a flush`);
        stop();
        await session.rollback();
        await session.close();
      }
    }
    expect(await rowsOf(engine, "select text from entry")).toEqual([]);
  });

  it("fail the flush with their error: the transaction is undone, and the session waits for a rollback", async () => {
    for (const event of ["beforeUpdate", "afterUpdate"] as const) {
      const session = open();
      const entry = new Entry({ text: "before" });
      session.add(entry);
      await session.commit();
      const added = new Entry({ text: "added" });
      session.add(added);
      entry.text = "after";
      const stop = on(Entry, event, () => {
        throw new RangeError("no");
      });
      await expect(session.commit()).rejects.toThrow(new RangeError("no"));
      const refused = await session.get(Entry, 1).catch((reason: unknown) => reason);
      expect(refused).toBeInstanceOf(InvalidStateError);
      expect(refused).toHaveProperty("cause", new RangeError("no"));
      stop();
      await session.rollback();
      expect(entry.text).toBe("before");
      expect(inspect(added).state).toBe("transient");
      expect(await rowsOf(engine, "select text from entry")).toEqual([["before"]]);
      session.delete(entry);
      await session.commit();
      await session.close();
    }
  });

  it("that change objects after the statements change them for the next flush, which a commit does", async () => {
    const session = open();
    on(Entry, "afterInsert", (entry) => {
      entry.text = `#${entry.id}`;
    });
    const entry = new Entry({ text: "x" });
    session.add(entry);
    await session.flush();
    expect(session.dirty.has(entry)).toBe(true);
    await session.commit();
    expect(await rowsOf(engine, "select text from entry")).toEqual([[`#${entry.id}`]]);
  });

  it("that add an object of their own class each time are stopped", async () => {
    on(Entry, "beforeInsert", (_, session) => session.add(new Entry({ text: "again" })));
    const session = open();
    session.add(new Entry({ text: "first" }));
    const error = await session.flush().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidStateError);
    expect(String(error)).toMatch(/After 100 rounds.*Entry/);
    await session.rollback();
    expect(await rowsOf(engine, "select text from entry")).toEqual([]);
  });

  it("are not called by plan(), which writes nothing", async () => {
    const seen = watch(Thing);
    const session = open();
    session.add(new Thing({ name: "a" }));
    log.clear();
    expect((await session.plan()).steps).toHaveLength(1);
    expect(seen).toEqual([]);
    expect(log.all).toEqual([]);
  });

  it("are no longer called once they are ended, nor twice ended", async () => {
    const seen = watch(Entry);
    const calls: string[] = [];
    const listener = (entry: Entry) => void calls.push(String(entry.text));
    const first = on(Entry, "beforeInsert", listener);
    const second = on(Entry, "beforeInsert", listener);
    first();
    first();
    const session = open();
    session.add(new Entry({ text: "a" }));
    await session.flush();
    expect(calls).toEqual(["a"]);
    second();
    session.add(new Entry({ text: "b" }));
    await session.flush();
    expect(calls).toEqual(["a"]);
    expect(seen).toHaveLength(4);
  });

  it("run between those of the session: beforeFlush first, afterFlush last", async () => {
    const seen = watch(Thing);
    const session = open();
    session.on("beforeFlush", () => void seen.push("beforeFlush"));
    session.on("afterFlush", () => void seen.push("afterFlush"));
    session.add(new Thing({ name: "a" }));
    await session.commit();
    expect(seen).toEqual(["beforeFlush", "beforeInsert a", "afterInsert a", "afterFlush"]);
  });
});

describe("listen", () => {
  it("says what is wrong with its arguments", () => {
    expect(() => listen(Entry, "before_insert" as never, () => {})).toThrow(ArgumentError);
    expect(() => listen(Entry, "before_insert" as never, () => {})).toThrow(/no event .*; it has beforeInsert,/);
    expect(() => listen(Entry, "beforeInsert", null as never)).toThrow(/takes a function, not null/);
    expect(() => listen(class Plain {} as never, "beforeInsert", () => {})).toThrow(MappingError);
    // @ts-expect-error: an entry has no such attribute
    expect(() => listen(Entry, "beforeInsert", (entry) => entry.nothing)()).not.toThrow();
  });
});
