import { type Engine, FlushCycleError, Session } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestCapabilities } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";
import { batteryModels } from "./battery-models.ts";

type Models = ReturnType<typeof batteryModels>;

/** One flush of the battery. */
interface Case<T extends readonly object[]> {
  readonly title: string;
  /** What is stored before. */
  readonly stored: (models: Models) => T;
  readonly change: (session: Session, stored: T, models: Models) => void;
  /** A query, and the rows that it finds after the flush. */
  readonly rows: readonly [sql: string, rows: readonly (readonly unknown[])[]];
  /** The most statements that write: the operations, and one for each cycle that has to be broken. */
  readonly statements: number;
  /** What else the database must be able to do: without it, no order of statements exists. */
  readonly needs?: keyof TestCapabilities;
}

const battery: Case<readonly object[]>[] = [];

/** Keeps the types of what is stored within a case. */
function defineCase<const T extends readonly object[]>(definition: Case<T>): void {
  const { stored, change } = definition;
  // `change` only ever gets what `stored` made.
  battery.push({ ...definition, stored, change: (session, objects, models) => change(session, objects as T, models) });
}

const LOOSE = "select id, u from loose order by id";
const STRICT = "select id, u from strict order by id";

defineCase({
  title: "1: a value goes from a deleted row to a new one",
  stored: ({ Loose }) => [new Loose({ id: 1, u: 1 })],
  change: (session, [x], { Loose }) => {
    session.add(new Loose({ id: 2, u: 1 }));
    session.delete(x);
  },
  rows: [LOOSE, [[2, 1]]],
  statements: 2,
});

defineCase({
  title: "2: a value goes from a deleted row to a stored one",
  stored: ({ Loose }) => [new Loose({ id: 1, u: 1 }), new Loose({ id: 2, u: 2 })],
  change: (session, [x, z]) => {
    z.u = 1;
    session.delete(x);
  },
  rows: [LOOSE, [[2, 1]]],
  statements: 2,
});

defineCase({
  title: "3: a value goes from a changed row to a new one",
  stored: ({ Loose }) => [new Loose({ id: 1, u: 1 })],
  change: (session, [x], { Loose }) => {
    session.add(new Loose({ id: 2, u: 1 }));
    x.u = 9;
  },
  rows: [
    LOOSE,
    [
      [1, 9],
      [2, 1],
    ],
  ],
  statements: 2,
});

defineCase({
  title: "4: a value goes from a row that becomes NULL to a new one",
  stored: ({ Loose }) => [new Loose({ id: 1, u: 1 })],
  change: (session, [x], { Loose }) => {
    session.add(new Loose({ id: 2, u: 1 }));
    x.u = null;
  },
  rows: [
    LOOSE,
    [
      [1, null],
      [2, 1],
    ],
  ],
  statements: 2,
});

defineCase({
  title: "5: two rows exchange values that may be NULL",
  stored: ({ Loose }) => [new Loose({ id: 1, u: 1 }), new Loose({ id: 2, u: 2 })],
  change: (_, [x, y]) => {
    [x.u, y.u] = [y.u, x.u];
  },
  rows: [
    LOOSE,
    [
      [1, 2],
      [2, 1],
    ],
  ],
  statements: 3,
});

defineCase({
  title: "6: two rows exchange values that must not be NULL",
  stored: ({ Strict }) => [new Strict({ id: 1, u: 1 }), new Strict({ id: 2, u: 2 })],
  change: (_, [x, y]) => {
    [x.u, y.u] = [y.u, x.u];
  },
  rows: [
    STRICT,
    [
      [1, 2],
      [2, 1],
    ],
  ],
  statements: 3,
});

defineCase({
  title: "7: a chain of values moves up by one",
  stored: ({ Strict }) => [1, 2, 3].map((u) => new Strict({ id: u, u })),
  change: (_, rows) => {
    for (const row of rows) row.u = (row.u ?? 0) + 1;
  },
  rows: [
    STRICT,
    [
      [1, 2],
      [2, 3],
      [3, 4],
    ],
  ],
  statements: 3,
});

