import {
  declarativeBase,
  type Engine,
  integer,
  manyToMany,
  manyToOne,
  oneToMany,
  oneToOne,
  Session,
  StaleDataError,
  select,
  selectinLoad,
  Table,
  text,
  unique,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// Primary keys that change, where the rows that refer to them lie in all kinds of tables.

type OnUpdate = { readonly onUpdate?: "cascade" };

const CODE = 20;

/** Things in boxes whose codes change. */
function boxModels(options: OnUpdate) {
  const Base = declarativeBase();
  class Box extends Base("box", {
    code: varchar(CODE).primaryKey(),
    name: varchar(50),
    get things() {
      return oneToMany(Thing, { backPopulates: "box" });
    },
  }) {}
  class Thing extends Base("thing", {
    id: integer().primaryKey(),
    get boxCode() {
      return varchar(CODE).references(Box.c.code, options);
    },
    get box() {
      return manyToOne(Box, { backPopulates: "things" });
    },
  }) {}
  return { Base, Box, Thing };
}

/** Two foreign keys of one row refer to the same table, another one makes pairs, and rows refer to their own table. */
function peopleModels(options: OnUpdate, passiveUpdates = true) {
  const Base = declarativeBase();
  class Person extends Base("person", {
    code: varchar(CODE).primaryKey(),
    name: varchar(50),
    version: integer().notNull(),
    get bossCode() {
      return varchar(CODE).references(Person.c.code, options);
    },
    get boss() {
      return manyToOne(Person, { remoteSide: [Person.c.code], backPopulates: "reports", passiveUpdates });
    },
    get reports() {
      return oneToMany(Person, { foreignKeys: [Person.c.bossCode], backPopulates: "boss", passiveUpdates });
    },
    get clubs() {
      return manyToMany(Club, { through: membership, backPopulates: "members" });
    },
    get badge() {
      return oneToOne(Badge, { backPopulates: "person", passiveUpdates });
    },
    get mapperArgs() {
      return { versionId: Person.c.version };
    },
  }) {}
  class Letter extends Base("letter", {
    id: integer().primaryKey(),
    get fromCode() {
      return varchar(CODE).notNull().references(Person.c.code, options);
    },
    get toCode() {
      return varchar(CODE).notNull().references(Person.c.code, options);
    },
    get from() {
      return manyToOne(Person, { foreignKeys: [Letter.c.fromCode], passiveUpdates });
    },
    get to() {
      return manyToOne(Person, { foreignKeys: [Letter.c.toCode], passiveUpdates });
    },
  }) {}
  class Badge extends Base("badge", {
    id: integer().primaryKey(),
    get personCode() {
      return varchar(CODE).notNull().unique().references(Person.c.code, options);
    },
    get person() {
      return manyToOne(Person, { backPopulates: "badge", passiveUpdates });
    },
  }) {}
  class Club extends Base("club", {
    id: integer().primaryKey(),
    get members() {
      return manyToMany(Person, { through: membership, backPopulates: "clubs" });
    },
  }) {}
  const membership = new Table("membership", Base.metadata, {
    person_code: varchar(CODE).primaryKey().references("person.code", options),
    club_id: integer().primaryKey().references("club.id"),
  });
  return { Base, Person, Letter, Badge, Club };
}

async function peopleOn(database: TestDatabase, options: OnUpdate, passiveUpdates?: boolean) {
  const models = peopleModels(options, passiveUpdates);
  const { Person, Letter, Badge, Club } = models;
  const engine = database.open();
  await models.Base.metadata.createAll(engine);
  await using session = new Session(engine);
  const ann = new Person({ code: "ann", name: "Ann" });
  const bob = new Person({ code: "bob", name: "Bob", boss: ann });
  const cat = new Person({ code: "cat", name: "Cat", boss: bob });
  const club = new Club({ id: 1, members: [ann, bob] });
  session.addAll([ann, bob, cat, club]);
  session.addAll([
    new Letter({ id: 1, from: ann, to: bob }),
    new Letter({ id: 2, from: bob, to: ann }),
    new Letter({ id: 3, from: ann, to: ann }),
  ]);
  session.addAll([new Badge({ id: 1, person: ann }), new Badge({ id: 2, person: bob })]);
  await session.commit();
  return { ...models, engine, session: sessionOn(database, engine), log: new StatementLog(engine) };
}

function sessionOn({ capabilities }: TestDatabase, engine: Engine): Session {
  return new Session(engine, { suspendForeignKeyChecks: !capabilities.keysFollow });
}

/** Who everything refers to, by names instead of keys: what must stay the same whatever the keys are. */
async function names(engine: Engine) {
  const rows = async (sql: string) => (await rowsOf(engine, sql)).map((row) => row.join(" "));
  return {
    bosses: await rows("select p.name, b.name from person p join person b on b.code = p.boss_code order by p.name"),
    letters: await rows(
      "select f.name, t.name from letter l join person f on f.code = l.from_code join person t on t.code = l.to_code order by l.id",
    ),
    badges: await rows("select p.name from badge b join person p on p.code = b.person_code order by b.id"),
    members: await rows("select p.name from membership m join person p on p.code = m.person_code order by p.name"),
  };
}

const NAMES = {
  bosses: ["Bob Ann", "Cat Bob"],
  letters: ["Ann Bob", "Bob Ann", "Ann Ann"],
  badges: ["Ann", "Bob"],
  members: ["Ann", "Bob"],
};

async function codes(engine: Engine): Promise<readonly unknown[]> {
  return (await rowsOf(engine, "select code from person order by name")).map(([code]) => code);
}

for (const options of [{ onUpdate: "cascade" }, {}] as const) {
  const title = "onUpdate" in options ? "with ON UPDATE CASCADE" : "under plain foreign keys";
  onEveryDatabase(`a key that changes ${title}`, (database) => {
    it("takes along rows that refer to it twice, to themselves, in pairs and one to one, with nothing loaded", async () => {
      const { Person, engine, session } = await peopleOn(database, options);
      const ann = await session.get(Person, "ann");
      if (ann === null) throw new Error("ann was stored");
      ann.code = "anna";
      await session.commit();
      expect(await codes(engine)).toEqual(["anna", "bob", "cat"]);
      expect(await names(engine)).toEqual(NAMES);
      await session.close();
    });

    it("takes along a row that refers to itself", async () => {
      const { Person, engine, session } = await peopleOn(database, options);
      const ann = await session.get(Person, "ann");
      if (ann === null) throw new Error("ann was stored");
      ann.boss = ann;
      await session.commit();
      ann.code = "anna";
      await session.commit();
      expect(await codes(engine)).toEqual(["anna", "bob", "cat"]);
      expect(ann.bossCode).toBe("anna");
      expect(await names(engine)).toEqual({ ...NAMES, bosses: ["Ann Ann", ...NAMES.bosses] });
      await session.close();
    });

    it("may be exchanged with that of a row which refers to it", async () => {
      const { Person, Letter, engine, session } = await peopleOn(database, options);
      const people = await session.all(select(Person).options(selectinLoad(Person.c.reports)));
      const letters = await session.all(select(Letter).orderBy(Letter.c.id));
      const [ann, bob] = ["Ann", "Bob"].map((name) => people.find((person) => person.name === name));
      if (ann === undefined || bob === undefined) throw new Error("both were stored");
      [ann.code, bob.code] = [bob.code, ann.code];
      await session.commit();
      expect(await codes(engine)).toEqual(["bob", "ann", "cat"]);
      expect(await names(engine)).toEqual(NAMES);
      expect(letters.map(({ fromCode, toCode }) => [fromCode, toCode])).toEqual([
        ["bob", "ann"],
        ["ann", "bob"],
        ["bob", "bob"],
      ]);
      expect(bob.bossCode).toBe("bob");
      await session.close();
    });

    it("may be the one that another row gives up", async () => {
      const { Person, engine, session } = await peopleOn(database, options);
      const people = await session.all(select(Person).orderBy(Person.c.name));
      const next = ["bob", "cat", "dan"];
      people.forEach((person, i) => {
        person.code = next[i] ?? "";
      });
      await session.commit();
      expect(await codes(engine)).toEqual(next);
      expect(await names(engine)).toEqual(NAMES);
      await session.close();
    });

    it("changes together with other columns, and with rows that come, go and move to other owners", async () => {
      const { Person, Letter, engine, session } = await peopleOn(database, options);
      const people = await session.all(select(Person).orderBy(Person.c.name));
      const letters = await session.all(select(Letter).orderBy(Letter.c.id));
      const [ann, bob, cat] = people as [
        InstanceType<typeof Person>,
        InstanceType<typeof Person>,
        InstanceType<typeof Person>,
      ];
      const [first, second] = letters as [InstanceType<typeof Letter>, InstanceType<typeof Letter>];
      ann.code = "anna";
      ann.name = "Anna";
      first.to = cat;
      session.delete(second);
      session.add(new Letter({ id: 4, from: cat, to: ann }));
      cat.boss = ann;
      bob.name = "Bobby";
      await session.commit();
      const { letters: sent, bosses } = await names(engine);
      expect(sent).toEqual(["Anna Cat", "Anna Anna", "Cat Anna"]);
      expect(bosses).toEqual(["Bobby Anna", "Cat Anna"]);
      await session.close();
    });

    it("goes back in every loaded object with its savepoint", async () => {
      const { Person, Letter, engine, session } = await peopleOn(database, options);
      const [ann, bob] = await session.all(
        select(Person)
          .where(Person.c.code.in(["ann", "bob"]))
          .orderBy(Person.c.code)
          .options(selectinLoad(Person.c.clubs)),
      );
      const letter = await session.get(Letter, 1);
      if (ann === undefined || bob === undefined || letter === null) throw new Error("they were stored");
      ann.code = "anna";
      const savepoint = await session.beginNested();
      ann.code = "anne";
      await session.flush();
      expect([letter.fromCode, bob.bossCode]).toEqual(["anne", "anne"]);
      await savepoint.rollback();
      expect([ann.code, letter.fromCode, bob.bossCode]).toEqual(["anna", "anna", "anna"]);
      expect(await session.get(Person, "anna")).toBe(ann);
      await session.commit();
      expect(await codes(engine)).toEqual(["anna", "bob", "cat"]);
      expect(await names(engine)).toEqual(NAMES);
      await session.close();
    });

    it("leaves to its holder what the row would be between two statements", async () => {
      const Base = declarativeBase();
      class Node extends Base("node", {
        code: varchar(CODE).primaryKey(),
        place: integer(),
        get nextCode() {
          return varchar(CODE).notNull().references(Node.c.code, options);
        },
        get next() {
          return manyToOne(Node, { remoteSide: [Node.c.code] });
        },
        get tableArgs() {
          return [unique("node_uk", Node.c.nextCode, Node.c.place)];
        },
      }) {}
      const engine = database.open();
      await Base.metadata.createAll(engine);
      const session = sessionOn(database, engine);
      const first = new Node({ code: "1", place: 1 });
      const second = new Node({ code: "2", next: first });
      const third = new Node({ code: "3", next: second });
      first.next = first;
      session.addAll([first, second, third]);
      await session.commit();
      session.delete(first);
      // Until it refers to itself, it would be (1, 1), as the first one is until that is deleted.
      Object.assign(second, { code: "3", place: 1, next: second });
      Object.assign(third, { code: "1", next: second });
      await session.commit();
      expect(await rowsOf(engine, "select code, place, next_code from node order by code")).toEqual([
        ["1", null, "3"],
        ["3", 1, "3"],
      ]);
      await session.close();
      await engine.dispose();
    });

    for (const foreignKeys of database.capabilities.foreignKeysOff ? [true, false] : [true]) {
      it(`gives its entries the places of those that leave it, foreign keys ${foreignKeys ? "checked" : "not checked"}`, async () => {
        const Base = declarativeBase();
        class Box extends Base("box", { code: varchar(CODE).primaryKey() }) {}
        class Entry extends Base("entry", {
          position: integer().primaryKey(),
          name: varchar(CODE),
          get boxCode() {
            return varchar(CODE).primaryKey().references(Box.c.code, options);
          },
          get box() {
            return manyToOne(Box);
          },
        }) {}
        const engine = database.open({ foreignKeys });
        await Base.metadata.createAll(engine);
        const session = sessionOn(database, engine);
        const [a, b] = [new Box({ code: "a" }), new Box({ code: "b" })];
        const [first, second] = [
          new Entry({ position: 1, name: "first", box: a }),
          new Entry({ position: 1, name: "second", box: b }),
        ];
        session.addAll([a, b, first, second]);
        await session.commit();
        // b becomes a, with its entry 1; what is entry 1 of a becomes that of the new b.
        session.delete(a);
        b.code = "a";
        first.box = new Box({ code: "b" });
        await session.commit();
        expect(await rowsOf(engine, "select box_code, position, name from entry order by box_code")).toEqual([
          ["a", 1, "second"],
          ["b", 1, "first"],
        ]);
        expect([first.boxCode, second.boxCode]).toEqual(["b", "a"]);
        await session.close();
        await engine.dispose();
      });
    }

    it("may go to another row while one that referred to the old row moves along, and the old row is deleted", async () => {
      const { Base, Box, Thing } = boxModels(options);
      const engine = database.open();
      await Base.metadata.createAll(engine);
      await using session = sessionOn(database, engine);
      const [a, b] = [new Box({ code: "a", name: "A" }), new Box({ code: "b", name: "B" })];
      const thing = new Thing({ id: 1, box: a });
      session.addAll([a, b, thing]);
      await session.commit();
      [a.code, b.code] = [b.code, a.code];
      thing.box = b;
      session.delete(a);
      await session.commit();
      expect(await rowsOf(engine, "select code, name from box")).toEqual([["a", "B"]]);
      expect(await rowsOf(engine, "select box_code from thing")).toEqual([["a"]]);
      expect(thing.boxCode).toBe("a");
    });

    it("hides no deleted member from a loaded collection that knows it by its key alone", async () => {
      const { Base, Box, Thing } = boxModels(options);
      const engine = database.open();
      await Base.metadata.createAll(engine);
      await using session = sessionOn(database, engine);
      const [gone, stays] = [new Thing({ id: 1 }), new Thing({ id: 2 })];
      const box = new Box({ code: "a", things: [gone, stays] });
      session.add(box);
      await session.commit();
      session.expire(gone, ["box"]);
      box.code = "b";
      session.delete(gone);
      await session.commit();
      expect([...box.things]).toEqual([stays]);
      expect(stays.boxCode).toBe("b");
    });

    it("finds out that somebody else has changed the row", async () => {
      const { Person, engine, session } = await peopleOn(database, options);
      const ann = await session.get(Person, "ann");
      if (ann === null) throw new Error("ann was stored");
      await session.commit();
      await using other = new Session(engine);
      const same = await other.get(Person, "ann");
      if (same === null) throw new Error("ann was stored");
      same.name = "Annie";
      await other.commit();
      ann.code = "anna";
      await expect(session.flush()).rejects.toThrow(StaleDataError);
      await session.rollback();
      expect(ann.code).toBe("ann");
      expect(await codes(engine)).toEqual(["ann", "bob", "cat"]);
      await session.close();
    });

    for (const passiveUpdates of [true, false]) {
      it(`needs no flag: with passiveUpdates ${passiveUpdates} on either side, loaded or not, it is the same`, async () => {
        const { Person, engine, session } = await peopleOn(database, options, passiveUpdates);
        const ann = await session.one(
          select(Person).where(Person.c.code.eq("ann")).options(selectinLoad(Person.c.reports)),
        );
        ann.code = "anna";
        await session.flush();
        expect(ann.reports.map(({ bossCode }) => bossCode)).toEqual(["anna"]);
        await session.commit();
        expect(await names(engine)).toEqual(NAMES);
        await session.close();
      });
    }
  });

  onEveryDatabase(`the key of a class with a table for each of its parents, ${title},`, (database) => {
    function familyModels() {
      const Base = declarativeBase();
      class Vehicle extends Base("vehicle", {
        plate: varchar(CODE).primaryKey(),
        kind: varchar(10),
        get mapperArgs() {
          return { polymorphicOn: Vehicle.c.kind, polymorphicMap: { car: Car } };
        },
      }) {}
      class Car extends Base.inherit(Vehicle, "car", {
        get plate() {
          return varchar(CODE).primaryKey().references(Vehicle.c.plate, options);
        },
        doors: integer(),
        get trips() {
          return oneToMany(Trip, { backPopulates: "car" });
        },
      }) {}
      class Trip extends Base("trip", {
        id: integer().primaryKey(),
        get carPlate() {
          return varchar(CODE).references(Car.c.plate, options);
        },
        get car() {
          return manyToOne(Car, { backPopulates: "trips" });
        },
      }) {}
      return { Base, Vehicle, Car, Trip };
    }

    it("changes in all of them, and in what refers to any of them", async () => {
      const { Base, Vehicle, Car, Trip } = familyModels();
      const engine = database.open();
      await Base.metadata.createAll(engine);
      await using setup = new Session(engine);
      setup.add(new Car({ plate: "A", doors: 3, trips: [new Trip({ id: 1 })] }));
      await setup.commit();
      await setup.close();
      await using session = sessionOn(database, engine);
      const car = await session.get(Vehicle, "A");
      const trip = await session.get(Trip, 1);
      if (!(car instanceof Car) || trip === null) throw new Error("both were stored");
      car.plate = "B";
      car.doors = 5;
      await session.commit();
      expect(await rowsOf(engine, "select plate, kind from vehicle")).toEqual([["B", "car"]]);
      expect(await rowsOf(engine, "select plate, doors from car")).toEqual([["B", 5]]);
      expect(await rowsOf(engine, "select car_plate from trip")).toEqual([["B"]]);
      expect(trip.carPlate).toBe("B");
      expect(await session.get(Car, "B")).toBe(car);
    });
  });
}

onEveryDatabase("a table that the metadata do not know", (database) => {
  it.skipIf(database.capabilities.keysFollow)("follows, too, where checks are suspended", async () => {
    const { Person, engine, session } = await peopleOn(database, {});
    await engine.begin(async (connection) => {
      await connection.execute(
        text(
          `create table secret (id int primary key, who varchar(${CODE}) character set utf8mb4 not null, foreign key (who) references person (code))`,
        ),
      );
      await connection.execute(text("insert into secret values (1, 'ann'), (2, 'bob'), (3, 'cat')"));
    });
    const people = await session.all(select(Person).orderBy(Person.c.name));
    const [ann, bob] = people;
    if (ann === undefined || bob === undefined) throw new Error("both were stored");
    [ann.code, bob.code] = [bob.code, ann.code];
    await session.commit();
    expect(await rowsOf(engine, "select p.name from secret s join person p on p.code = s.who order by s.id")).toEqual([
      ["Ann"],
      ["Bob"],
      ["Cat"],
    ]);
    await session.close();
  });
});
