import type { FromClause } from "../expression/from.ts";

/** A FROM element in words, for messages. */
export function describeFrom(from: FromClause): string {
  if ("name" in from && typeof from.name === "string") return `"${from.name}"`;
  if ("source" in from) return "an alias";
  return from.kind === "join" ? "a join" : `a ${from.kind} without a name`;
}
