import { double, integer, MetaData, Table, varchar } from "alkahest";
import fc from "fast-check";
import { expect, it } from "vitest";
import { tupleKey } from "../../../src/orm/flush/decompose/tuple.ts";
import type { Column } from "../../../src/schema/index.ts";

const table = new Table("t", new MetaData(), { id: integer().primaryKey(), n: double(), s: varchar(20) });
const [id, n, s] = table.columns as readonly [Column<unknown>, Column<unknown>, Column<unknown>];

const numbers = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(2 ** 26 - 1, 2 ** 26, 2 ** 26 + 1, 2 ** 52, 0.5, 67_108_863.5),
);
const texts = fc.oneof(fc.constantFrom("", ":", '"', "1:", '"1:', "0"), fc.string({ maxLength: 3 }));

it("two tuples have the same key if they are equal, and only then", () => {
  for (const [types, values] of [
    [[id, n], fc.tuple(fc.integer({ min: -3, max: 2 ** 27 }), numbers)],
    [[n, n], fc.tuple(numbers, numbers)],
    [[s, n], fc.tuple(texts, numbers)],
    [[s, s], fc.tuple(texts, texts)],
    [[n, s, n], fc.tuple(numbers, texts, numbers)],
  ] as const) {
    const tuples = fc.array(values as fc.Arbitrary<readonly unknown[]>, { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(tuples, (all) => {
        for (const a of all) {
          for (const b of all) {
            const same = a.every((value, i) => value === b[i]);
            expect(tupleKey(types, a) === tupleKey(types, b)).toBe(same);
          }
        }
      }),
      { seed: 20_261_127, numRuns: 200 },
    );
  }
});
