/** What a plan says is what the flush does, and why. */

import {
  declarativeBase,
  type Engine,
  FlushCycleError,
  float,
  integer,
  manyToOne,
  oneToMany,
  Session,
  unique,
  varchar,
} from "alkahest";
import { expect, it, onTestFinished } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../../support/databases.ts";
import { StatementLog } from "../../support/statements.ts";

function models() {
  const Base = declarativeBase();
  class Parent extends Base("parent", {
    id: integer().primaryKey(),
    name: varchar(50),
    get children() {
      return oneToMany(Child, { backPopulates: "parent", cascade: "all, delete-orphan" });
    },
  }) {}
  class Child extends Base("child", {
    id: integer().primaryKey(),
    get parentId() {
      return integer().notNull().references(Parent.c.id);
    },
    z: float(),
    get parent() {
      return manyToOne(Parent, { backPopulates: "children" });
    },
    get tableArgs() {
      return [unique("child_uk", Child.c.parentId, Child.c.z)];
    },
  }) {}
  class User extends Base("users", {
    id: integer().primaryKey(),
    email: varchar(50).notNull(),
    get tableArgs() {
      return [unique("users_email_key", User.c.email)];
    },
  }) {}
  class Country extends Base("country", { code: varchar(5).primaryKey() }) {}
  class City extends Base("city", {
    id: integer().primaryKey(),
    get code() {
      return varchar(5).references(Country.c.code, { name: "city_country", deferrable: true });
    },
  }) {}
  /** Rows that refer to another one, always. */
  class Link extends Base("link", {
    id: integer().primaryKey(),
    get nextId() {
      return integer().notNull().references(Link.c.id, { name: "link_next" });
    },
    name: varchar(10).unique(),
    get next() {
      return manyToOne(Link);
    },
  }) {}
  const names = Array.from({ length: 40 }, (_, i) => `c${i}`);
  class Wide extends Base("wide", {
    id: integer().primaryKey(),
    ...Object.fromEntries(names.map((name) => [name, integer()])),
  }) {
    static readonly names = names;
    static readonly values = Object.fromEntries(names.map((name, i) => [name, i]));
  }
  return { Wide, Base, Parent, Child, User, Country, City, Link };
}

function upserted() {
  const Base = declarativeBase();
  class Word extends Base("word", {
    id: integer().primaryKey(),
    text: varchar(20).notNull().unique(),
    count: integer(),
    get mapperArgs() {
      return { onConflict: { target: [Word.c.text], do: "update" as const } };
    },
  }) {}
  return { Base, Word };
}

async function open(database: TestDatabase, { Base }: Pick<ReturnType<typeof models>, "Base">) {
  const engine: Engine = database.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  const log = new StatementLog(engine);
  onTestFinished(async () => {
    await session.close();
    await engine.dispose();
  });
  return { session, log };
}

