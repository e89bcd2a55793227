import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TupleKey } from "../../../src/orm/flush/decompose/tuple.ts";
import { TupleMap } from "../../../src/orm/flush/decompose/tuple-map.ts";

const KEYS = fc.oneof(
  fc.integer({ min: -3, max: 40 }),
  fc.maxSafeInteger(),
  fc.tuple(fc.nat(5), fc.nat(5)).map(([a, b]) => a * 2 ** 26 + b),
  fc.constantFrom<TupleKey>(-0, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60, "1", "", 1n, true),
);

describe("a map by tuple keys", () => {
  it("says what a Map says", () => {
    const writes = fc.array(fc.tuple(KEYS, fc.nat(3)), { maxLength: 200 });
    fc.assert(
      fc.property(writes, fc.array(KEYS), fc.nat(50), (entries, asked, expected) => {
        const [mine, map] = [new TupleMap<number>(expected), new Map<TupleKey, number>()];
        for (const [key, value] of entries) {
          mine.set(key, value);
          map.set(key, value);
          expect(mine.get(key)).toBe(value);
        }
        expect(mine.size).toBe(map.size);
        for (const key of [...map.keys(), ...asked]) expect(mine.get(key)).toBe(map.get(key));
      }),
    );
  });

  it.each([
    ["that count up", (i: number) => i],
    ["of which each is the first of a list", (i: number) => i * 2 ** 26],
    ["of short lists", (i: number) => Math.floor(i / 3) * 2 ** 26 + (i % 3)],
    ["with the same lower bits", (i: number) => i * 2 ** 20],
  ])("keeps 100,000 numbers %s", (_name, keyOf) => {
    const map = new TupleMap<number>(10);
    for (let i = 0; i < 100_000; i++) map.set(keyOf(i), i);
    expect(map.size).toBe(100_000);
    for (let i = 0; i < 100_000; i++) if (map.get(keyOf(i)) !== i) expect.fail(`lost ${i}`);
  });
});
