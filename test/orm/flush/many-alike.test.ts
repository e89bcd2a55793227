import { declarativeBase, integer, manyToOne, Session, UniqueViolation, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../../support/databases.ts";
import { rowsOf, StatementLog } from "../../support/statements.ts";

// So many rows of one shape that databases get them in another way than a few: as arrays, or one after the other.

const Base = declarativeBase();

class Tag extends Base("tag", {
  id: integer().primaryKey(),
  name: varchar(20).notNull().unique(),
  rank: integer().notNull(),
}) {}

class Ring extends Base("ring", {
  id: integer().primaryKey(),
  get nextId() {
    return integer().notNull().references(Ring.c.id);
  },
  get next() {
    return manyToOne(Ring, { remoteSide: [Ring.c.id] });
  },
}) {}

const MANY = 75;
const numbers = Array.from({ length: MANY }, (_, n) => n);

onEveryDatabase("many rows of one shape", (database) => {
  async function setUp() {
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    return { engine, session, log: new StatementLog(engine) };
  }

  it("take one statement, and each object gets the key of its row", async () => {
    const { engine, session, log } = await setUp();
    const tags = numbers.map((n) => new Tag({ name: `tag ${n}`, rank: n }));
    session.addAll(tags);
    await session.flush();
    expect(log.writes).toHaveLength(1);
    log.clear();
    for (const tag of tags) tag.rank += tag.id;
    await session.commit();
    expect(log.writes).toHaveLength(1);
    expect(await rowsOf(engine, "select id, name, rank from tag order by id")).toEqual(
      tags.map((tag, n) => [tag.id, `tag ${n}`, n + tag.id]),
    );
    log.clear();
    for (const tag of tags.slice(1)) session.delete(tag);
    await session.commit();
    expect(log.writes).toHaveLength(1);
    expect(await rowsOf(engine, "select name from tag")).toEqual([["tag 0"]]);
    await session.close();
    await engine.dispose();
  });

  it("leave nothing behind when one of them fails", async () => {
    const { engine, session } = await setUp();
    session.add(new Tag({ name: "tag 33", rank: 0 }));
    await session.commit();
    const tags = numbers.map((n) => new Tag({ name: `tag ${n}`, rank: n }));
    session.addAll(tags);
    await expect(session.flush()).rejects.toThrow(UniqueViolation);
    await session.rollback();
    expect(await rowsOf(engine, "select name from tag")).toEqual([["tag 33"]]);
    expect(tags.every(({ id }) => id === new Tag({}).id)).toBe(true);
    tags[33]!.name = "another";
    session.addAll(tags);
    await session.commit();
    expect(await rowsOf(engine, "select count(*) from tag")).toEqual([[MANY + 1]]);
    await session.close();
    await engine.dispose();
  });

  it.runIf(database.capabilities.checksAtStatementEnd)("refer to each other in one statement", async () => {
    const { engine, session, log } = await setUp();
    const ring = numbers.map((n) => new Ring({ id: n + 1 }));
    for (const n of numbers) ring[n]!.next = ring[(n + 1) % MANY]!;
    session.addAll(ring);
    await session.commit();
    expect(log.writes).toHaveLength(1);
    expect(await rowsOf(engine, "select id, next_id from ring order by id")).toEqual(
      numbers.map((n) => [n + 1, ((n + 1) % MANY) + 1]),
    );
    await session.close();
    await engine.dispose();
  });
});
