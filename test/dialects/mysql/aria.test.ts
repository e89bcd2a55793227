import {
  declarativeBase,
  integer,
  manyToMany,
  manyToOne,
  oneToMany,
  oneToOne,
  Session,
  select,
  Table,
  tableOptions,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { describeOnMariadb, openMariadb } from "../../support/mariadb.ts";
import { rowsOf, StatementLog } from "../../support/statements.ts";

// Tables of the engine Aria have neither foreign keys nor transactions: what follows a key, the flush has to change.

const CODE = 20;
const aria = tableOptions({ mysqlEngine: "Aria" });

function people(options: { onUpdate?: "cascade" }) {
  const Base = declarativeBase();
  class Person extends Base("person", {
    code: varchar(CODE).primaryKey(),
    name: varchar(50),
    get bossCode() {
      return varchar(CODE).references(Person.c.code, options);
    },
    get boss() {
      return manyToOne(Person, { remoteSide: [Person.c.code] });
    },
    get clubs() {
      return manyToMany(Club, { through: membership, backPopulates: "members" });
    },
    get badge() {
      return oneToOne(Badge, { backPopulates: "person" });
    },
    get letters() {
      return oneToMany(Letter, { backPopulates: "from", cascade: "all, delete-orphan" });
    },
    get tableArgs() {
      return [aria];
    },
  }) {}
  class Letter extends Base("letter", {
    id: integer().primaryKey(),
    get fromCode() {
      return varchar(CODE).notNull().references(Person.c.code, options);
    },
    get from() {
      return manyToOne(Person, { backPopulates: "letters" });
    },
    get tableArgs() {
      return [aria];
    },
  }) {}
  class Badge extends Base("badge", {
    id: integer().primaryKey(),
    get personCode() {
      return varchar(CODE).notNull().unique().references(Person.c.code, options);
    },
    get person() {
      return manyToOne(Person, { backPopulates: "badge" });
    },
    get tableArgs() {
      return [aria];
    },
  }) {}
  class Club extends Base("club", {
    id: integer().primaryKey(),
    get members() {
      return manyToMany(Person, { through: membership, backPopulates: "clubs" });
    },
    get tableArgs() {
      return [aria];
    },
  }) {}
  const membership = new Table(
    "membership",
    Base.metadata,
    {
      person_code: varchar(CODE).primaryKey().references("person.code", options),
      club_id: integer().primaryKey().references("club.id"),
    },
    () => [aria],
  );
  return { Base, Person, Letter, Badge, Club };
}

async function setUp(options: { onUpdate?: "cascade" }) {
  const all = people(options);
  const { Base, Person, Letter, Badge, Club } = all;
  const engine = openMariadb();
  await Base.metadata.createAll(engine);
  await using session = new Session(engine);
  const ann = new Person({ code: "ann", name: "Ann" });
  const bob = new Person({ code: "bob", name: "Bob", boss: ann });
  session.addAll([ann, bob, new Club({ id: 1, members: [ann, bob] })]);
  session.addAll([1, 2, 3].map((id) => new Letter({ id, from: id === 3 ? bob : ann })));
  session.addAll([new Badge({ id: 1, person: ann }), new Badge({ id: 2, person: bob })]);
  await session.commit();
  return { ...all, engine, session: new Session(engine), log: new StatementLog(engine) };
}

for (const options of [{ onUpdate: "cascade" }, {}] as const) {
  const title = "onUpdate" in options ? "declared with ON UPDATE CASCADE" : "under plain foreign keys";
  describeOnMariadb(`a key of Aria tables that changes, ${title},`, () => {
    it("takes along all rows that refer to it, without leave to suspend checks, and with nothing loaded", async () => {
      const { engine, session, log, Person } = await setUp(options);
      const ann = await session.get(Person, "ann");
      log.clear();
      ann!.code = "anna";
      await session.commit();
      expect([...log.writes].sort()).toEqual([
        "UPDATE badge",
        "UPDATE letter",
        "UPDATE membership",
        "UPDATE person",
        "UPDATE person",
      ]);
      expect(await rowsOf(engine, "select code, boss_code from person order by name")).toEqual([
        ["anna", null],
        ["bob", "anna"],
      ]);
      expect(await rowsOf(engine, "select from_code from letter order by id")).toEqual([["anna"], ["anna"], ["bob"]]);
      expect(await rowsOf(engine, "select person_code from badge order by id")).toEqual([["anna"], ["bob"]]);
      expect(await rowsOf(engine, "select person_code from membership order by 1")).toEqual([["anna"], ["bob"]]);
      await session.close();
    });

    it("may be exchanged with another row's", async () => {
      const { engine, session, Person } = await setUp(options);
      const [ann, bob] = await session.all(select(Person).orderBy(Person.c.name));
      [ann!.code, bob!.code] = ["bob", "ann"];
      await session.commit();
      expect(await rowsOf(engine, "select name, code, boss_code from person order by name")).toEqual([
        ["Ann", "bob", null],
        ["Bob", "ann", "bob"],
      ]);
      expect(await rowsOf(engine, "select from_code from letter order by id")).toEqual([["bob"], ["bob"], ["ann"]]);
      expect(await rowsOf(engine, "select person_code from badge order by id")).toEqual([["bob"], ["ann"]]);
      await session.close();
    });
  });
}
