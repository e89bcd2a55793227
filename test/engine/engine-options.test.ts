import { ArgumentError, createEngine } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";

// Callers without types.
const given = (options: object) => options as never;

onEveryDatabase("an option of createEngine()", (database) => {
  it.each([
    [{ statementTimeout: -1 }, "statementTimeout is a number of milliseconds, not the number -1."],
    [{ statementTimeout: "5" }, 'statementTimeout is a number of milliseconds, not the string "5".'],
    [{ slowStatement: Number.NaN }, "slowStatement is a number of milliseconds, not the number NaN."],
    [{ logger: "x" }, 'logger takes a function, not the string "x": write logger: (line) => console.error(line).'],
    [{ echo: "debug" }, 'echo is true or false, not the string "debug".'],
    [{ hideParameters: 1 }, "hideParameters is true or false, not the number 1."],
    [{ pool: { prePing: "yes" } }, 'pool.prePing is true or false, not the string "yes".'],
  ])("is refused where it can mean nothing: %j", (engine, message) => {
    const open = () => database.open({ engine: given(engine) });
    expect(open).toThrow(ArgumentError);
    expect(open).toThrow(message);
  });
});

it("of SQLite is refused where it can mean nothing", () => {
  const open = (options: object) => () => createEngine("sqlite::memory:", given(options));
  expect(open({ foreignKeys: "off" })).toThrow('foreignKeys is true or false, not the string "off".');
  expect(open({ driver: "node:sqlite" })).toThrow('driver takes a function, not the string "node:sqlite"');
});

// Nothing is opened.
it.each(["sqlite:///file.db", "postgresql://localhost/app", "mariadb://localhost/app"])("of the pool of %s", (url) => {
  const open = (pool: object) => () => createEngine(url, { pool: given(pool) });
  expect(open({ size: "5" })).toThrow("pool.size is a number of at least 0, not ");
  expect(open({ size: 1.5, max: 2 })).toThrow("pool.size is a whole number of connections, not the number 1.5.");
  expect(open({ size: 1, max: 1.5 })).toThrow("pool.max is a whole number of connections, not the number 1.5.");
});
