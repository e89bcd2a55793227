import {
  alias,
  CompileError,
  check,
  cte,
  declarativeBase,
  type Engine,
  enumeration,
  ForeignKeyViolation,
  func,
  index,
  insert,
  integer,
  joinedLoad,
  MetaData,
  manyToOne,
  oneToMany,
  Session,
  select,
  Table,
  UniqueViolation,
  unique,
  update,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { StatementLog } from "../support/statements.ts";

/** Names that every database can have, each with something that ends, escapes or names a thing in SQL or in a driver. */
const HOSTILE = [
  'quo"te',
  "back`tick",
  "apos'trophe",
  "semi;colon",
  "per%cent %s",
  "quest?ion ??",
  "dollar$1",
  "col:on :x",
  "new\nline\ttab",
  "back\\slash",
  "-- comment /* */",
  "dot.ted",
  "par(en)s",
  "[bracket]",
  "blanks  in between",
  "Ünïcode 日本",
  "שלום\u202eRTL",
  "zero\u200bwidth",
  "1digit",
  "UPPER",
  "order",
  "select",
  "user",
  "primary",
  "constructor",
  "__proto__",
];

/** Characters of four bytes in UTF-8, which not all databases have in names. */
const EMOJI = "emoji 🎉";

function modelsFor(name: string) {
  const Base = declarativeBase({ columnNames: "verbatim" });
  class Owner extends Base(`${name} owner`, {
    id: integer(`${name} id`).primaryKey(),
    get members() {
      return oneToMany(Member, { backPopulates: "owner", orderBy: Member.c.id });
    },
  }) {}
  class Member extends Base(name, {
    id: integer().primaryKey(),
    value: varchar(100, name).notNull(),
    kind: enumeration(["plain", name]).notNull().default("plain"),
    get ownerId() {
      return integer(`${name} fk`).references(Owner.c.id, { name: `fk ${name}`, onDelete: "cascade" });
    },
    get owner() {
      return manyToOne(Owner, { backPopulates: "members" });
    },
    get tableArgs() {
      return [
        unique(`uq ${name}`, Member.c.value),
        index(`ix ${name}`, Member.c.kind, Member.c.value),
        check(`ck ${name}`, Member.c.value.ne(`${name} is forbidden`)),
      ];
    },
  }) {}
  return { Base, Owner, Member };
}

/** Uses the name for everything that has one, and as a value. */
async function everythingIsNamed(database: TestDatabase, name: string): Promise<void> {
  const engine = database.open();
  const { Base, Owner, Member } = modelsFor(name);
  await Base.metadata.createAll(engine);

  await using session = new Session(engine);
  const [one, two] = [new Member({ value: name, kind: name }), new Member({ value: "other" })];
  session.add(new Owner({ members: [one, two] }));
  await session.commit();
  [one.value, two.value] = [two.value, one.value]; // a unique value changes hands
  await session.commit();
  session.clear();

  const [owner] = await session.all(select(Owner).options(joinedLoad(Owner.c.members)).limit(1));
  expect(owner?.members.map(({ value, kind }) => [value, kind])).toEqual([
    ["other", name],
    [name, "plain"],
  ]);

  // Aliases, labels, subqueries, common table expressions.
  const other = alias(Member, name);
  const sub = select({ [name]: other.c.value, id: other.c.id }).subquery(`${name} sub`);
  const common = cte(select({ id: sub.c.id, [`${name} x`]: sub.column(name) }), `${name} cte`);
  const rows = await session.all(
    select({ [name]: common.column(`${name} x`), n: func.count() })
      .groupBy(common.column(`${name} x`))
      .orderBy(common.column(`${name} x`)),
  );
  expect(rows.map((row) => Object.entries(row))).toEqual(
    expect.arrayContaining([
      [
        [name, name],
        ["n", 1],
      ],
    ]),
  );
  await session.execute(
    update(Member)
      .set({ value: `${name}!` })
      .where(Member.c.value.eq(name)),
  );
  expect(await session.all(select(Member.c.value).where(Member.c.value.like("%!")))).toEqual([`${name}!`]);

  // The names of constraints come back in errors.
  const connection = await session.connection();
  const outer = await connection.savepoint(name);
  await outer.release();
  const savepoint = await connection.savepoint(name);
  const error = await session
    .execute(insert(Member).values({ value: "other" }))
    .then(() => null)
    .catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(UniqueViolation);
  expect(error).toMatchObject({ constraint: `uq ${name}` });
  await savepoint.rollback();
  const orphan = await session
    .execute(insert(Member).values({ value: "third", ownerId: 99 }))
    .then(() => null)
    .catch((cause: unknown) => cause);
  expect(orphan).toBeInstanceOf(ForeignKeyViolation);
  expect(orphan).toMatchObject({ constraint: `fk ${name}`, columns: [`${name} fk`] });
  await session.rollback();

  // The inspector reads the names that were given.
  await using reader = await engine.connect();
  const inspector = reader.inspect();
  expect(await inspector.tableNames()).toEqual(expect.arrayContaining([name, `${name} owner`]));
  expect((await inspector.columns(name)).map((column) => column.name)).toEqual(["id", name, "kind", `${name} fk`]);
  expect(await inspector.primaryKey(`${name} owner`)).toEqual([`${name} id`]);
  expect(await inspector.uniqueConstraints(name)).toMatchObject([{ name: `uq ${name}`, columns: [name] }]);
  expect((await inspector.indexes(name)).map((one) => [one.name, one.columns])).toEqual([
    [`ix ${name}`, ["kind", name]],
  ]);
  expect((await inspector.foreignKeys(name)).map((key) => [key.name, key.columns, key.referredTable])).toEqual([
    [`fk ${name}`, [`${name} fk`], `${name} owner`],
  ]);
  expect((await inspector.checks(name)).map((one) => one.name)).toContain(`ck ${name}`);
  await reader.close();

  await Base.metadata.dropAll(engine);
  await using after = await engine.connect();
  expect(await after.inspect().tableNames()).toEqual([]);
}

/** The longest name that every database can have. */
const LONGEST = "n".repeat(63);

onEveryDatabase("hostile names", (database) => {
  it.each(HOSTILE)("%j are names like others", (name) => everythingIsNamed(database, name));

  it("with emoji are names, or refused before any SQL", async () => {
    const engine = database.open();
    const log = new StatementLog(engine);
    const isRefused = refusal(engine, EMOJI);
    if (isRefused === null) return everythingIsNamed(database, EMOJI);
    expect(isRefused).toBeInstanceOf(CompileError);
    const { Base, Member } = modelsFor("member");
    await using session = new Session(engine);
    await Base.metadata.createAll(engine);
    log.clear();
    await expect(session.all(select({ [EMOJI]: Member.c.id }))).rejects.toThrow('"emoji 🎉" cannot be a name');
    await expect((await session.connection()).savepoint(EMOJI)).rejects.toThrow(CompileError);
    expect(log.all).toEqual([]);
  });

  it.each(["nul\u0000", "half \ud83c", "\udf89 half"])("%j are refused before any SQL", async (name) => {
    const engine = database.open();
    const log = new StatementLog(engine);
    const { Base } = modelsFor(name);
    await expect(Base.metadata.createAll(engine)).rejects.toThrow(CompileError);
    expect(log.writes).toEqual([]);
    await using connection = await engine.connect();
    await expect(connection.savepoint(name)).rejects.toThrow(CompileError);
  });

  it("of the greatest length are kept whole, and so are those that are made of them", async () => {
    const engine = database.open();
    const Base = declarativeBase({ columnNames: "verbatim" });
    const [first, second] = [`${LONGEST.slice(1)}a`, `${LONGEST.slice(1)}b`];
    class Parent extends Base(first, {
      id: integer(first).primaryKey(),
      value: varchar(50, second),
      get children() {
        return oneToMany(Child, { backPopulates: "parent", orderBy: Child.c.id });
      },
    }) {}
    class Child extends Base(second, {
      id: integer(second).primaryKey(),
      get parentId() {
        return integer(first).references(Parent.c.id);
      },
      get parent() {
        return manyToOne(Parent, { backPopulates: "children" });
      },
    }) {}
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    session.add(new Parent({ value: "p", children: [new Child(), new Child()] }));
    await session.commit();
    session.clear();
    // A limit makes a subquery of the parents; the names of its columns, and of the tables that are joined, are made up.
    const statement = select(Parent).options(joinedLoad(Parent.c.children).joinedLoad(Child.c.parent)).limit(1);
    const [parent] = await session.all(statement);
    expect(parent?.children.map(({ id }) => id)).toEqual([1, 2]);
    // Two columns of one name, and two aliases of one table.
    const [one, two] = [alias(Child), alias(Child)];
    const pairs = select(one.c.id, two.c.id, one.c.parentId).where(one.c.id.lt(two.c.id)).subquery();
    expect(await session.all(select(...pairs.columns))).toEqual([[1, 2, 1]]);
  });

  it("that are too long are never cut off to the same name", async () => {
    const engine = database.open();
    const [first, second] = [`${"x".repeat(300)}1`, `${"x".repeat(300)}2`];
    const metadata = new MetaData();
    for (const name of [first, second]) new Table(name, metadata, { id: integer().primaryKey() });
    const created = await metadata
      .createAll(engine)
      .then(() => true)
      .catch(() => false);
    await using connection = await engine.connect();
    expect(await connection.inspect().tableNames()).toEqual(created ? [first, second] : []);
  });

  it("of savepoints are told apart to the last character, or refused", async () => {
    const engine = database.open();
    const metadata = new MetaData();
    const table = new Table("t", metadata, { id: integer().primaryKey() });
    await metadata.createAll(engine);
    await using connection = await engine.connect();
    const [first, second] = [`${"x".repeat(63)}1`, `${"x".repeat(63)}2`];
    const refused = refusal(engine, first);
    if (refused !== null) {
      await expect(connection.savepoint(first)).rejects.toThrow(refused.message);
      return;
    }
    const outer = await connection.savepoint(first);
    await connection.execute(insert(table).values({ id: 1 }));
    await connection.savepoint(second);
    await outer.rollback();
    expect((await connection.execute(select(table.c.id))).all()).toEqual([]);
  });

  it("of constraints that a convention makes are shortened to names that differ", async () => {
    const engine = database.open();
    const metadata = new MetaData({ namingConvention: { uq: "uq_%(table_name)s_%(column_0_N_name)s" } });
    const long = "日".repeat(20);
    const table = new Table(
      "t",
      metadata,
      { id: integer().primaryKey(), a: varchar(10, `${long}a`), b: varchar(10, `${long}b`), c: varchar(10, "c") },
      ({ a, b, c }) => [unique(null, a, c), unique(null, b, c)],
    );
    await metadata.createAll(engine);
    await using connection = await engine.connect();
    const names = (await connection.inspect().uniqueConstraints("t")).map(({ name }) => name);
    expect(names.sort()).toEqual(table.uniques.map(({ name }) => name).sort());
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(Buffer.byteLength(name ?? "")).toBeLessThanOrEqual(63);
  });
});

/** What the dialect says of the name; null if it may be one. */
function refusal(engine: Engine, name: string): Error | null {
  try {
    engine.dialect.quote(name);
    return null;
  } catch (error) {
    return error as Error; // nothing else is thrown
  }
}
