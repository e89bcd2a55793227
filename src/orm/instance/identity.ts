import { type FoldText, foldingOf, trimSpacesAtEnd } from "../../schema/same-texts.ts";
import type { Mapper } from "../mapping/index.ts";

/**
 * The primary key of a row as a value that a `Map` can look up: the value itself for a key of one column, a string for
 * several. Values of one column that the database holds equal give equal keys.
 */
export type IdentityKey = string | number | bigint | boolean;

/**
 * Makes the identity key of the values of the primary key, given in the order of `mapper.primaryKey`.
 * @returns null if one of them is missing: such an object has no identity yet
 */
export function identityKeyFrom(mapper: Mapper, values: readonly unknown[]): IdentityKey | null {
  const { primaryKey } = mapper;
  if (primaryKey.length === 1) return partKey(mapper, 0, values[0]);
  let composite = "";
  for (let i = 0; i < primaryKey.length; i++) {
    const part = partKey(mapper, i, values[i]);
    if (part === null) return null;
    composite += encode(part);
  }
  return composite;
}

function partKey(mapper: Mapper, position: number, value: unknown): IdentityKey | null {
  if (value === null || value === undefined) return null;
  const property = mapper.primaryKey[position];
  return property === undefined ? null : property.column.sqlType.keyOf(value);
}

/** No two lists of parts give the same text: strings say their length. */
function encode(part: IdentityKey): string {
  switch (typeof part) {
    case "string":
      return `s${part.length}:${part}`;
    case "boolean":
      return part ? "t;" : "f;";
    default:
      return `n${part};`;
  }
}

/** Gives all keys that are one to the database the same form. */
export type FoldKey = (key: IdentityKey) => IdentityKey;

/** Folds the parts of a primary key whose columns name a collation that takes different texts for the same; null if there are none. */
export function keyFoldingOf({ primaryKey }: Mapper, dialectName: string): FoldKey | null {
  const folds = primaryKey.map(({ column }) => foldingOf(column, dialectName));
  if (folds.every((fold) => fold === null)) return null;
  const [first] = folds;
  if (folds.length === 1 && first) return (key) => (typeof key === "string" ? first(key) : key);
  const onlyTrims = folds.every((fold) => fold === null || fold === trimSpacesAtEnd);
  return (key) => {
    const text = String(key);
    return onlyTrims && !text.includes(" ") ? text : foldParts(text, folds); // mostly so, and asked for every row
  };
}

/** Reads what {@link encode} wrote. */
function foldParts(key: string, folds: readonly (FoldText | null)[]): string {
  let folded = "";
  let start = 0;
  for (const fold of folds) {
    let end = key.indexOf(";", start) + 1;
    let text: string | null = null;
    if (key.startsWith("s", start)) {
      const colon = key.indexOf(":", start);
      end = colon + 1 + Number(key.slice(start + 1, colon));
      if (fold !== null) text = key.slice(colon + 1, end);
    }
    folded += fold === null || text === null ? key.slice(start, end) : encode(fold(text));
    start = end;
  }
  return folded;
}
