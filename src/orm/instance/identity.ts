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
