import {
  CheckViolation,
  check,
  DataError,
  declarativeBase,
  func,
  insert,
  integer,
  literal,
  manyToOne,
  oneToMany,
  Session,
  select,
  selectinLoad,
  sql,
  text,
  update,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { StatementLog } from "../support/statements.ts";
import { NASTY_STRINGS } from "./value-cases.ts";

const STRINGS = [...NASTY_STRINGS, "50% off", "50_ off", "1/2", "%", "_", "/", "/%", "\\%", "ends_", "[a-z]*"];

/** Compared byte by byte, so that no collation takes two of them for one. */
const exact = (name?: string) => varchar(200, name).collate({ mysql: "utf8mb4_bin" });

function models() {
  const Base = declarativeBase();
  class Topic extends Base("topic", {
    name: exact().primaryKey(),
    get notes() {
      return oneToMany(Note, { backPopulates: "topic", orderBy: Note.c.id });
    },
  }) {}
  class Note extends Base("note", {
    id: integer().primaryKey(),
    body: text("body").collate({ mysql: "utf8mb4_bin" }),
    get topicName() {
      return exact().references(Topic.c.name, { onUpdate: "cascade" });
    },
    get topic() {
      return manyToOne(Topic, { backPopulates: "notes" });
    },
  }) {}
  return { Base, Topic, Note };
}

onEveryDatabase("hostile strings", (database) => {
  it("are keys, foreign keys and members of IN like others", async () => {
    const engine = database.open();
    const { Base, Topic, Note } = models();
    await Base.metadata.createAll(engine);
    {
      await using session = new Session(engine);
      session.addAll(STRINGS.map((name) => new Topic({ name, notes: [new Note({ body: name })] })));
      await session.commit();
    }
    await using session = new Session(engine);
    for (const name of STRINGS) expect((await session.get(Topic, name))?.name).toBe(name);
    session.clear();
    const topics = await session.all(
      select(Topic).where(Topic.c.name.in(STRINGS)).options(selectinLoad(Topic.c.notes)),
    );
    expect(topics).toHaveLength(STRINGS.length);
    for (const topic of topics) expect(topic.notes.map(({ body }) => body)).toEqual([topic.name]);
    const none = await session.all(select(Topic.c.name).where(Topic.c.name.notIn(STRINGS)));
    expect(none).toEqual([]);
  });

  it("are parameters of functions, raw SQL and updates, and never SQL", async () => {
    const engine = database.open();
    const { Base, Note } = models();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    session.add(new Note({ id: 1, body: "" }));
    await session.commit();
    for (const value of STRINGS) {
      expect(await session.all(select(func.coalesce(literal<string | null>(null), value)))).toEqual([value]);
      expect(await session.all(select(literal(value).concat("'")))).toEqual([`${value}'`]);
      const raw = await session.execute(text("SELECT body FROM note WHERE :value = :value", { value }));
      expect(raw.all()).toHaveLength(1);
      const tagged = await session.execute(sql`SELECT id FROM note WHERE ${value} = ${value}`);
      expect(tagged.all()).toHaveLength(1);
      await session.execute(
        update(Note)
          .set({ body: Note.c.body.concat(value) })
          .where(Note.c.id.eq(1)),
      );
    }
    expect(await session.all(select(Note.c.body))).toEqual([STRINGS.join("")]);
  });

  it("may be conditions, comments and defaults of the schema", async () => {
    const engine = database.open();
    const Base = declarativeBase();
    class Rule extends Base("rule", {
      id: integer().primaryKey(),
      word: exact().notNull().comment(STRINGS.join(" ")).serverDefault("it's \\ 'fine' %s ? $1 :x"),
      get tableArgs() {
        return STRINGS.filter((word) => word !== "").map((word, number) => check(`c${number}`, Rule.c.word.ne(word)));
      },
    }) {}
    await Base.metadata.createAll(engine);
    await using connection = await engine.connect();
    await connection.execute(insert(Rule).values({}));
    expect((await connection.execute(select(Rule.c.word))).scalars()).toEqual(["it's \\ 'fine' %s ? $1 :x"]);
    await connection.commit();
    for (const word of STRINGS.filter((one) => one !== "")) {
      await expect(connection.execute(insert(Rule).values({ word })), word).rejects.toThrow(CheckViolation);
      await connection.rollback();
    }
  });

  it("are found by what they start with, end with and contain, wildcards among it", async () => {
    const engine = database.open();
    const { Base, Note } = models();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    session.addAll(STRINGS.map((body, index) => new Note({ id: index + 1, body })));
    await session.commit();
    const bodies = (condition: Parameters<ReturnType<typeof select>["where"]>[0]) =>
      session.all(select(Note.c.body).where(condition).orderBy(Note.c.id));
    // Without letters, no collation finds more than JavaScript does.
    for (const part of ["%", "_", "/", "\\", "/%", "\\%", "%_", "'", '"', "?", "$1 ?", "[", "🎉", "\n", "--"]) {
      expect(await bodies(Note.c.body.contains(part)), part).toEqual(STRINGS.filter((one) => one.includes(part)));
      expect(await bodies(Note.c.body.startsWith(part)), part).toEqual(STRINGS.filter((one) => one.startsWith(part)));
      expect(await bodies(Note.c.body.endsWith(part)), part).toEqual(STRINGS.filter((one) => one.endsWith(part)));
    }
    for (const mark of ["/", "!", "\\", "'", "?"]) {
      const pattern = `%${mark}%%`;
      expect(await bodies(Note.c.body.like(pattern, mark)), mark).toEqual(STRINGS.filter((one) => one.includes("%")));
    }
  });

  it("of a megabyte come back whole", async () => {
    const engine = database.open();
    const { Base, Note } = models();
    await Base.metadata.createAll(engine);
    const body = STRINGS.join("|").repeat(Math.ceil(1_000_000 / STRINGS.join("|").length));
    {
      await using session = new Session(engine);
      session.add(new Note({ body }));
      await session.commit();
    }
    await using session = new Session(engine);
    expect((await session.one(select(Note))).body).toBe(body);
    expect(await session.all(select(Note.c.id).where(Note.c.body.eq(body)))).toEqual([1]);
  });

  it("with half a character are refused by name before any SQL", async () => {
    const engine = database.open();
    const { Base, Note } = models();
    await Base.metadata.createAll(engine);
    const log = new StatementLog(engine);
    for (const body of ["\ud83c", "a\udf89b", `${"x".repeat(1000)}\ud800`]) {
      await using session = new Session(engine);
      session.add(new Note({ body }));
      const error = await session.flush().catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(DataError);
      expect(error).toMatchObject({ className: "Note", property: "body" });
      await session.rollback();
      await expect(session.execute(update(Note).set({ body }))).rejects.toThrow(/Note\.body cannot be stored/);
    }
    expect(log.all).toEqual([]);
  });

  it("with half a character are refused inside expressions", async () => {
    const engine = database.open();
    const { Base, Note } = models();
    await Base.metadata.createAll(engine);
    await using connection = await engine.connect();
    for (const statement of [
      update(Note).set({ body: Note.c.body.concat("\ud800") }),
      select(Note.c.id).where(Note.c.body.eq("a\ud800")),
      select(Note.c.id).where(Note.c.body.in(["a", "\udf89"])),
      select(sql`${"\ud800"}`),
      text("SELECT :body AS body", { body: "\ud800" }),
    ]) {
      const error = await connection.execute(statement).catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(DataError);
      expect(error).toHaveProperty(
        "message",
        expect.stringMatching(/Parameter \d cannot be stored: .* surrogate pair/),
      );
    }
  });
});
