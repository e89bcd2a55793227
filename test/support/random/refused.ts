import { differences, keyOf, orderExists } from "./brute-force.ts";
import { at, type SchemaSpec } from "./schema.ts";
import { pairKey, type Row, readPair, World } from "./world.ts";

/**
 * Can nobody write this one row at a time, though no key changes to which others refer by a foreign key without ON UPDATE
 * CASCADE? Such a key cannot be followed where no check can be put off and no statement writes two tables (docs/flush.md).
 * @param isCheckedByRow as for `orderExists`
 * @param most more writes are not tried
 */
export function changesKeysWithoutOrder(
  schema: SchemaSpec,
  from: World,
  to: World,
  { isCheckedByRow, most }: { readonly isCheckedByRow: boolean; readonly most: number },
): boolean {
  if (changesReferredKey(schema, from, to)) return true;
  const after = takenOver(schema, from, to);
  const writes = differences(from, after);
  return writes.length > most || !orderExists(schema, from, after, writes, isCheckedByRow);
}

function changesReferredKey(schema: SchemaSpec, from: World, to: World): boolean {
  const changed = changedKeys(schema, from, to);
  for (const row of from.rows.values()) {
    for (const [i, target] of row.references.entries())
      if (target !== null && changed.has(target) && !isReached(schema, row.position, i)) return true;
  }
  return [...from.pairs].some((pair) =>
    readPair(pair)
      .slice(1)
      .some((number) => changed.has(number)),
  );
}

/** Does the ON UPDATE of a foreign key take its rows along? Not so in a table that it has come from or passed. */
function isReached({ classes }: SchemaSpec, position: number, reference: number): boolean {
  const { key, references } = at(classes, position);
  const { target, cascadeUpdate } = at(references, reference);
  const refersTwice = references.filter((other) => other.target === target).length > 1;
  if (!cascadeUpdate || (refersTwice && key === "dependent" && references[0]?.target === target)) return false;
  for (let passed = target; ; passed = at(at(classes, passed).references, 0).target) {
    if (passed === position) return false;
    if (at(classes, passed).key !== "dependent") return true;
  }
}

/** The world with new rows as the deleted ones whose keys they have: each of them is an UPDATE. */
function takenOver(schema: SchemaSpec, from: World, to: World): World {
  const gone = new Map<string, number>();
  for (const row of from.rows.values()) if (!to.rows.has(row.number)) gone.set(keyOf(schema, row), row.number);
  const numbers = new Map<number, number>();
  const now = (number: number): number => numbers.get(number) ?? number;
  const renumbered = (row: Row): Row => ({
    ...row,
    number: now(row.number),
    references: row.references.map((target) => (target === null ? null : now(target))),
  });
  // A key may hold a reference to a row of a class before.
  for (const row of [...to.rows.values()].sort((a, b) => a.position - b.position)) {
    const number = from.rows.has(row.number) ? undefined : gone.get(keyOf(schema, renumbered(row)));
    if (number !== undefined) numbers.set(row.number, number);
  }
  const world = new World();
  for (const row of to.rows.values()) world.rows.set(now(row.number), renumbered(row));
  for (const pair of to.pairs) {
    const [link, left, right] = readPair(pair);
    world.pairs.add(pairKey(link, now(left), now(right)));
  }
  return world;
}

/** The kept rows whose primary keys change, by themselves or by what they refer to. */
function changedKeys(schema: SchemaSpec, from: World, to: World): ReadonlySet<number> {
  const changed = new Set<number>();
  for (const row of from.rows.values()) {
    const after = to.rows.get(row.number);
    if (after !== undefined && keyText(schema, row, from) !== keyText(schema, after, to)) changed.add(row.number);
  }
  return changed;
}

function keyText(schema: SchemaSpec, row: Row, world: World): string {
  const { key } = at(schema.classes, row.position);
  if (key === "generated") return String(row.number);
  if (key === "dependent") return `${keyText(schema, world.row(row.references[0] ?? -1), world)}/${row.values.n}`;
  return JSON.stringify(row.values.id);
}
