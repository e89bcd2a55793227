import { describe, expect, it } from "vitest";
import { entityOf } from "../../../src/orm/instance/index.ts";
import { declarativeBase, manyToOne, mapperOf, oneToMany } from "../../../src/orm/mapping/index.ts";
import { joinedLoad, loadByKeys, populateExisting, selectinLoad } from "../../../src/orm/query/index.ts";
import { integer, varchar } from "../../../src/schema/index.ts";
import { select } from "../../../src/statement/select.ts";
import { areLoaded, openSession } from "./support.ts";

const Base = declarativeBase();

class Country extends Base("countries", { id: integer().primaryKey(), name: varchar(50) }) {}

class City extends Base("cities", {
  id: integer().primaryKey(),
  name: varchar(50),
  get countryId() {
    return integer().references(Country.c.id);
  },
  get capitalOf() {
    return manyToOne(Country, { lazy: "joined" });
  },
  get streets() {
    return oneToMany(Street, { backPopulates: "city", lazy: "selectin", orderBy: Street.c.id });
  },
}) {}

class Street extends Base("streets", {
  id: integer().primaryKey(),
  name: varchar(50),
  get cityId() {
    return integer().references(City.c.id);
  },
  get city() {
    return manyToOne(City, { backPopulates: "streets" });
  },
}) {}

class Category extends Base("categories", {
  id: integer().primaryKey(),
  get parentId() {
    return integer().references(Category.c.id);
  },
  get children() {
    return oneToMany(Category, { backPopulates: "parent", lazy: "selectin" });
  },
  get parent() {
    return manyToOne(Category, { backPopulates: "children", remoteSide: [Category.c.id] });
  },
}) {}

const ROWS = [
  "INSERT INTO countries (id, name) VALUES (1, 'it')",
  "INSERT INTO cities (id, name, country_id) VALUES (1, 'rome', 1), (2, 'milan', NULL)",
  "INSERT INTO streets (id, name, city_id) VALUES (1, 'via a', 1), (2, 'via b', 1), (3, 'via c', 2)",
  "INSERT INTO categories (id, parent_id) VALUES (1, NULL), (2, 1), (3, 2)",
];

describe("relationships that say how they are loaded", () => {
  it("are loaded with every query of their class", async () => {
    const session = await openSession(Base, ROWS);
    const cities = await session.all(select(City).orderBy(City.c.id));
    expect(cities.map(({ capitalOf, streets }) => [capitalOf?.name ?? null, streets.length])).toEqual([
      ["it", 2],
      [null, 1],
    ]);
    expect(session.take()).toHaveLength(2);
  });

  it("are loaded for objects that another relationship brings, and that are found by key", async () => {
    const session = await openSession(Base, ROWS);
    const [street] = await session.all(select(Street).where(Street.c.id.eq(1)).options(selectinLoad(Street.c.city)));
    expect(street?.city?.capitalOf?.name).toBe("it");
    expect(street?.city?.streets).toHaveLength(2);
    const [milan] = await loadByKeys(session.context, mapperOf(City), [[2]]);
    expect((milan as City | null)?.streets).toHaveLength(1);
  });

  it("follow what the query says instead", async () => {
    const session = await openSession(Base, ROWS);
    await session.all(select(City).options(joinedLoad(City.c.streets), selectinLoad(City.c.capitalOf)));
    expect(session.take()).toHaveLength(2);
  });

  it("do not run in circles", async () => {
    const session = await openSession(Base, ROWS);
    const [root] = await session.all(select(Category).where(Category.c.id.eq(1)));
    expect(root?.children).toHaveLength(1);
    expect(areLoaded(root?.children[0] as Category, "children")).toEqual([false]);
  });
});

describe("populateExisting", () => {
  it("replaces loaded relationships, and the objects that they bring", async () => {
    const session = await openSession(Base, ROWS);
    const [rome] = await session.all(select(City).where(City.c.id.eq(1)));
    const [first, second] = rome?.streets ?? [];
    rome?.streets.pop();
    (first as Street).name = "changed";
    await session.run(
      "UPDATE streets SET name = 'new' WHERE id = 2",
      "INSERT INTO streets (id, city_id) VALUES (9, 1)",
    );
    await session.all(select(City).where(City.c.id.eq(1)).options(populateExisting()));
    expect(rome?.streets.map(({ id }) => id)).toEqual([1, 2, 9]);
    expect([first?.name, second?.name]).toEqual(["via a", "new"]);
    expect(second?.city).toBe(rome);
    expect(entityOf(rome as City).$changes).toBeNull();
  });
});
