import {
  declarativeBase,
  deleteFrom,
  insert,
  inspect,
  integer,
  manyToOne,
  oneToMany,
  Session,
  select,
  selectinLoad,
  update,
  varchar,
} from "alkahest";
import { expect, expectTypeOf, test } from "vitest";
import { onEveryDatabase } from "../../support/databases.ts";

const Base = declarativeBase();

class Team extends Base("team", {
  id: integer().primaryKey(),
  name: varchar(50),
  get players() {
    return oneToMany(Player, { backPopulates: "team" });
  },
}) {}

class Player extends Base("player", {
  id: integer().primaryKey(),
  kind: varchar(20),
  name: varchar(50),
  get teamId() {
    return integer().references(Team.c.id);
  },
  get team() {
    return manyToOne(Team, { backPopulates: "players" });
  },
  get mapperArgs() {
    return { polymorphicOn: Player.c.kind, polymorphicMap: { player: Player, goalkeeper: Goalkeeper, coach: Coach } };
  },
}) {}

class Goalkeeper extends Base.inherit(Player, null, { saves: integer() }) {}

class Coach extends Base.inherit(Player, "coach", {
  get id() {
    return integer().primaryKey().references(Player.c.id);
  },
  years: integer(),
}) {}

onEveryDatabase("a class in returning()", (database) => {
  const it = test.runIf(database.capabilities.returning);

  async function open() {
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    session.addAll([
      new Team({
        id: 1,
        name: "reds",
        players: [new Player({ id: 1, name: "ed" }), new Goalkeeper({ id: 2, saves: 7 })],
      }),
      new Team({ id: 2, name: "blues", players: [] }),
      new Coach({ id: 3, name: "mary", years: 9 }),
    ]);
    await session.commit();
    return { engine, session };
  }

  it("gives the objects of inserted rows", async () => {
    const { session } = await open();
    const statement = insert(Team)
      .values([
        { id: 8, name: "greens" },
        { id: 9, name: "whites" },
      ])
      .returning(Team);
    const result = await session.execute(statement);
    expectTypeOf(result.all()).toEqualTypeOf<[Team][]>();
    const teams = result.scalars();
    expect(teams.map(({ name }) => name).sort()).toEqual(["greens", "whites"]);
    expect(teams.every((team) => team instanceof Team && inspect(team).state === "persistent")).toBe(true);
    for (const team of teams) expect(await session.get(Team, team.id)).toBe(team);
    teams[0]!.name = "golds";
    await session.commit();
    expect(await session.all(select(Team.c.name).where(Team.c.id.eq(teams[0]!.id)))).toEqual(["golds"]);
  });

  it("beside columns, and in objects", async () => {
    const { session } = await open();
    const beside = await session.execute(insert(Team).values({ id: 8, name: "a" }).returning(Team.c.name, Team));
    expect(beside.one()).toEqual(["a", await session.get(Team, 8)]);
    const named = await session.execute(
      insert(Team).values({ id: 9, name: "b" }).returning({ team: Team, id: Team.c.id }),
    );
    expect(named.one()).toEqual({ team: await session.get(Team, 9), id: 9 });
    expectTypeOf(named.one()).toEqualTypeOf<{ team: Team; id: number }>();
  });

  it("gives what is returned as a query gives what it selects", async () => {
    const { session } = await open();
    const team = await session.one(insert(Team).values({ id: 8, name: "a" }).returning(Team));
    expectTypeOf(team).toEqualTypeOf<Team>();
    expect(await session.get(Team, 8)).toBe(team);
    expect(await session.all(insert(Team).values({ id: 9, name: "b" }).returning(Team.c.id, Team.c.name))).toEqual([
      [9, "b"],
    ]);
    expect(await session.first(deleteFrom(Team).where(Team.c.id.gt(7)).returning(Team.c.name))).toMatch(/^[ab]$/);
    expect(await session.all(select(Team.c.id).orderBy(Team.c.id))).toEqual([1, 2]);
  });

  it("lets objects of the session have what an upsert made of their rows", async () => {
    const { session } = await open();
    const [reds, blues] = await session.all(select(Team).orderBy(Team.c.id).options(selectinLoad(Team.c.players)));
    const upsert = insert(Team)
      .values([
        { id: 1, name: "REDS" },
        { id: 9, name: "new" },
      ])
      .onConflictDoUpdate({ target: [Team.c.id], set: (excluded) => ({ name: excluded.name }) })
      .returning(Team);
    const teams = (await session.execute(upsert)).scalars();
    expect(teams).toContain(reds);
    expect([reds!.name, blues!.name, reds!.players.length]).toEqual(["REDS", "blues", 2]);
    expect(session.dirty.size).toBe(0);
    await session.rollback();
    expect(reds!.name).toBe("reds");
  });

  it("gives the objects of deleted rows, which leave until a rollback", async () => {
    const { session } = await open();
    const known = await session.get(Player, 1);
    const result = await session.execute(
      deleteFrom(Player)
        .where(Player.c.id.in([1, 2]))
        .returning(Player),
    );
    const players = result.scalars();
    expect(players).toContain(known);
    expect(players.map((player) => inspect(player).state)).toEqual(["deleted", "deleted"]);
    expect(players.map((player) => player.constructor).sort((a, b) => a.name.localeCompare(b.name))).toEqual([
      Goalkeeper,
      Player,
    ]);
    await session.rollback();
    expect(inspect(known!).state).toBe("persistent");
    expect(await session.get(Player, 1)).toBe(known);
  });

  it("gives objects of the classes that their rows are of", async () => {
    const { session } = await open();
    session.clear();
    const statement = insert(Player)
      .values([1, 2, 3].map((id) => ({ id })))
      .onConflictDoUpdate({ target: [Player.c.id], set: { name: "x" } })
      .returning(Player);
    const players = (await session.execute(statement)).scalars().sort((a, b) => a.id - b.id);
    expect(players.map((player) => player.constructor)).toEqual([Player, Goalkeeper, Coach]);
    expect(players.map(({ name }) => name)).toEqual(["x", "x", "x"]);
    expect((players[1] as Goalkeeper).saves).toBe(7);
    expect((players[2] as Coach).years).toBe(9);
  });

  test.runIf(database.capabilities.updateReturning)(
    "gives the objects of updated rows, by their new keys",
    async () => {
      const { session } = await open();
      const blues = await session.get(Team, 2);
      const result = await session.execute(
        update(Team)
          .set({ id: Team.c.id.add(10), name: "x" })
          .where(Team.c.id.eq(2))
          .returning(Team),
      );
      expect(result.scalars()).toEqual([blues]);
      expect([blues!.id, blues!.name]).toEqual([12, "x"]);
      expect(await session.get(Team, 12)).toBe(blues);
      await session.rollback();
      expect([blues!.id, blues!.name]).toEqual([2, "blues"]);
      session.clear();
      const [team] = await session.all(update(Team).set({ name: "y" }).where(Team.c.id.eq(2)).returning(Team));
      expect(team!.name).toBe("y");
      expect(await session.get(Team, 2)).toBe(team);
      await session.rollback();
      await session.refresh(team!);
      expect(team!.name).toBe("blues");
    },
  );

  test.runIf(database.capabilities.sharesStatement)(
    "of a statement in WITH, whose rows a rollback brings back",
    async () => {
      const { session } = await open();
      session.clear();
      const renamed = update(Team).set({ name: "x" }).where(Team.c.id.eq(1)).returning({ id: Team.c.id }).cte();
      for (const _ of ["compiled", "known"]) {
        expect(await session.all(select(renamed.c.id))).toEqual([1]);
        const team = await session.get(Team, 1);
        expect(team!.name).toBe("x");
        await session.rollback();
        await session.refresh(team!);
        expect(team!.name).toBe("reds");
        session.clear();
      }
      expect(await session.all(select(renamed.c.id))).toEqual([1]);
      const team = await session.get(Team, 1);
      await session.rollback();
      expect(inspect(team!).isLoaded("name")).toBe(false);
    },
  );
});