defineCase({
  title: "8: three rows rotate values that must not be NULL",
  stored: ({ Strict }) => [1, 2, 3].map((u) => new Strict({ id: u, u })),
  change: (_, rows) => {
    for (const row of rows) row.u = ((row.u ?? 0) % 3) + 1;
  },
  rows: [
    STRICT,
    [
      [1, 2],
      [2, 3],
      [3, 1],
    ],
  ],
  statements: 4,
});

defineCase({
  title: "9: a pair of values goes from a deleted row to a new one",
  stored: ({ Pair }) => [new Pair({ id: 1, a: 1, b: "x" })],
  change: (session, [x], { Pair }) => {
    session.add(new Pair({ id: 2, a: 1, b: "x" }));
    session.delete(x);
  },
  rows: ["select id, a, b from pair order by id", [[2, 1, "x"]]],
  statements: 2,
});

defineCase({
  title: "10: two rows exchange a pair of values",
  stored: ({ Pair }) => [new Pair({ id: 1, a: 1, b: "x" }), new Pair({ id: 2, a: 2, b: "y" })],
  change: (_, [x, y]) => {
    [x.a, y.a] = [y.a, x.a];
    [x.b, y.b] = [y.b, x.b];
  },
  rows: [
    "select id, a, b from pair order by id",
    [
      [1, 2, "y"],
      [2, 1, "x"],
    ],
  ],
  statements: 3,
});

defineCase({
  title: "11: an active row of a partial index gives way to a new one",
  stored: ({ Version }) => [new Version({ id: 1, name: "a", active: true })],
  change: (session, [old], { Version }) => {
    session.add(new Version({ id: 2, name: "a", active: true }));
    old.active = false;
  },
  rows: ["select id, name from version where active order by id", [[2, "a"]]],
  statements: 2,
});

defineCase({
  title: "12: the only child of an owner is replaced",
  stored: ({ Person, Passport }) => [new Person({ id: 1, passport: new Passport({ id: 1 }) })],
  change: (_, [person], { Passport }) => {
    person.passport = new Passport({ id: 2 });
  },
  rows: ["select id, person_id from passport", [[2, 1]]],
  statements: 2,
});

defineCase({
  title: "13: two owners exchange their only children, whose foreign key is unique and NOT NULL",
  stored: ({ Person, Passport }) => [
    new Person({ id: 1, passport: new Passport({ id: 1 }) }),
    new Person({ id: 2, passport: new Passport({ id: 2 }) }),
  ],
  change: (_, [a, b]) => {
    const [first, second] = [a.passport, b.passport];
    if (first === null || second === null) throw new Error("both have one");
    [first.personId, second.personId] = [2, 1];
  },
  rows: [
    "select id, person_id from passport order by id",
    [
      [1, 2],
      [2, 1],
    ],
  ],
  statements: 3,
  needs: "deferForeignKeys",
});

defineCase({
  title: "14: a deleted row and a new one have the same natural key",
  stored: ({ Word }) => [new Word({ text: "a", note: "old" })],
  change: (session, [old], { Word }) => {
    session.delete(old);
    session.add(new Word({ text: "a" }));
  },
  rows: ["select text, note from word", [["a", null]]],
  statements: 2,
});

defineCase({
  title: "15: a deleted row and a new one have values that a collation takes for equal",
  stored: ({ Login }) => [new Login({ id: 1, name: "A" }), new Login({ id: 2, name: "B" })],
  change: (session, [a, b], { Login }) => {
    session.add(new Login({ id: 3, name: "b" }));
    b.name = "a";
    session.delete(a);
  },
  rows: [
    "select id, name from login order by id",
    [
      [2, "a"],
      [3, "b"],
    ],
  ],
  statements: 3,
});

defineCase({
  title: "16: a row is inserted at the head of a numbered list",
  stored: ({ Item }) => [1, 2, 3].map((position) => new Item({ id: position, list: 1, position })),
  change: (session, items, { Item }) => {
    session.add(new Item({ id: 4, list: 1, position: 1 }));
    for (const item of items) item.position = (item.position ?? 0) + 1;
  },
  rows: [
    "select id, position from item order by id",
    [
      [1, 2],
      [2, 3],
      [3, 4],
      [4, 1],
    ],
  ],
  statements: 4,
});

