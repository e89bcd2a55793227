import {
  alias,
  case as case_,
  createEngine,
  declarativeBase,
  deleteFrom,
  func,
  insert,
  integer,
  manyToOne,
  oneToMany,
  Session,
  select,
  text,
  union,
  update,
  values,
  varchar,
} from "alkahest";
import { beforeEach, describe, expect, it } from "vitest";

const Base = declarativeBase();

class User extends Base("users", {
  id: integer().primaryKey(),
  name: varchar(50),
  get bossId() {
    return integer().references(User.c.id);
  },
  get notes() {
    return oneToMany(Note, { backPopulates: "user" });
  },
}) {}

class Note extends Base("notes", {
  id: integer().primaryKey(),
  body: varchar(50),
  get userId() {
    return integer().references(User.c.id);
  },
  get user() {
    return manyToOne(User, { backPopulates: "notes" });
  },
}) {}

const boss = alias(User, "boss");
let engine = createEngine("sqlite::memory:");

/** The rows of a statement, as a connection gives them. */
async function rowsOf(statement: Parameters<Session["execute"]>[0]): Promise<unknown[]> {
  await using session = new Session(engine);
  const result = await session.execute(statement);
  const rows = result.all();
  await session.commit();
  return rows;
}

beforeEach(async () => {
  engine = createEngine("sqlite::memory:");
  await Base.metadata.createAll(engine);
  await engine.begin(async (connection) => {
    await connection.execute(
      insert(User).values([
        { id: 1, name: "ed" },
        { id: 2, name: "wendy", bossId: 1 },
        { id: 3, name: "mary", bossId: 2 },
      ]),
    );
    await connection.execute(
      insert(Note).values([
        { id: 1, userId: 1, body: "first" },
        { id: 2, userId: 1, body: "50%" },
      ]),
    );
  });
  return () => engine.dispose();
});

describe("statements on a database", () => {
  it("join relationships and group", async () => {
    const query = select(User.c.name, func.count(Note.c.id)).leftJoin(User.c.notes).groupBy(User.c.name);
    expect(await rowsOf(query.orderBy(User.c.name))).toEqual([
      ["ed", 2],
      ["mary", 0],
      ["wendy", 0],
    ]);
    expect(await rowsOf(query.having(func.count(Note.c.id).gt(1)))).toEqual([["ed", 2]]);
  });

  it("select a class twice", async () => {
    const query = select({ name: User.c.name, boss: boss.c.name }).join(boss, boss.c.id.eq(User.c.bossId));
    expect(await rowsOf(query.orderBy(User.c.id))).toEqual([
      { name: "wendy", boss: "ed" },
      { name: "mary", boss: "wendy" },
    ]);
  });

  it("walk down a tree", async () => {
    const below = select({ id: User.c.id, name: User.c.name })
      .where(User.c.name.eq("wendy"))
      .cte("below")
      .unionAll((above) => select({ id: User.c.id, name: User.c.name }).join(above, above.c.id.eq(User.c.bossId)));
    expect(await rowsOf(select(below.c.name).orderBy(below.c.id))).toEqual([["wendy"], ["mary"]]);
  });

  it("filter by related rows, lists, patterns and subqueries", async () => {
    const names = (query: ReturnType<typeof byName>) => rowsOf(query).then((rows) => rows.flat());
    const byName = (condition: Parameters<ReturnType<typeof select>["where"]>[0]) =>
      select(User.c.name).where(condition).orderBy(User.c.id);
    expect(await names(byName(User.c.notes.any(Note.c.body.contains("50%"))))).toEqual(["ed"]);
    expect(await names(byName(User.c.id.in([])))).toEqual([]);
    expect(await names(byName(User.c.id.notIn([])))).toEqual(["ed", "wendy", "mary"]);
    // Types rule null out; plain JavaScript does not.
    expect(await names(byName(User.c.bossId.in([2, null] as number[])))).toEqual(["ed", "mary"]);
    expect(await names(byName(User.c.bossId.notIn([2, null] as number[])))).toEqual(["wendy"]);
    expect(await names(byName(User.c.id.in(select(User.c.bossId))))).toEqual(["ed", "wendy"]);
    const newest = select(func.max(Note.c.id)).where(Note.c.userId.eq(User.c.id)).scalar();
    expect(await names(byName(newest.eq(2)))).toEqual(["ed"]);
  });

  it("combine queries and select from lists", async () => {
    const both = union(select(User.c.name), select(Note.c.body)).orderBy(User.c.name.desc()).limit(2);
    expect(await rowsOf(both)).toEqual([["wendy"], ["mary"]]);
    const labels = values({ id: integer(), label: varchar(5) }, [
      { id: 2, label: "two" },
      { id: 9, label: "nine" },
    ]);
    expect(await rowsOf(select(User.c.name, labels.c.label).join(labels, labels.c.id.eq(User.c.id)))).toEqual([
      ["wendy", "two"],
    ]);
    expect(await rowsOf(select(User.c.id).orderBy(User.c.id).offset(1))).toEqual([[2], [3]]);
  });

  it("insert or update, and say what came of it", async () => {
    const upsert = insert(User)
      .values([
        { id: 3, name: "MARY" },
        { id: 4, name: "fred" },
      ])
      .onConflictDoUpdate({ target: [User.c.id], set: (excluded) => ({ name: excluded.name }) });
    expect(await rowsOf(upsert.returning(User.c.id, User.c.name, User.c.bossId))).toEqual([
      [3, "MARY", 2],
      [4, "fred", null],
    ]);
    expect(await rowsOf(insert(User).values({ id: 1 }).onConflictDoNothing().returning(User.c.id))).toEqual([]);
    const copies = select(User.c.id.add(10), User.c.name).where(User.c.id.lt(3));
    const copied = insert(User).fromSelect(["id", "name"], copies).onConflictDoNothing().returning(User.c.id);
    expect(await rowsOf(copied)).toEqual([[11], [12]]);
  });

  it("update and delete", async () => {
    const statement = update(User)
      .set({ name: User.c.name.concat("!") })
      .where(User.c.bossId.isNotNull());
    expect(await rowsOf(statement.returning(User.c.name))).toEqual([["wendy!"], ["mary!"]]);
    const fromNotes = update(User).set({ name: Note.c.body }).where(Note.c.userId.eq(User.c.id), Note.c.id.eq(1));
    expect(await rowsOf(fromNotes.returning(User.c.name))).toEqual([["first"]]);
    expect(
      await rowsOf(
        deleteFrom(Note)
          .where(Note.c.userId.in(select(User.c.id)))
          .returning(Note.c.id),
      ),
    ).toEqual([[1], [2]]);
    expect(await rowsOf(select(Note.c.id))).toEqual([]);
  });

  it("may be raw, with values given early or late", async () => {
    await using connection = await engine.connect();
    const statement = text("SELECT name FROM users WHERE id BETWEEN :low AND :high ORDER BY id", { low: 2 });
    expect((await connection.execute(statement, { high: 3 })).all()).toEqual([["wendy"], ["mary"]]);
    expect((await connection.execute(statement, { high: 2 })).all()).toEqual([["wendy"]]);
  });

  it("choose by CASE", async () => {
    const size = case_([[Note.c.id.gt(1_000_000), "big"]], "small");
    expect(await rowsOf(select(size).distinct())).toEqual([["small"]]);
  });
});
