import { at, type SchemaSpec } from "./schema.ts";
import { keyMaker, type Row, readPair, slotsOf, type World } from "./world.ts";

/** One statement that writes one row: the row, or the pair, before and after it. */
interface Write {
  readonly number: number | string;
  readonly before: Row | string | null;
  readonly after: Row | string | null;
}

/** The rows that differ between two worlds; nothing if a key changes, which other rows would follow. */
export function writesBetween(schema: SchemaSpec, from: World, to: World): readonly Write[] | null {
  const gone = new Set<string>();
  for (const [number, row] of from.rows) {
    const after = to.rows.get(number) ?? null;
    if (after === null) gone.add(keyOf(schema, row));
    else if (keyOf(schema, row) !== keyOf(schema, after)) return null;
  }
  for (const [number, row] of to.rows) {
    if (!from.rows.has(number) && gone.has(keyOf(schema, row))) return null; // the new row takes the old one over
  }
  return differences(from, to);
}

/** The rows that differ between two worlds, whatever other rows would follow. */
export function differences(from: World, to: World): readonly Write[] {
  const writes: Write[] = [];
  for (const [number, row] of from.rows) {
    const after = to.rows.get(number) ?? null;
    if (after === null || isChanged(row, after)) writes.push({ number, before: row, after });
  }
  for (const [number, row] of to.rows) if (!from.rows.has(number)) writes.push({ number, before: null, after: row });
  for (const pair of from.pairs) if (!to.pairs.has(pair)) writes.push({ number: pair, before: pair, after: null });
  for (const pair of to.pairs) if (!from.pairs.has(pair)) writes.push({ number: pair, before: null, after: pair });
  return writes;
}

/** What a row is found by; a reference in it by the number of the row that it refers to. */
export function keyOf(schema: SchemaSpec, row: Row): string {
  const { key } = at(schema.classes, row.position);
  if (key === "generated") return `${row.position}/${row.number}`;
  return `${row.position}/${JSON.stringify(key === "dependent" ? [row.references[0], row.values.n] : row.values.id)}`;
}

function isChanged(a: Row, b: Row): boolean {
  return JSON.stringify([a.values, a.references]) !== JSON.stringify([b.values, b.references]);
}

/**
 * Is there an order in which the writes, one statement each, violate no constraint? Tries them all.
 * @param isCheckedByRow foreign keys are checked after each row, so that a row which refers to itself cannot be deleted
 */
export function orderExists(
  schema: SchemaSpec,
  from: World,
  to: World,
  writes: readonly Write[],
  isCheckedByRow = false,
): boolean {
  if (isCheckedByRow && writes.some(({ before, after }) => after === null && refersToItself(before))) return false;
  const makers = new Map(
    [...to.rows.values()].map((row) => [row.number, keyMaker(schema, row, to, from)?.number ?? null]),
  );
  const rows = new Map(from.rows);
  const pairs = new Set(from.pairs);
  const left = new Set(writes);
  const search = (): boolean => {
    if (left.size === 0) return true;
    for (const write of [...left]) {
      if (!isWritable(write, makers, rows)) continue;
      put(rows, pairs, write.number, write.after);
      left.delete(write);
      if (isLegal(schema, rows, pairs) && search()) return true;
      left.add(write);
      put(rows, pairs, write.number, write.before);
    }
    return false;
  };
  return search();
}

function refersToItself(row: Row | string | null): boolean {
  return row !== null && typeof row !== "string" && row.references.includes(row.number);
}

/** A key that the database makes is known once its row was inserted, and not before. */
function isWritable(
  { after }: Write,
  makers: ReadonlyMap<number, number | null>,
  rows: ReadonlyMap<number, Row>,
): boolean {
  const referred =
    after === null
      ? []
      : typeof after === "string"
        ? readPair(after).slice(1)
        : after.references.filter((one) => one !== null);
  return referred.every((target) => {
    const maker = makers.get(target) ?? null;
    return maker === null || rows.has(maker);
  });
}

function put(rows: Map<number, Row>, pairs: Set<string>, number: number | string, value: Row | string | null): void {
  if (typeof number === "string") {
    if (value === null) pairs.delete(number);
    else pairs.add(number);
  } else if (value === null || typeof value === "string") rows.delete(number);
  else rows.set(number, value);
}

function isLegal(schema: SchemaSpec, rows: ReadonlyMap<number, Row>, pairs: ReadonlySet<string>): boolean {
  const taken = new Set<string>();
  for (const row of rows.values()) {
    const spec = at(schema.classes, row.position);
    for (const slot of slotsOf(spec, row)) {
      if (taken.has(slot)) return false;
      taken.add(slot);
    }
    if (!schema.foreignKeys) continue;
    for (const target of row.references) if (target !== null && !rows.has(target)) return false;
  }
  for (const pair of pairs) {
    const [, left, right] = readPair(pair);
    if (schema.foreignKeys && !(rows.has(left) && rows.has(right))) return false;
  }
  return true;
}
