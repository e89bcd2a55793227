import {
  declarativeBase,
  integer,
  joinedLoad,
  manyToOne,
  oneToMany,
  type SelectBase,
  Session,
  select,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { StatementLog } from "../support/statements.ts";

const Base = declarativeBase();
class Owner extends Base("owner", {
  id: integer().primaryKey(),
  get pets() {
    return oneToMany(Pet, { backPopulates: "owner" });
  },
}) {}
class Pet extends Base("pet", {
  id: integer().primaryKey(),
  kind: varchar(10),
  get ownerId() {
    return integer().references(Owner.c.id);
  },
  get owner() {
    return manyToOne(Owner, { backPopulates: "pets", lazy: "joined" });
  },
  get mapperArgs() {
    return { polymorphicOn: Pet.c.kind, polymorphicIdentity: "pet" };
  },
}) {}
class Dog extends Base.inherit(Pet, "dog", {
  get id() {
    return integer().primaryKey().references(Pet.c.id);
  },
  tricks: integer(),
  get mapperArgs() {
    return { polymorphicIdentity: "dog" };
  },
}) {}

async function stored(db: TestDatabase) {
  const engine = db.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  session.addAll([
    new Owner({ id: 1, pets: [new Dog({ id: 1, tricks: 5 }), new Pet({ id: 2 })] }),
    new Owner({ id: 2 }),
  ]);
  await session.commit();
  session.clear();
  return { session, log: new StatementLog(engine) };
}

onEveryDatabase("forUpdate() beside joins that nobody wrote", (db) => {
  const lockOf = (log: StatementLog) => log.all.map(({ sql }) => / FOR UPDATE.*$/.exec(sql)?.[0] ?? null);

  async function locks(statement: SelectBase<{ id: number }>, ids: readonly number[], of: string): Promise<void> {
    const { session, log } = await stored(db);
    await using _ = session;
    expect((await session.all(statement)).map(({ id }) => id)).toEqual(ids);
    const named = ` FOR UPDATE OF ${of}`;
    const expected = { SQLite: null, PostgreSQL: named, PGlite: named, MariaDB: " FOR UPDATE" }[db.name];
    expect(lockOf(log)[0]).toBe(expected);
  }

  it("locks the rows of the statement where a relationship is joined", async () => {
    await locks(select(Owner).options(joinedLoad(Owner.c.pets)).orderBy(Owner.c.id).forUpdate(), [1, 2], "owner");
  });

  it("locks the rows of the class that was asked for, which joins others by itself", async () => {
    await locks(select(Pet).orderBy(Pet.c.id).forUpdate(), [1, 2], "pet");
    await locks(select(Dog).orderBy(Dog.c.id).forUpdate(), [1], "pet, dog");
  });

  it("locks the rows that LIMIT leaves", async () => {
    const { session } = await stored(db);
    await using _ = session;
    const first = select(Owner).options(joinedLoad(Owner.c.pets)).orderBy(Owner.c.id).limit(1).forUpdate();
    expect((await session.all(first)).map(({ pets }) => pets.length)).toEqual([2]);
  });

  it("locks what it is told to", async () => {
    await locks(
      select(Pet)
        .orderBy(Pet.c.id)
        .forUpdate({ of: [Pet] }),
      [1, 2],
      "pet",
    );
  });
});
