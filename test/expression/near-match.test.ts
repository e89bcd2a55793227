import { describe, expect, it } from "vitest";
import { nearest } from "../../src/expression/near-match.ts";

describe("the name that was probably meant", () => {
  it.each([
    ["nmae", "name"],
    ["Name", "name"],
    ["adress", "address"],
    ["userid", "userId"],
    ["zzz", null],
    ["x", null],
  ])("of %s is %s", (word, expected) => {
    expect(nearest(word, ["id", "name", "address", "userId"])).toBe(expected);
  });
});
