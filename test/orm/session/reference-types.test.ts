import { createEngine, declarativeBase, integer, manyToOne, Session, varchar } from "alkahest";
import { expect, it } from "vitest";

const Base = declarativeBase();
class Country extends Base("countries", { code: varchar(10).primaryKey() }) {}
class City extends Base("cities", {
  id: integer().primaryKey(),
  /** Of another type than the key, as tables that others have made may be. */
  get countryCode() {
    return integer().references("countries.code");
  },
  get country() {
    return manyToOne(Country);
  },
}) {}

it("an object that only a foreign key names is found by the type of its key", async () => {
  const engine = createEngine("sqlite::memory:");
  await Base.metadata.createAll(engine);
  await using session = new Session(engine);
  const country = new Country({ code: "42" });
  session.add(country);
  await session.flush();
  const city = new City({ countryCode: 42 });
  session.add(city);
  expect(city.country).toBe(country);
  await engine.dispose();
});