defineCase({
  title: "17: a new parent takes the unique name and the children of a deleted one",
  stored: ({ Owner, Thing }) => [new Owner({ id: 1, name: "a", things: [new Thing({ id: 1 })] })],
  change: (session, [old], { Owner }) => {
    const next = new Owner({ id: 2, name: "a" });
    session.add(next);
    for (const thing of [...old.things]) thing.owner = next;
    session.delete(old);
  },
  rows: ["select o.id, o.name, t.id from owner o left join thing t on t.owner_id = o.id", [[2, "a", 1]]],
  statements: 4,
});

defineCase({
  title: "18: two new rows refer to each other",
  stored: () => [],
  change: (session, _, { Left, Right }) => {
    const left = new Left({ id: 1 });
    left.right = new Right({ id: 1, left });
    session.add(left);
  },
  rows: ["select l.id, r.id from left_side l join right_side r on l.right_id = r.id and r.left_id = l.id", [[1, 1]]],
  statements: 3,
});

defineCase({
  title: "19: two rows exchange values that a collation takes for equal to what the other one has",
  stored: ({ Login }) => [new Login({ id: 1, name: "a" }), new Login({ id: 2, name: "b" })],
  change: (_, [a, b]) => {
    [a.name, b.name] = ["B", "A"];
  },
  rows: [
    "select id, name from login order by id",
    [
      [1, "B"],
      [2, "A"],
    ],
  ],
  statements: 3,
});

onEveryDatabase("the battery of unique-key conflicts in one flush", (database) => {
  for (const { title, stored, change, rows, statements, needs } of battery) {
    const isPossible = needs === undefined || database.capabilities[needs];
    it(isPossible ? title : `${title}: is refused before any statement`, async () => {
      const models = batteryModels();
      const engine = database.open();
      await models.Base.metadata.createAll(engine);
      const session = new Session(engine);
      const objects = stored(models);
      session.addAll(objects);
      await session.commit();
      const log = new StatementLog(engine);
      change(session, objects, models);
      if (!isPossible) {
        await expect(session.flush()).rejects.toThrow(FlushCycleError);
        expect(log.writes).toEqual([]);
        await session.close();
        await engine.dispose();
        return;
      }
      await session.flush();
      expect(log.writes.length).toBeLessThanOrEqual(statements);
      await session.commit();
      expect(await storedRows(engine, rows[0])).toEqual(rows[1]);
      await session.close();
      await engine.dispose();
    });
  }
});

onEveryDatabase("case 13 of the battery", (database) => {
  const { deferForeignKeys, deferrable, keysFollow } = database.capabilities;
  const ways = [
    { how: "with a DEFERRABLE foreign key", models: { deferrable: true }, session: {}, isPossible: deferrable },
    {
      how: "with leave to suspend checks",
      models: {},
      session: { suspendForeignKeyChecks: true },
      isPossible: !keysFollow,
    },
    { how: "with leave to delete and insert again", models: { reinsert: true }, session: {}, isPossible: true },
  ];
  for (const { how, models: options, session: sessionOptions, isPossible } of ways) {
    it.runIf(isPossible || deferForeignKeys)(`is possible ${how}`, async () => {
      const { Base, Person, Passport } = batteryModels(options);
      const engine = database.open();
      await Base.metadata.createAll(engine);
      await using session = new Session(engine, sessionOptions);
      const [first, second] = [new Passport({ id: 1 }), new Passport({ id: 2 })];
      session.addAll([new Person({ id: 1, passport: first }), new Person({ id: 2, passport: second })]);
      await session.commit();
      const log = new StatementLog(engine);
      [first.personId, second.personId] = [2, 1];
      await session.commit();
      expect(log.writes).toHaveLength(3);
      expect(await storedRows(engine, "select id, person_id from passport order by id")).toEqual([
        [1, 2],
        [2, 1],
      ]);
    });
  }
});

/** Some drivers give a count or a small key as a bigint. */
async function storedRows(engine: Engine, sql: string): Promise<readonly (readonly unknown[])[]> {
  return (await rowsOf(engine, sql)).map((row) =>
    row.map((value) => (typeof value === "bigint" ? Number(value) : value)),
  );
}
