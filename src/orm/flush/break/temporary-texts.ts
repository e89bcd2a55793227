import { randomInt } from "node:crypto";
import type { Hints } from "./temporary-candidates.ts";

const TRIES = 8;
const SIGNS = "abcdefghijklmnopqrstuvwxyz0123456789";

/** Characters that no collation folds together, and none of which needs escaping. */
export function randomText(length: number): string {
  let text = "";
  for (let i = 0; i < Math.min(length, 32); i++) text += SIGNS[randomInt(SIGNS.length)];
  return text;
}

/** Texts of the patterns and the lengths that CHECK constraints speak of. */
export function* textsIn(length: number, { literals }: Hints): Generator<string> {
  for (const literal of literals) {
    for (let i = 0; i < TRIES; i++) {
      if (typeof literal === "string" && /[%_]/.test(literal)) yield filled(literal, length);
      if (typeof literal === "number") yield* [literal, literal + 1, literal - 1].map(randomText);
    }
  }
}

/** Texts like those that are known to be allowed, and the texts of CHECK constraints themselves. */
export function* textsLike({ literals, present }: Hints): Generator<string> {
  const known = [present, ...literals].filter((value) => typeof value === "string");
  for (const text of known) for (let i = 0; i < TRIES; i++) yield sameShape(text);
  yield* known;
}

/** A pattern of LIKE with other characters in the places that it leaves open. */
function filled(pattern: string, length: number): string {
  const open = pattern.split("%").length - 1;
  const room = length - pattern.length + open;
  const one = pattern.replaceAll("_", () => randomText(1));
  return one.replaceAll("%", () => randomText(Math.floor(room / open)));
}

/** Another text with letters and digits in the same places: what a pattern asks for that cannot be read here. */
function sameShape(text: string): string {
  return text.replace(/[a-z]|[A-Z]|\d/g, (character) => {
    if (/\d/.test(character)) return String(randomInt(10));
    const letter = SIGNS[randomInt(26)] as string; // the letters come first
    return character === character.toLowerCase() ? letter : letter.toUpperCase();
  });
}
