import { createEngine, declarativeBase, integer, Session, select, text } from "alkahest";
import { epochMilliseconds, epochSeconds } from "alkahest/sqlite";
import { expect, it, onTestFinished } from "vitest";

it("instants as numbers are what other programs store", async () => {
  const Base = declarativeBase();
  class Visit extends Base("visit", {
    id: integer().primaryKey(),
    at: epochSeconds(),
    exactly: epochMilliseconds(),
  }) {}
  const engine = createEngine("sqlite::memory:");
  onTestFinished(() => engine.dispose());
  await Base.metadata.createAll(engine);
  await using session = new Session(engine);
  const instant = new Date("2024-05-01T12:00:00Z");
  session.add(new Visit({ at: instant, exactly: new Date(1) }));
  await session.commit();
  const stored = await session.execute(text("SELECT at, typeof(at), exactly FROM visit"));
  expect(stored.all()).toEqual([[instant.getTime() / 1000, "integer", 1]]);
  expect(await session.all(select(Visit.c.id).where(Visit.c.at.lt(new Date("2024-05-01T12:00:01Z"))))).toEqual([1]);
  const [visit] = await session.all(select(Visit));
  visit!.at!.setUTCFullYear(2025); // a change inside of the value is noticed
  await session.commit();
  expect(await session.all(select(Visit.c.at))).toEqual([new Date("2025-05-01T12:00:00Z")]);
});

it("an instant that would lose its milliseconds is refused", () => {
  expect(epochSeconds().sqlType.validate(new Date(1500))).toBe(
    "expected a Date of whole seconds, got the Date 1970-01-01T00:00:01.500Z",
  );
  expect(epochSeconds().sqlType.validate(new Date(Number.NaN))).toBe("expected a valid Date, got an invalid Date");
});
