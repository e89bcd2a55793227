import {
  boolean,
  bytes,
  date,
  declarativeBase,
  double,
  enumeration,
  func,
  integer,
  json,
  manyToOne,
  numeric,
  Session,
  StaleDataError,
  select,
  timestamp,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../../support/databases.ts";
import { rowsOf, StatementLog } from "../../support/statements.ts";

const Base = declarativeBase();

class Wide extends Base("wide", {
  id: integer().primaryKey(),
  name: varchar(20).notNull(),
  a: integer(),
  b: numeric(10, 2),
  c: double(),
  d: boolean(),
  e: date(),
  f: timestamp(),
  g: json<{ n: number } | null>(),
  h: bytes(),
  i: varchar(5).serverDefault("x"),
}) {}

/** With ten columns each, more parameters than any of the databases takes in one statement. */
const ROWS = 10_000;
const instant = new Date("2024-05-01T10:00:00Z");

class Owner extends Base("owner", { id: integer().primaryKey() }) {}
class Owned extends Base("owned", {
  id: integer().primaryKey(),
  get ownerId() {
    return integer().notNull().references(Owner.c.id);
  },
  get owner() {
    return manyToOne(Owner);
  },
}) {}

onEveryDatabase("many changed keys, under foreign keys that do not follow", (database) => {
  it("are written with what refers to them, some hundred rows at a time", async () => {
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine, { suspendForeignKeyChecks: !database.capabilities.keysFollow });
    const owners = Array.from({ length: 1_000 }, (_, n) => new Owner({ id: n + 1 }));
    session.addAll(owners.map((owner) => new Owned({ id: owner.id, owner })));
    await session.commit();
    const log = new StatementLog(engine);
    for (const owner of owners) owner.id += 5_000;
    await session.commit();
    if (database.capabilities.sharesStatement) expect(log.writes.length).toBe(4);
    expect(await rowsOf(engine, "select count(*) from owner where id > 5000")).toEqual([[1_000]]);
    expect(await rowsOf(engine, "select count(*) from owned where owner_id = id + 5000")).toEqual([[1_000]]);
    await session.close();
    await engine.dispose();
  });
});

onEveryDatabase("a flush of more values than one statement has room for", (database) => {
  it("inserts, updates and deletes all rows in few statements", async () => {
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    const log = new StatementLog(engine);
    const rows = Array.from(
      { length: ROWS },
      (_, n) =>
        new Wide({
          name: `n${n}`,
          a: n % 7 === 0 ? null : n,
          b: "1.50",
          c: n / 4,
          d: n % 2 === 0,
          e: "2024-02-29",
          f: instant,
          g: { n },
          h: new Uint8Array([n % 256, 0]),
        }),
    );
    session.addAll(rows);
    await session.commit();
    expect(log.writes.length).toBeLessThan(10);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(ROWS);
    expect(rows.every(({ i }) => i === "x")).toBe(true);
    {
      await using other = new Session(engine);
      for (const n of [0, 1, 4999, ROWS - 1]) {
        const [stored] = await other.all(select(Wide).where(Wide.c.id.eq(rows[n]!.id)));
        expect(JSON.stringify(stored)).toBe(JSON.stringify(rows[n]));
      }
    }

    log.clear();
    for (const row of rows) {
      row.name = `${row.name}!`;
      row.b = "2.25";
    }
    await session.commit();
    expect(log.writes.length).toBeLessThan(10);
    const changed = select(func.count()).where(Wide.c.b.eq("2.25"), Wide.c.name.like("n%!"));
    expect(await session.all(changed)).toEqual([ROWS]);

    log.clear();
    for (const row of rows) session.delete(row);
    await session.commit();
    expect(log.writes.length).toBeLessThan(10);
    expect(await session.all(select(func.count(Wide.c.id)))).toEqual([0]);
    await engine.dispose();
  });
});

const OddBase = declarativeBase();

class Odd extends OddBase("odd", {
  id: integer().primaryKey(),
  name: varchar(40),
  amount: numeric(10, 2),
  at: timestamp(),
  data: json<unknown>(),
  raw: bytes(),
  isOn: boolean(),
  kind: enumeration(["draft", "live"]),
  version: integer().notNull(),
  get mapperArgs() {
    return { versionId: Odd.c.version };
  },
}) {}

const NAMES = ["NULL", "", null, "it's", 'a"b', "back\\slash", "{x,y}", ",", " new\nline ", "ü€😀"];

/** Values that arrays, as PostgreSQL writes them, have to escape. */
function oddValues(n: number) {
  const name = NAMES[n % NAMES.length] ?? null;
  return {
    name,
    amount: n % 3 === 0 ? null : `${n}.25`,
    at: n % 5 === 0 ? null : new Date(instant.getTime() + n),
    data: n % 4 === 0 ? null : { [`k"\\${n}`]: [name, n, { "{": "}" }] },
    raw: n % 6 === 0 ? null : new Uint8Array([n % 256, 0, 92, 34]),
    isOn: n % 7 === 0 ? null : n % 2 === 0,
    kind: n % 8 === 0 ? null : n % 2 === 0 ? ("draft" as const) : ("live" as const),
  };
}

onEveryDatabase("a flush of thousands of rows", (database) => {
  async function setUp() {
    const engine = database.open();
    await OddBase.metadata.createAll(engine);
    const session = new Session(engine);
    const rows = Array.from({ length: 1500 }, (_, n) => new Odd({ id: n + 1, name: "old" }));
    session.addAll(rows);
    await session.commit();
    return { engine, session, rows };
  }

  it("gives each row its own values, whatever they are", async () => {
    const { engine, session, rows } = await setUp();
    for (const row of rows) Object.assign(row, oddValues(row.id));
    await session.commit();
    await session.close();
    await using other = new Session(engine);
    const stored = await other.all(select(Odd).orderBy(Odd.c.id));
    expect(stored.length).toBe(rows.length);
    for (const { id, version, name, amount, at, data, raw, isOn, kind } of stored) {
      const values = { name, amount, at, data, raw: raw && new Uint8Array(raw), isOn, kind };
      expect({ version, ...values }).toEqual({ version: 2, ...oddValues(id) });
    }
    await engine.dispose();
  });

  for (const change of ["update", "delete"] as const) {
    it(`notices that somebody else has changed one of the rows to ${change}`, async () => {
      const { engine, session, rows } = await setUp();
      {
        await using other = new Session(engine);
        const theirs = await other.get(Odd, 777);
        if (theirs !== null) theirs.name = "theirs";
        await other.commit();
      }
      for (const row of rows) {
        if (change === "update") row.name = "mine";
        else session.delete(row);
      }
      await expect(session.commit()).rejects.toThrow(StaleDataError);
      await session.rollback();
      const count = select(func.count(Odd.c.id)).where(Odd.c.name.eq("old"));
      expect(await session.all(count)).toEqual([rows.length - 1]);
      await session.close();
      await engine.dispose();
    });
  }
});
