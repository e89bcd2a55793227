import { describe, expect, it } from "vitest";
import { Echo, formatParameters } from "../../src/engine/echo.ts";

describe("parameters in the log", () => {
  it("look like a tuple", () => {
    expect(formatParameters([null, "somewidget", 1, 2n, true])).toBe("(null, 'somewidget', 1, 2, true)");
    expect(formatParameters(["it's", new Date(0), new Uint8Array([1, 255])])).toBe(
      "('it''s', 1970-01-01T00:00:00.000Z, x'01ff')",
    );
  });

  it("are left out in the middle of a long list", () => {
    const numbers = Array.from({ length: 1000 }, (_, index) => index);
    expect(formatParameters(numbers)).toBe(
      "(0, 1, 2, 3, 4, 5, 6, 7, ... 990 of 1000 parameters left out ..., 998, 999)",
    );
    expect(formatParameters(numbers.slice(0, 50))).not.toContain("...");
  });

  it("are shortened when they are long", () => {
    expect(formatParameters(["x".repeat(1000)]).length).toBeLessThan(400);
    expect(formatParameters([new Uint8Array(1000)])).toContain("(1000 bytes)");
  });
});

describe("a log", () => {
  it("has a line for the statement and one for its parameters", () => {
    const lines: string[] = [];
    const echo = new Echo((line) => lines.push(line), false);
    echo.statement("INSERT INTO entry (widget_id, name) VALUES (?, ?)", [1, "someentry"]);
    echo.statement("DELETE FROM entry", []);
    expect(lines).toEqual([
      "INSERT INTO entry (widget_id, name) VALUES (?, ?)",
      "(1, 'someentry')",
      "DELETE FROM entry",
    ]);
  });

  it("can leave parameters out", () => {
    const lines: string[] = [];
    const echo = new Echo((line) => lines.push(line), true);
    echo.statement("SELECT ?, ?", ["secret", 1]);
    echo.statement("SELECT ?", ["secret"]);
    expect(lines).toEqual(["SELECT ?, ?", "(2 parameters hidden)", "SELECT ?", "(1 parameter hidden)"]);
  });

  it("cuts the text of a very large batch in the middle", () => {
    const lines: string[] = [];
    const echo = new Echo((line) => lines.push(line), true);
    echo.statement(`INSERT INTO t (a) VALUES ${"(?), ".repeat(10_000)}(?) RETURNING id`, []);
    expect(lines[0]!.length).toBeLessThan(2000);
    expect(lines[0]).toMatch(/^INSERT INTO t .* characters left out\) .* RETURNING id$/);
  });
});
