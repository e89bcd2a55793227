import {
  bigint,
  CompileError,
  declarativeBase,
  type Engine,
  integer,
  manyToOne,
  oneToMany,
  Session,
  select,
  sql,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { describeOnMariadb, openWithoutReturning } from "../../support/mariadb.ts";
import { StatementLog } from "../../support/statements.ts";

const Base = declarativeBase();

class Owner extends Base("owner", {
  id: bigint().primaryKey(),
  name: varchar(50),
  state: varchar(10).serverDefault("new"),
  shout: varchar(60).computed(sql`upper(name)`, { stored: true }),
  get things() {
    return oneToMany(Thing, { backPopulates: "owner", cascade: "all, delete-orphan" });
  },
}) {}

class Thing extends Base("thing", {
  id: integer().primaryKey(),
  n: integer(),
  get ownerId() {
    return bigint().references(Owner.c.id);
  },
  get owner() {
    return manyToOne(Owner, { backPopulates: "things" });
  },
}) {}

class Code extends Base("code", {
  code: varchar(36).serverDefault(sql`uuid()`).primaryKey(),
  n: integer(),
}) {}

class Bare extends Base("bare", { id: integer().primaryKey(), n: integer() }) {}

async function open(): Promise<Engine> {
  const engine = openWithoutReturning();
  await Base.metadata.createAll(engine);
  return engine;
}

describeOnMariadb("a flush without RETURNING", () => {
  it("has the keys of many rows from the first one, and those of rows that refer to them", async () => {
    const engine = await open();
    await using session = new Session(engine);
    const log = new StatementLog(engine);
    const owners = Array.from(
      { length: 50 },
      (_, i) => new Owner({ name: `o${i}`, things: [1, 2].map((n) => new Thing({ n: i * 10 + n })) }),
    );
    session.addAll(owners);
    await session.commit();
    expect(log.all.map(({ sql }) => sql.split(" (")[0])).toEqual([
      "INSERT INTO owner",
      expect.stringMatching(/^SELECT owner.id, owner.state, owner.shout FROM owner WHERE owner.id IN/),
      "INSERT INTO thing",
    ]);
    expect(log.all.some(({ sql }) => sql.includes("RETURNING"))).toBe(false);
    await using other = new Session(engine);
    const stored = await other.all(
      select(Owner.c.id, Owner.c.name, Thing.c.id, Thing.c.n).join(Owner.c.things).orderBy(Thing.c.id),
    );
    const known = owners.flatMap((owner) => owner.things.map((thing) => [owner.id, owner.name, thing.id, thing.n]));
    expect(stored.map((row) => [...row])).toEqual(known);
    expect(typeof owners[0]?.id).toBe(typeof stored[0]?.[0]);
  });

  it("reads what the database makes besides the key", async () => {
    const engine = await open();
    await using session = new Session(engine);
    const [one, two] = [new Owner({ name: "ed" }), new Owner({ id: 700n, name: "wendy" })];
    session.addAll([one, two]);
    await session.flush();
    expect([one.state, one.shout, two.state, two.shout]).toEqual(["new", "ED", "new", "WENDY"]);
    expect(String(one.id)).toBe("1");
  });

  it("inserts rows without any value one by one", async () => {
    const engine = await open();
    await using session = new Session(engine);
    const rows = [new Bare(), new Bare(), new Bare({ n: 1 })];
    session.addAll(rows);
    await session.commit();
    expect(rows.map(({ id }) => id).sort()).toEqual([1, 2, 3]);
    const stored = await session.all(select(Bare.c.id).where(Bare.c.n.eq(1)));
    expect(stored).toEqual([rows[2]?.id]);
  });

  it("refuses a key that the database makes and does not tell", async () => {
    const engine = await open();
    await using session = new Session(engine);
    session.add(new Code({ n: 1 }));
    const error = await session.flush().catch((cause: unknown) => cause);
    expect(String(error)).toContain('does not tell the value of "code"');
    expect(error).toBeInstanceOf(CompileError);
  });
});
