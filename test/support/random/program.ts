import fc from "fast-check";
import type { EditSeed } from "./edits.ts";
import { chainedSchemaSpec, keyedSchemaSpec, type SchemaSpec, schemaSpec } from "./schema.ts";

/** How a round of edits begins and ends. */
export interface Round {
  readonly edits: readonly EditSeed[];
  /** The session of the round before goes on; its objects are expired; another session loads the rows. */
  readonly start: "go on" | "expire" | "reopen";
  readonly end: "commit" | "flush and roll back" | "fail" | "roll back to savepoint";
  readonly failAt: number;
}

const number = fc.nat(23);
const inserts: fc.Arbitrary<EditSeed> = fc.tuple(fc.constant(0), number, number, number, number);
const starts = fc.constantFrom<Round["start"]>("go on", "go on", "expire", "reopen");

/** A round of up to eight edits of these kinds. */
function rounds(kinds: fc.Arbitrary<number>, ends: readonly Round["end"][]): fc.Arbitrary<Round> {
  const edit: fc.Arbitrary<EditSeed> = fc.tuple(kinds, number, number, number, number);
  return fc.record({
    edits: fc.array(edit, { minLength: 1, maxLength: 8 }),
    start: starts,
    end: fc.constantFrom(...ends),
    failAt: fc.nat(5),
  });
}

/** A schema, the rows that are there at first, and rounds of edits. */
export type Program = readonly [schema: SchemaSpec, first: readonly EditSeed[], rounds: readonly Round[]];

const anyRound = rounds(fc.nat(15), [
  "commit",
  "commit",
  "commit",
  "flush and roll back",
  "fail",
  "roll back to savepoint",
]);

export const program: fc.Arbitrary<Program> = fc.tuple(
  schemaSpec,
  fc.array(inserts, { minLength: 2, maxLength: 10 }),
  fc.array(anyRound, { minLength: 1, maxLength: 3 }),
);

/** Inserts, deletes, moves, new and exchanged references and keys, pairs, and new objects in the place of others. */
const KEY_EDITS = [0, 5, 6, 7, 7, 8, 9, 10, 10, 10, 11, 13, 13];

/** More of what changes keys. */
const CHAIN_EDITS = [...KEY_EDITS, 6, 7, 9, 9, 10, 10];

/** One in which keys change hands all the time, and everything is committed. */
export const keyProgram: fc.Arbitrary<Program> = fc.tuple(
  keyedSchemaSpec,
  fc.array(inserts, { minLength: 3, maxLength: 8 }),
  fc.array(rounds(fc.constantFrom(...KEY_EDITS), ["commit"]), { minLength: 3, maxLength: 6 }),
);

/** The same along a chain of keys, each a part of the next one. */
export const chainProgram: fc.Arbitrary<Program> = fc.tuple(
  chainedSchemaSpec,
  fc.array(inserts, { minLength: 5, maxLength: 9 }),
  fc.array(rounds(fc.constantFrom(...CHAIN_EDITS), ["commit"]), { minLength: 2, maxLength: 4 }),
);
