import {
  ArgumentError,
  alias,
  createEngine,
  declarativeBase,
  type Engine,
  integer,
  lazy,
  Session,
  scopedSession,
  select,
  sessionmaker,
  varchar,
} from "alkahest";
import { describe, expect, it, onTestFinished } from "vitest";

const Base = declarativeBase();
class User extends Base("users", { id: integer().primaryKey(), email: varchar(20) }) {}

/** What callers without types may give. */
const untyped = (value: unknown): never => value as never;

const mistakes: readonly (readonly [message: string, make: (session: Session, engine: Engine) => unknown])[] = [
  ['merge() has no option "laod". Did you mean "load"?', (s) => s.merge(new User(), untyped({ laod: false }))],
  ["merge() takes its options as an object, not null.", (s) => s.merge(new User(), untyped(null))],
  ['merge(): load is true or false, not the string "false".', (s) => s.merge(new User(), { load: untyped("false") })],
  ["merge(): key takes a list, not the string", (s) => s.merge(new User(), { key: untyped("email") })],
  ['onConflict is "last", "first" or "error"', (s) => s.merge(new User(), { onConflict: untyped("frist") })],
  ['mergeAll() has no option "laod"', (s) => s.mergeAll([new User()], untyped({ laod: false }))],
  ['get() has no option "populateExisting".', (s) => s.get(User, 1, untyped({ populateExisting: true }))],
  ['all() has no option "foo".', (s) => s.all(select(User), untyped({ foo: 1 }))],
  ['first() has no option "foo".', (s) => s.first(select(User), untyped({ foo: 1 }))],
  ['one() has no option "foo".', (s) => s.one(select(User), untyped({ foo: 1 }))],
  ['oneOrNull() has no option "foo".', (s) => s.oneOrNull(select(User), untyped({ foo: 1 }))],
  ['stream() has no option "foo".', (s) => s.stream(select(User), untyped({ foo: 1 })).next()],
  ['execute() has no option "foo".', (s) => s.execute(select(User), untyped({ foo: 1 }))],
  [
    'retries is a whole number of 0 or more, not the string "3".',
    (s) => s.transaction(async () => {}, { retries: untyped("3") }),
  ],
  ["retries is a whole number of 0 or more, not the number -1.", (s) => s.transaction(async () => {}, { retries: -1 })],
  [
    "retries is a whole number of 0 or more, not the number NaN.",
    (s) => s.transaction(async () => {}, { retries: Number.NaN }),
  ],
  ["readOnly is true or false", (s) => s.transaction(async () => {}, { readOnly: untyped(1) })],
  ["new Session(): autoflush is true or false", (_, engine) => new Session(engine, { autoflush: untyped("no") })],
  ["A session takes an engine", () => sessionmaker(untyped(undefined))],
  ['Did you mean "autoflush"?', (_, engine) => sessionmaker(engine, untyped({ autoFlush: false }))],
  ["scopedSession() takes a function", (session) => scopedSession(untyped(session))],
  ["run() takes a function", (_, engine) => scopedSession(sessionmaker(engine)).run(untyped(undefined))],
  ['columnNames is "snake_case" or "verbatim"', () => declarativeBase({ columnNames: untyped("camel") })],
  ['Base.inherit() has no option "concret".', () => Base.inherit(User, "others", {}, untyped({ concret: true }))],
  ["alias() takes a name as its second argument", () => alias(User, untyped(select(User)))],
  ['User has no attribute "emial". Did you mean "email"?', () => Reflect.get(lazy(new User()), "emial")],
  ['lazy() only reads: set "email" on the object itself.', () => Reflect.set(lazy(new User()), "email", "a@b")],
];

describe("a session and what belongs to it", () => {
  const open = async () => {
    const engine = createEngine("sqlite::memory:");
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    onTestFinished(async () => {
      await session.close();
      await engine.dispose();
    });
    return { engine, session };
  };

  for (const [message, make] of mistakes) {
    it(`refuses: ${message}`, async () => {
      const { engine, session } = await open();
      // Some throw, some give a promise that rejects.
      const making = (async () => make(session, engine))();
      await expect(making).rejects.toThrow(ArgumentError);
      await expect(making).rejects.toThrow(message);
    });
  }

  it("takes the options that there are", async () => {
    const { session } = await open();
    session.add(new User({ id: 1, email: "a@b" }));
    const options = { signal: new AbortController().signal };
    await session.flush();
    expect((await session.get(User, 1, options))?.email).toBe("a@b");
    const done = await session.transaction(async () => "done", { readOnly: false });
    expect(done).toBe("done");
    expect((await session.merge(new User({ email: "a@b" }), { key: ["email"], onConflict: "first" })).id).toBe(1);
  });

  it("takes all objects of a list in, or none", async () => {
    const { session } = await open();
    expect(() => session.addAll([new User(), untyped(undefined)])).toThrow(ArgumentError);
    expect(session.new.size).toBe(0);
  });
});
