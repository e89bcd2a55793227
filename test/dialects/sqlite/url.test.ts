import { describe, expect, it } from "vitest";
import { sqliteTarget } from "../../../src/dialects/sqlite/url.ts";
import { parseUrl } from "../../../src/engine/url.ts";
import { ArgumentError } from "../../../src/errors/index.ts";

const pathOf = (url: string) => sqliteTarget(parseUrl(url)).path;

describe("SQLite URLs", () => {
  it.each([
    ["sqlite::memory:", ":memory:"],
    ["sqlite://", ":memory:"],
    ["sqlite:///", ":memory:"],
    ["sqlite:///:memory:", ":memory:"],
    ["sqlite:///file.db", "file.db"],
    ["sqlite:///data/app.db", "data/app.db"],
    ["sqlite:////srv/app.db", "/srv/app.db"],
    ["sqlite:///C:/data/app.db", "C:/data/app.db"],
    ["sqlite:///my%20app%3F.db", "my app?.db"],
    ["SQLite:///file.db", "file.db"],
  ])("%s is %s", (url, path) => {
    expect(pathOf(url)).toBe(path);
  });

  it("takes options", () => {
    expect(sqliteTarget(parseUrl("sqlite:///file.db?mode=ro&timeout=100"))).toEqual({
      path: "file.db",
      readOnly: true,
      busyTimeout: 100,
    });
  });

  it.each([
    ["sqlite:", "which database"],
    ["sqlite:file.db", "three slashes"],
    ["sqlite:/file.db", "three slashes"],
    ["sqlite://file.db", '"file.db" stands in its place'],
    ["sqlite://me@/file.db", "no host"],
    ["sqlite:///file.db?cache=shared", 'the option "cache"'],
    ["sqlite:///file.db?mode=rwx", 'not "rwx"'],
    ["sqlite:///file.db?timeout=soon", 'not "soon"'],
    ["sqlite:///100%.db", "%25"],
  ])("%s is refused, with what to write", (url, message) => {
    expect(() => pathOf(url)).toThrow(ArgumentError);
    expect(() => pathOf(url)).toThrow(message);
  });
});
