import { type FamilySchema, referencesOf, rootOf, valuesOf } from "./family-schema.ts";

/** A row as the model has it; references are to rows, by their number. */
export interface FamilyRow {
  readonly number: number;
  readonly type: string;
  /** Null where the database makes it. */
  key: number | null;
  readonly values: Record<string, number | null>;
  readonly references: Record<string, number | null>;
}

/** What is, or is to be, in the database, without any order. */
export class FamilyWorld {
  readonly rows = new Map<number, FamilyRow>();
  /** `left/right` */
  readonly pairs = new Set<string>();

  copy(): FamilyWorld {
    const world = new FamilyWorld();
    for (const row of this.rows.values()) world.rows.set(row.number, copyRow(row));
    for (const pair of this.pairs) world.pairs.add(pair);
    return world;
  }

  row(number: number): FamilyRow {
    const row = this.rows.get(number);
    if (row === undefined) throw new Error(`there is no row ${number}`);
    return row;
  }
}

export function copyRow(row: FamilyRow): FamilyRow {
  return { ...row, values: { ...row.values }, references: { ...row.references } };
}

export const pairOf = (left: number, right: number): string => `${left}/${right}`;

export function readPair(pair: string): readonly [left: number, right: number] {
  const [left = 0, right = 0] = pair.split("/").map(Number);
  return [left, right];
}

/** Why no database could hold the world, or that one can (null): every edit is meant to be one that it can hold. */
export function objection(schema: FamilySchema, world: FamilyWorld): string | null {
  const taken = new Set<string>();
  const takes = (slot: string): boolean => taken.size === taken.add(slot).size;
  for (const row of world.rows.values()) {
    const spec = schema.spec(row.type);
    if (row.key !== null && takes(`${rootOf(spec).name}#${row.key}`)) return "key";
    for (const { name, isUnique, isRequired } of valuesOf(spec)) {
      const value = row.values[name] ?? null;
      if (value === null ? isRequired : isUnique && takes(`${name}=${value}`)) return name;
    }
    for (const { name, isUnique, isRequired } of referencesOf(spec)) {
      const target = row.references[name] ?? null;
      if (target === null ? isRequired : isUnique && takes(`${name}->${target}`)) return name;
      if (target !== null && !world.rows.has(target)) return `${name} is gone`;
    }
  }
  return null;
}
