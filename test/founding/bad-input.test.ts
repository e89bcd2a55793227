import {
  AlkahestError,
  ArgumentError,
  createEngine,
  DataError,
  declarativeBase,
  integer,
  MissingPrimaryKeyError,
  manyToOne,
  NoSuchTableError,
  NotNullViolation,
  oneToMany,
  Session,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

function models() {
  const Base = declarativeBase();
  class Team extends Base("team", {
    code: varchar(10).primaryKey(),
    get players() {
      return oneToMany(Player, { backPopulates: "team" });
    },
  }) {}
  class Player extends Base("player", {
    id: integer().primaryKey(),
    name: varchar(20).notNull(),
    shirt: integer(),
    get teamCode() {
      return varchar(10).references(Team.c.code);
    },
    get team() {
      return manyToOne(Team, { backPopulates: "players" });
    },
  }) {}
  return { Base, Team, Player };
}

async function setUp(database: TestDatabase) {
  const declared = models();
  const engine = database.open();
  await declared.Base.metadata.createAll(engine);
  return { ...declared, engine, session: new Session(engine), log: new StatementLog(engine) };
}

async function failure(work: () => unknown): Promise<AlkahestError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof AlkahestError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

onEveryDatabase("bad input is refused by name, and the session goes on after rollback()", (database) => {
  it("an unknown attribute", async () => {
    const { Player } = await setUp(database);
    const error = await failure(() => new Player({ nmae: "x" } as object));
    expect(error.message).toMatch(/Player.*nmae.*name/s);
  });

  it("an object of another class in a relationship", async () => {
    const { Player, Team } = await setUp(database);
    const error = await failure(() => new Player({ name: "x", team: new Player({ name: "y" }) as never }));
    expect(error.message).toMatch(/Player.*team.*Team/s);
    const pushed = await failure(() => new Team({ code: "a" }).players.push({} as never));
    expect(pushed.message).toMatch(/Team.*players.*Player/s);
  });

  it("an object of another session", async () => {
    const { Player, engine, session } = await setUp(database);
    await using other = new Session(engine);
    const player = new Player({ name: "x" });
    session.add(player);
    const error = await failure(() => other.add(player));
    expect(error.message).toMatch(/another session/);
    await session.rollback();
  });

  it("a missing primary key", async () => {
    const { Team, engine, session, log } = await setUp(database);
    session.add(new Team());
    const error = await failure(() => session.flush());
    expect(error).toBeInstanceOf(MissingPrimaryKeyError);
    expect(error.message).toMatch(/Team.*code/s);
    expect(log.writes).toEqual([]);
    await session.rollback();
    session.add(new Team({ code: "a" }));
    await session.commit();
    expect(await rowsOf(engine, "select code from team")).toEqual([["a"]]);
  });

  it("NOT NULL left empty names class and property", async () => {
    const { Player, engine, session, log } = await setUp(database);
    session.add(new Player({ shirt: 1 }));
    const error = await failure(() => session.flush());
    expect(error).toBeInstanceOf(NotNullViolation);
    expect(error).toMatchObject({ className: "Player", property: "name" });
    expect(log.writes).toEqual([]);
    await session.rollback();
    session.add(new Player({ name: "x" }));
    await session.commit();
    expect(await rowsOf(engine, "select name from player")).toEqual([["x"]]);
  });

  it("a value of the wrong type names class and property", async () => {
    const { Player, session, log } = await setUp(database);
    session.add(new Player({ name: "x", shirt: "ten" as never }));
    const error = await failure(() => session.flush());
    expect(error).toBeInstanceOf(DataError);
    expect(error).toMatchObject({ className: "Player", property: "shirt" });
    expect(log.writes).toEqual([]);
    await session.rollback();
  });

  it("a missing table", async () => {
    const { Player, engine, session } = await setUp(database);
    await using connection = await engine.connect();
    await connection.close();
    const empty = database.open();
    await using lost = new Session(empty);
    lost.add(new Player({ name: "x" }));
    const error = await failure(() => lost.flush());
    expect(error).toBeInstanceOf(NoSuchTableError);
    expect(error.message).toMatch(/player/);
    await lost.rollback();
    await session.close();
  });

  it("a refused row names constraint, class and property of the database's error", async () => {
    const { Team, engine, session } = await setUp(database);
    session.add(new Team({ code: "a" }));
    await session.commit();
    await using other = new Session(engine);
    await session.close();
    other.add(new Team({ code: "a" }));
    const error = await failure(() => other.flush());
    expect(error).toMatchObject({ className: "Team", property: "code", code: "ALK_UNIQUE_VIOLATION" });
    const refused = await failure(() => other.all("x" as never));
    expect(refused.cause ?? refused).toBeDefined();
    await other.rollback();
    other.add(new Team({ code: "b" }));
    await other.commit();
    expect(await rowsOf(engine, "select code from team order by code")).toEqual([["a"], ["b"]]);
  });
});

it("a senseless URL says which forms there are", async () => {
  const error = await failure(async () => {
    await createEngine("not a url").connect();
  });
  expect(error).toBeInstanceOf(ArgumentError);
  expect(error.message).toMatch(/sqlite:/);
});