onEveryDatabase("a plan", (database) => {
  /** Plans, commits, and gives both what was planned and what was sent. */
  async function planAndCommit(session: Session, log: StatementLog) {
    const plan = await session.plan();
    const planned = plan.statements;
    log.clear();
    await session.commit();
    return { plan, planned, sent: log.all.map(({ sql }) => sql) };
  }

  it("lists the statements that the flush then sends", async () => {
    const classes = models();
    const { Parent, Child, User } = classes;
    const { session, log } = await open(database, classes);
    const parent = new Parent({ name: "a", children: [1, 2, 3].map((z) => new Child({ z })) });
    const users = ["a@b", "c@d"].map((email) => new User({ email }));
    session.addAll([parent, ...users]);
    const inserts = await planAndCommit(session, log);
    expect(inserts.planned).toEqual(inserts.sent);
    expect(inserts.planned.length).toBeGreaterThanOrEqual(3);

    const [first, second] = users as [InstanceType<typeof User>, InstanceType<typeof User>];
    [first.email, second.email] = [second.email, first.email];
    parent.children = [new Child({ z: 1 }), new Child({ z: 4 })];
    const changes = await planAndCommit(session, log);
    expect(changes.planned).toEqual(changes.sent);
    expect(changes.plan.deferralStatements).toEqual([]);
    expect(changes.plan.steps.flatMap(({ statements }) => statements)).toEqual(changes.planned);
    expect(changes.planned.length).toBeGreaterThanOrEqual(5); // three for the exchange
  });

  it("cuts a step where the database's parameter limit does", async () => {
    const classes = models();
    const { session, log } = await open(database, classes);
    const { maxParameters } = session.engine.dialect.capabilities;
    const perRow = classes.Wide.names.length + 1;
    const count = Math.floor(maxParameters / perRow) + 1;
    for (let id = 1; id <= count; id++) session.add(new classes.Wide({ id, ...classes.Wide.values }));
    const { plan, planned, sent } = await planAndCommit(session, log);
    expect(plan.steps.map(({ rowCount }) => rowCount)).toEqual([count]);
    expect(plan.steps[0]?.statements).toHaveLength(2);
    expect(planned).toEqual(sent);
  });

  it("lists what puts checks off, or says what cannot be put off", async () => {
    const classes = models();
    const { session, log } = await open(database, classes);
    const { deferrableForeignKeys, transactionDeferredForeignKeys } = session.engine.dialect.capabilities;
    const country = new classes.Country({ code: "de" });
    session.addAll([country, new classes.City({ id: 1, code: "de" })]);
    await session.commit();
    country.code = "at";
    if (!deferrableForeignKeys && !transactionDeferredForeignKeys) {
      const error = await session.plan().catch((reason: unknown) => reason);
      if (!(error instanceof FlushCycleError)) throw error;
      expect(error.constraints).toEqual(["city_country"]);
      expect(error.rows).toEqual(["UPDATE Country#at (code)", "rows of city"]);
      expect(error.orders).toHaveLength(2);
      expect(error.toMermaid()).toContain("rows of city follow the key of Country#35;at by city_country");
      return;
    }
    const { plan, planned, sent } = await planAndCommit(session, log);
    expect(plan.deferralStatements).toHaveLength(1);
    expect(planned[0]).toBe(plan.deferralStatements[0]);
    expect(planned).toEqual(sent);
    expect(plan.steps.map(({ kind, columns }) => [kind, columns])).toEqual([
      ["update", ["code"]],
      ["propagate", ["code"]],
    ]);
    expect(plan.orders.map(({ reason }) => reason)).toEqual([
      'rows of city follow the key of Country#at (code "de" to "at") by city(code)',
    ]);
  });

  it("lists upserts as such", async () => {
    const { Base, Word } = upserted();
    const { session, log } = await open(database, { Base });
    session.addAll([new Word({ text: "a", count: 1 }), new Word({ text: "b", count: 2 })]);
    const { plan, planned, sent } = await planAndCommit(session, log);
    expect(planned).toEqual(sent.filter((sql) => !sql.startsWith("SELECT")));
    expect(plan.steps[0]?.statements.join()).toMatch(/ON CONFLICT|ON DUPLICATE KEY/);
    expect(plan.steps[0]?.rows[0]).toContain(", upsert");
  });

  it("lists what suspends checks, where a session allows that", async () => {
    const classes = models();
    const { session: first, log } = await open(database, classes);
    if (!first.engine.dialect.capabilities.suspendableForeignKeys) return;
    await using session = new Session(first.engine, { suspendForeignKeyChecks: true });
    const country = new classes.Country({ code: "de" });
    session.addAll([country, new classes.City({ id: 1, code: "de" })]);
    await session.commit();
    country.code = "at";
    const { plan, planned, sent } = await planAndCommit(session, log);
    expect(planned).toEqual(sent.filter((sql) => !/^\s*SELECT/i.test(sql)));
    expect(planned[0]).toMatch(/^SET/);
    expect(planned).toHaveLength(4);
    expect(plan.toString()).toContain("without checks of foreign keys");
  });

  it("says why a row waits: which value of which constraint another row gives up", async () => {
    const classes = models();
    const { User } = classes;
    const { session } = await open(database, classes);
    session.addAll([new User({ id: 1, email: "a@b" }), new User({ id: 2, email: "c@d" })]);
    await session.commit();
    const [first, second] = [await session.get(User, 1), await session.get(User, 2)];
    if (first === null || second === null) throw new Error("both were stored");
    [first.email, second.email] = ["x@y", "a@b"];
    const plan = await session.plan();
    expect(plan.orders).toEqual([
      {
        before: "UPDATE User#1 (email)",
        after: "UPDATE User#2 (email)",
        reason: 'User#2 takes users_email_key (email) = "a@b" that User#1 gives up',
      },
    ]);
  });

  it("shows orphans with the owner that they lost, before they are deleted", async () => {
    const classes = models();
    const { Parent, Child } = classes;
    const { session } = await open(database, classes);
    const kept = new Child({ id: 1, z: 1 });
    const lost = new Child({ id: 2, z: 2 });
    const parent = new Parent({ id: 7, children: [kept, lost] });
    session.add(parent);
    await session.commit();
    parent.children = [kept];
    const plan = await session.plan();
    expect(plan.orphans).toEqual([lost]);
    expect(session.deleted.size).toBe(0);
    expect(plan.toString()).toContain("Child#2 was let go by Parent#7.children");
    expect(plan.toString()).toContain("DELETE Child#2");
  });

  it("is plain data for JSON.stringify", async () => {
    const classes = models();
    const { Parent, Child } = classes;
    const { session } = await open(database, classes);
    session.add(new Parent({ id: 1, children: [new Child({ z: 1 })] }));
    const plan = await session.plan();
    expect(JSON.parse(JSON.stringify(plan))).toMatchObject({
      steps: [
        { kind: "insert", table: "parent", rowCount: 1, rows: ["INSERT Parent#1"] },
        { kind: "insert", table: "child", columns: ["parent_id", "z"], rowCount: 1 },
      ],
      orders: [{ before: "INSERT Parent#1", reason: "Child (new, z = 1) refers to Parent#1 by child(parent_id)" }],
      orphans: [],
      deferral: { constraints: [], allForeignKeys: false },
      deferralStatements: [],
    });
  });

  it("that does not exist names the rows of the circle, the constraints and the reasons, as data too", async () => {
    const classes = models();
    const { Link } = classes;
    const { session, log } = await open(database, classes);
    const [a, b] = [new Link({ name: "a" }), new Link({ name: "b" })];
    [a.next, b.next] = [b, a];
    session.add(a);
    log.clear();
    const error = await session.plan().then(
      (plan) => plan,
      (reason: unknown) => reason,
    );
    // Where keys can be drawn beforehand, there is a way.
    if (session.engine.dialect.capabilities.sequences) {
      expect(error).not.toBeInstanceOf(Error);
      return;
    }
    if (!(error instanceof FlushCycleError)) throw error;
    expect(log.all).toEqual([]);
    expect([...error.rows].sort()).toEqual(['INSERT Link (new, name = "a")', 'INSERT Link (new, name = "b")']);
    expect(error.constraints).toEqual(["link_next"]);
    expect(error.orders.map(({ reason }) => reason).sort()).toEqual([
      'Link (new, name = "a") refers to Link (new, name = "b") by link(next_id)',
      'Link (new, name = "b") refers to Link (new, name = "a") by link(next_id)',
    ]);
    expect(error.message).toContain(error.orders[0]?.reason);
    expect(error.toMermaid()).toMatch(/^flowchart TD\n.*s0 -->\|.*\| s1\n.*s1 -->\|.*\| s0$/s);
  });
});
