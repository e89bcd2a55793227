import { at, type ClassSpec, type SchemaSpec } from "./schema.ts";

/** A row as the reference model has it; references are to rows, by their number. */
export interface Row {
  readonly number: number;
  readonly position: number;
  /** `id` or `n` where the program makes the key; `a`, `b`, `s`, `active`. */
  values: Record<string, unknown>;
  references: (number | null)[];
}

/** Everything that is, or is to be, in the database: a plain model of what a session does, without any order. */
export class World {
  readonly rows = new Map<number, Row>();
  /** `link/left/right` */
  readonly pairs = new Set<string>();
  /** Rows that somebody asked to delete. */
  readonly deleted = new Set<number>();

  copy(): World {
    const world = new World();
    for (const row of this.rows.values()) {
      world.rows.set(row.number, { ...row, values: { ...row.values }, references: [...row.references] });
    }
    for (const pair of this.pairs) world.pairs.add(pair);
    for (const number of this.deleted) world.deleted.add(number);
    return world;
  }

  row(number: number): Row {
    const row = this.rows.get(number);
    if (row === undefined) throw new Error(`there is no row ${number}`);
    return row;
  }
}

export function pairKey(link: number, left: number, right: number): string {
  return `${link}/${left}/${right}`;
}

export function readPair(pair: string): readonly [link: number, left: number, right: number] {
  const [link = 0, left = 0, right = 0] = pair.split("/").map(Number);
  return [link, left, right];
}

/**
 * What a flush has to make of the world: deletes cascade, orphans go, what refers to a deleted row lets go.
 * @returns null if no database could hold that
 */
export function settle(schema: SchemaSpec, world: World, committed: World): World | null {
  const settled = world.copy();
  const gone = closure(schema, settled, committed);
  if (gone === null) return null;
  for (const number of gone) settled.rows.delete(number);
  settled.deleted.clear();
  for (const row of settled.rows.values()) {
    const { references } = at(schema.classes, row.position);
    for (const [i, reference] of references.entries()) {
      const target = row.references[i] ?? null;
      if (target !== null && gone.has(target)) {
        if (reference.mode === "plain") return null;
        row.references[i] = null;
      }
      if (row.references[i] === null && reference.required) return null;
    }
  }
  for (const pair of settled.pairs) {
    const [, left, right] = readPair(pair);
    if (gone.has(left) || gone.has(right)) settled.pairs.delete(pair);
  }
  return hasUniqueKeys(schema, settled.rows.values()) ? settled : null;
}

/** Deleted rows, what they own, and rows that lost their owner. */
function closure(schema: SchemaSpec, world: World, committed: World): Set<number> | null {
  const gone = new Set(world.deleted);
  for (let before = -1; before !== gone.size; ) {
    before = gone.size;
    for (const row of world.rows.values()) {
      if (gone.has(row.number)) continue;
      const { references } = at(schema.classes, row.position);
      for (const [i, { mode }] of references.entries()) {
        if (mode !== "owned") continue;
        const target = row.references[i] ?? null;
        const was = committed.rows.get(row.number)?.references[i] ?? null;
        if (target !== null && gone.has(target)) gone.add(row.number);
        if (target === null && was !== null) gone.add(row.number);
        if (target === null && !committed.rows.has(row.number)) return null; // new rows without owner are not tested
      }
    }
  }
  return gone;
}

/** The slots that a row takes: equal strings collide. */
export function slotsOf(spec: ClassSpec, row: Row): readonly string[] {
  const slots: string[] = [];
  if (spec.key === "dependent") slots.push(`${row.position}:key:${row.references[0]}/${row.values.n}`);
  else if (spec.key !== "generated") slots.push(`${row.position}:key:${JSON.stringify(row.values.id)}`);
  for (const [i, { values, reference, partial }] of spec.uniques.entries()) {
    const tuple = [...values.map((name) => row.values[name]), ...(reference ? [row.references[0]] : [])];
    if (tuple.includes(null) || (partial && row.values.active !== true)) continue;
    slots.push(`${row.position}:${i}:${JSON.stringify(tuple)}`);
  }
  return slots;
}

export function hasUniqueKeys(schema: SchemaSpec, rows: Iterable<Row>): boolean {
  const taken = new Set<string>();
  for (const row of rows) {
    for (const slot of slotsOf(at(schema.classes, row.position), row)) {
      if (taken.has(slot)) return false;
      taken.add(slot);
    }
  }
  return true;
}

/**
 * New rows that wait for each other's generated keys: no statement can write them. (A reference that may be NULL is
 * written later; a key that is known can be written before its row exists, if the check is put off.)
 */
export function hasImpossibleRing(schema: SchemaSpec, settled: World, committed: World): boolean {
  const state = new Map<number, "open" | "done">();
  const visit = (row: Row): boolean => {
    if (state.get(row.number) === "open") return true;
    if (state.get(row.number) === "done") return false;
    state.set(row.number, "open");
    const { references } = at(schema.classes, row.position);
    for (const [i, { required }] of references.entries()) {
      const target = row.references[i];
      if (!required || target === null || target === undefined || committed.rows.has(row.number)) continue;
      const maker = keyMaker(schema, settled.row(target), settled, committed);
      if (maker !== null && visit(maker)) return true;
    }
    state.set(row.number, "done");
    return false;
  };
  return [...settled.rows.values()].some(visit);
}

/** The new row whose generated key is a part of the row's key: it is there before anything can refer to the row. */
export function keyMaker(schema: SchemaSpec, row: Row, settled: World, committed: World): Row | null {
  const { key } = at(schema.classes, row.position);
  if (key === "dependent") return keyMaker(schema, settled.row(row.references[0] ?? -1), settled, committed);
  return key === "generated" && !committed.rows.has(row.number) ? row : null;
}
