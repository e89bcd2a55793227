import { ignoresCase, lowerAscii } from "../../schema/caseless.ts";
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

/** Folds the parts of a primary key whose columns name a collation without case; null if there are none. */
export function foldingOf({ primaryKey }: Mapper, dialectName: string): FoldKey | null {
  const isFolded = primaryKey.map(({ column }) => ignoresCase(column, dialectName));
  if (!isFolded.includes(true)) return null;
  if (isFolded.length === 1) return (key) => (typeof key === "string" ? lowerAscii(key) : key);
  return (key) => foldParts(String(key), isFolded);
}

/** Reads what {@link encode} wrote. */
function foldParts(key: string, isFolded: readonly boolean[]): string {
  let folded = "";
  for (const fold of isFolded) {
    const start = folded.length; // a folded text is as long as it was
    let end = key.indexOf(";", start) + 1;
    if (key.startsWith("s", start)) {
      const colon = key.indexOf(":", start);
      end = colon + 1 + Number(key.slice(start + 1, colon));
    }
    const part = key.slice(start, end);
    folded += fold ? lowerAscii(part) : part;
  }
  return folded;
}
