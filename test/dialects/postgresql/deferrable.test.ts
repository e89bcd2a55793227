import { declarativeBase, integer, manyToOne, oneToMany, Session, select, unique, varchar } from "alkahest";
import { expect, it } from "vitest";
import { describeOnPostgresql, openPostgresql } from "../../support/postgresql.ts";
import { StatementLog } from "../../support/statements.ts";

/** Owners with a natural key, and what refers to them by it. */
function models(named: boolean) {
  const Base = declarativeBase();
  class Owner extends Base("owner", {
    name: varchar(20).primaryKey(),
    get pets() {
      return oneToMany(Pet, { backPopulates: "owner" });
    },
  }) {}
  class Pet extends Base("pet", {
    id: integer().primaryKey(),
    get ownerName() {
      return varchar(20, "owner_name")
        .notNull()
        .references(Owner.c.name, { deferrable: true, ...(named && { name: "pet owner" }) });
    },
    place: integer(),
    get owner() {
      return manyToOne(Owner, { backPopulates: "pets" });
    },
    get tableArgs() {
      return [unique(named ? "Place" : null, Pet.c.place, { deferrable: true })];
    },
  }) {}
  return { Base, Owner, Pet };
}

describeOnPostgresql.each([
  ["with names", true],
  ["without names", false],
])("deferrable constraints %s", (_, named) => {
  async function setUp() {
    const { Base, Owner, Pet } = models(named);
    const engine = openPostgresql();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    session.addAll([
      new Owner({ name: "ed", pets: [new Pet({ place: 1 })] }),
      new Owner({ name: "jack", pets: [new Pet({ place: 2 })] }),
    ]);
    await session.commit();
    return { Owner, Pet, session, log: new StatementLog(engine) };
  }

  it("let a key change under the rows that refer to it", async () => {
    const { Owner, Pet, session } = await setUp();
    const ed = await session.get(Owner, "ed");
    if (ed === null) throw new Error("it was stored");
    ed.name = "edward";
    await session.commit();
    expect(await session.all(select(Pet.c.ownerName).orderBy(Pet.c.id))).toEqual(["edward", "jack"]);
    await session.close();
  });

  it("let rows exchange unique values in one statement, put off until the end", async () => {
    const { Pet, session, log } = await setUp();
    const [one, two] = await session.all(select(Pet).orderBy(Pet.c.id));
    if (one === undefined || two === undefined) throw new Error("both were stored");
    [one.place, two.place] = [two.place, one.place];
    await session.commit();
    expect(await session.all(select(Pet.c.place).orderBy(Pet.c.id))).toEqual([2, 1]);
    expect(log.writes).toEqual(["UPDATE pet"]);
    await session.close();
  });
});
