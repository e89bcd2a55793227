import fc from "fast-check";
import type { EditSeed } from "./edits.ts";
import { type SchemaSpec, schemaSpec } from "./schema.ts";

/** How a round of edits begins and ends. */
export interface Round {
  readonly edits: readonly EditSeed[];
  /** The session of the round before goes on; its objects are expired; another session loads the rows. */
  readonly start: "go on" | "expire" | "reopen";
  readonly end: "commit" | "flush and roll back" | "fail" | "roll back to savepoint";
  readonly failAt: number;
}

const number = fc.nat(23);
const edit: fc.Arbitrary<EditSeed> = fc.tuple(fc.nat(15), number, number, number, number);
const round: fc.Arbitrary<Round> = fc.record({
  edits: fc.array(edit, { minLength: 1, maxLength: 8 }),
  start: fc.constantFrom("go on" as const, "go on" as const, "expire" as const, "reopen" as const),
  end: fc.constantFrom(
    "commit" as const,
    "commit" as const,
    "commit" as const,
    "flush and roll back" as const,
    "fail" as const,
    "roll back to savepoint" as const,
  ),
  failAt: fc.nat(5),
});
const inserts: fc.Arbitrary<EditSeed> = fc.tuple(fc.constant(0), number, number, number, number);

/** A schema, the rows that are there at first, and rounds of edits. */
export type Program = readonly [schema: SchemaSpec, first: readonly EditSeed[], rounds: readonly Round[]];

export const program: fc.Arbitrary<Program> = fc.tuple(
  schemaSpec,
  fc.array(inserts, { minLength: 2, maxLength: 10 }),
  fc.array(round, { minLength: 1, maxLength: 3 }),
);
