import {
  ancestors,
  type ClassSpec,
  type FamilySchema,
  isA,
  LINK,
  type ReferenceSpec,
  referencesOf,
  rootOf,
  type ValueSpec,
  valuesOf,
} from "./family-schema.ts";
import { copyRow, type FamilyRow, type FamilyWorld, objection, pairOf, readPair } from "./family-world.ts";

/** Numbers that an edit is made of; each is taken modulo what there is. */
export type FamilyEdit = readonly [kind: number, first: number, second: number, third: number, fourth: number];

/** One step of an edit, as it is done to objects. */
export type FamilyStep =
  | { readonly kind: "add"; readonly row: FamilyRow }
  | { readonly kind: "set"; readonly row: number; readonly name: string; readonly value: number | null }
  | {
      readonly kind: "refer";
      readonly row: number;
      readonly reference: ReferenceSpec;
      readonly target: number | null;
      /** What it referred to. */
      readonly was: number | null;
      readonly way: "object" | "other side" | "column";
    }
  | { readonly kind: "delete"; readonly row: number }
  | { readonly kind: "link" | "unlink"; readonly left: number; readonly right: number };

const VALUES = 9;
const KEYS = 14;
/** A row of that seed refers to what it has to. */
const NO_REFERENCES = 0b1111;

/** Thrown where an edit makes no sense. */
class Senseless extends Error {}

/** Makes edits that a database could hold in the end, each on top of those before. */
export class FamilyEditor {
  world: FamilyWorld;
  readonly #schema: FamilySchema;
  /** As it was flushed last. */
  readonly #stored: FamilyWorld;
  readonly #isWhole: boolean;
  #next: number;
  #steps: FamilyStep[] = [];
  /** Rows whose key was written by its value, or whose place was taken: what they have, they keep in this round. */
  #fixed = new Set<number>();

  /**
   * @param isWhole all relationships are loaded. Of those that are not, the key says what they hold, so that a row whose
   * key was changed, but not flushed, is not told from the one whose key it takes.
   */
  constructor(schema: FamilySchema, stored: FamilyWorld, next: number, isWhole: boolean) {
    this.#schema = schema;
    this.#stored = stored;
    this.world = stored.copy();
    this.#next = next;
    this.#isWhole = isWhole;
  }

  get next(): number {
    return this.#next;
  }

  /** @returns what is to be done to objects: nothing if the edit makes no sense */
  apply(edit: FamilyEdit): readonly FamilyStep[] {
    const [before, fixed] = [this.world, new Set(this.#fixed)];
    this.world = before.copy();
    this.#steps = [];
    try {
      this.#edit(edit);
      if (objection(this.#schema, this.world) === null) return this.#steps;
    } catch (error) {
      if (!(error instanceof Senseless)) throw error;
    }
    this.world = before;
    this.#fixed = fixed;
    return [];
  }

  #edit([kind, first, second, third, fourth]: FamilyEdit): void {
    const rows = [...this.world.rows.values()];
    if (kind === 0) this.#insert(pick(this.#schema.classes, first), [second, third, fourth]);
    else if (kind === 1) this.#set(pick(rows, first), second, third);
    else if (kind === 2) this.#exchangeValues(first, second, third);
    else if (kind === 3) this.#delete(pick(rows, first));
    else if (kind === 4) this.#move(pick(rows, first), second, third, fourth);
    else if (kind === 5) this.#exchangeReferences(first, second, third, fourth);
    else if (kind === 6) this.#exchangeKeys(first, second, third);
    else if (kind === 7) this.#setKey(pick(rows, first), second);
    else if (kind === 8) this.#replace(pick(rows, first), second, third);
    else this.#link(first, second);
  }

  #of(name: string): FamilyRow[] {
    return [...this.world.rows.values()].filter(({ type }) => isA(this.#schema.spec(type), name));
  }

  /** Neighbours in the list of all rows of a class. */
  #someOf(name: string, first: number, count: number): FamilyRow[] {
    const all = this.#of(name);
    if (all.length < 2) throw new Senseless();
    return [...new Set(Array.from({ length: count }, (_, i) => pick(all, first + i)))];
  }

  #insert(spec: ClassSpec, [x, y, z]: readonly [number, number, number], key = this.#freeKey(spec, z)): FamilyRow {
    const number = this.#next++;
    const row: FamilyRow = { number, type: spec.name, key, values: {}, references: {} };
    for (const one of valuesOf(spec)) row.values[one.name] = this.#freeValue(one, y);
    const made = copyRow(row);
    this.world.rows.set(number, row);
    this.#steps.push({ kind: "add", row: made });
    for (const [i, one] of referencesOf(spec).entries()) {
      const targets = this.#of(one.target).filter((other) => other !== row || one.target === "Seat");
      const isWanted = one.isRequired || (x >> i) % 2 === 0;
      row.references[one.name] = null;
      if (!isWanted || targets.length === 0) continue;
      this.#refer(row, one, pick(targets, y + i).number, z + i);
    }
    return row;
  }

  #freeValue({ name, isUnique, isRequired }: ValueSpec, seed: number): number | null {
    if (!isRequired && seed % 4 === 0) return null;
    const taken = new Set([...this.world.rows.values()].map(({ values }) => values[name]));
    const free = Array.from({ length: VALUES }, (_, i) => i + 1).filter((value) => !isUnique || !taken.has(value));
    return pick(free, seed);
  }

  #freeKey(spec: ClassSpec, seed: number): number | null {
    if (!spec.hasNaturalKey) return null;
    const taken = new Set(this.#of(rootOf(spec).name).map(({ key }) => key));
    const free = Array.from({ length: KEYS }, (_, i) => i + 1).filter((key) => !taken.has(key));
    return pick(free, seed);
  }

  #set(row: FamilyRow, name: number, value: number): void {
    const spec = pick(valuesOf(this.#schema.spec(row.type)), name);
    this.#assign(row, spec.name, this.#freeValue(spec, value));
  }

  #assign(row: FamilyRow, name: string, value: number | null): void {
    row.values[name] = value;
    this.#steps.push({ kind: "set", row: row.number, name, value });
  }

  #assignKey(row: FamilyRow, key: number | null): void {
    if (this.#fixed.has(row.number) || key === null) throw new Senseless();
    row.key = key;
    this.#steps.push({ kind: "set", row: row.number, name: "id", value: key });
  }

  #exchangeValues(kind: number, first: number, count: number): void {
    const all = this.#schema.classes.flatMap((spec) =>
      spec.values.filter(({ isUnique }) => isUnique).map(({ name }) => [spec.name, name] as const),
    );
    const [type, name] = pick(all, kind);
    const rows = this.#someOf(type, first, 2 + (count % 2));
    const values = rows.map(({ values }) => values[name] ?? null);
    for (const [i, row] of rows.entries()) this.#assign(row, name, pick(values, i + 1));
  }

  #exchangeKeys(kind: number, first: number, count: number): void {
    const roots = this.#schema.classes.filter((spec) => spec.hasNaturalKey && spec.parent === null);
    const rows = this.#someOf(pick(roots, kind).name, first, 2 + (count % 2));
    const keys = rows.map(({ key }) => key);
    for (const [i, row] of rows.entries()) this.#assignKey(row, pick(keys, i + 1));
  }

  #setKey(row: FamilyRow, seed: number): void {
    this.#assignKey(row, this.#freeKey(this.#schema.spec(row.type), seed));
  }

  #move(row: FamilyRow, reference: number, target: number, way: number): void {
    const one = pick(referencesOf(this.#schema.spec(row.type)), reference);
    const targets = [null, ...this.#of(one.target)].filter((to) => to !== row);
    this.#refer(row, one, pick(targets, target)?.number ?? null, way);
  }

  #exchangeReferences(kind: number, first: number, count: number, way: number): void {
    const all = this.#schema.classes.flatMap((spec) => spec.references.map((one) => [spec.name, one] as const));
    const [type, one] = pick(all, kind);
    const rows = this.#someOf(type, first, 2 + (count % 2));
    const targets = rows.map(({ references }) => references[one.name] ?? null);
    for (const [i, row] of rows.entries()) this.#write(row, one, pick(targets, i + 1), way >> i);
  }

  /** Lets a row refer to another one; who has that place, leaves it. */
  #refer(row: FamilyRow, one: ReferenceSpec, target: number | null, way: number): void {
    const was = row.references[one.name] ?? null;
    if (target === was) return;
    const before = one.isUnique && target !== null ? this.#referring(target, one)[0] : undefined;
    if (before === undefined) {
      if (one.name === "next" && was === null) target = row.number; // the first seat
      if (one.name === "next" && was !== null) throw new Senseless();
      if (target === null && one.other?.isOwner) throw new Senseless();
      this.#write(row, one, target, way);
    } else if (one.name === "next" || (was !== null && one.other?.isOwner)) {
      // A new seat comes between two others; owners are exchanged.
      this.#write(row, one, target, way);
      this.#write(before, one, was ?? row.number, way >> 1);
    } else {
      this.#write(row, one, target, way);
      this.#fixed.add(row.number).add(before.number);
      if (one.other?.isOwner) this.#forget(before);
      else before.references[one.name] = null;
    }
  }

  #referring(target: number, { name }: ReferenceSpec): FamilyRow[] {
    return [...this.world.rows.values()].filter(({ references }) => references[name] === target);
  }

  #write(row: FamilyRow, reference: ReferenceSpec, target: number | null, seed: number): void {
    const { name, other } = reference;
    if (this.#fixed.has(row.number)) throw new Senseless();
    const isStored = target !== null && this.#stored.rows.has(target);
    const isAsStored = isStored && this.world.rows.get(target)?.key === this.#stored.row(target).key;
    if (!this.#isWhole && isStored && !isAsStored) throw new Senseless();
    const was = row.references[name] ?? null;
    row.references[name] = target;
    const ways: ("object" | "other side" | "column")[] = ["object"];
    if (other !== null && target !== null && target !== was) ways.push("other side");
    if (target === null || isAsStored) ways.push("column");
    const way = pick(ways, seed);
    if (way === "column" && target !== null) this.#fixed.add(target);
    this.#steps.push({ kind: "refer", row: row.number, reference, target, was, way });
  }

  #delete(row: FamilyRow): void {
    for (const spec of this.#schema.classes) {
      for (const one of spec.references) {
        for (const from of this.#referring(row.number, one)) this.#part(from, one, row);
      }
    }
    this.#forget(row);
    this.#steps.push({ kind: "delete", row: row.number });
  }

  /** Only what is stored can be deleted. */
  #forget(row: FamilyRow): void {
    if (!this.#stored.rows.has(row.number) || this.#fixed.has(row.number)) throw new Senseless();
    this.world.rows.delete(row.number);
    for (const pair of this.world.pairs) if (readPair(pair).includes(row.number)) this.world.pairs.delete(pair);
  }

  /** What becomes of a row whose target is deleted. */
  #part(from: FamilyRow, one: ReferenceSpec, target: FamilyRow): void {
    if (from === target) return;
    if (one.other?.isOwner) this.#forget(from);
    else if (one.name === "next") this.#write(from, one, target.references.next ?? null, 0);
    else if (!one.isRequired && one.other !== null) from.references[one.name] = null;
    else if (!one.isRequired) this.#write(from, one, null, 0);
    else {
      const others = this.#of(one.target).filter((other) => other !== target && other !== from);
      if (others.length === 0) this.#delete(from);
      else this.#write(from, one, pick(others, target.number).number, 0);
    }
  }

  /** A new row, of the same class or another one of the family, takes the values of a deleted one and what refers to it. */
  #replace(row: FamilyRow, type: number, seed: number): void {
    const root = rootOf(this.#schema.spec(row.type)).name;
    const family = this.#schema.classes.filter((spec) => isA(spec, root));
    const spec = pick(family, type);
    if (root === "Seat" || this.#fixed.has(row.number)) throw new Senseless();
    const next = this.#insert(spec, [NO_REFERENCES, seed, seed], seed % 3 === 0 ? this.#freeKey(spec, seed) : row.key);
    for (const { name } of valuesOf(spec)) if (name in row.values) this.#assign(next, name, row.values[name] ?? null);
    for (const { references } of this.#schema.classes) {
      for (const one of references) {
        if (isA(spec, one.target) && (seed >> 2) % 2 === 0)
          for (const from of this.#referring(row.number, one))
            if (from !== next) this.#write(from, one, next.number, 0);
      }
    }
    const shared = ancestors(spec).flatMap(({ references }) => references);
    if (this.world.rows.has(row.number)) this.#delete(row);
    for (const one of shared) {
      const target = row.references[one.name] ?? null;
      if (target !== null && target !== row.number && this.world.rows.has(target) && one.other?.isOwner !== true)
        this.#write(next, one, target, seed >> 3);
    }
  }

  #link(left: number, right: number): void {
    const [one, other] = [pick(this.#of(LINK.left), left), pick(this.#of(LINK.right), right)];
    const pair = pairOf(one.number, other.number);
    const had = this.world.pairs.delete(pair);
    if (!had) this.world.pairs.add(pair);
    this.#steps.push({ kind: had ? "unlink" : "link", left: one.number, right: other.number });
  }
}

function pick<T>(values: readonly T[], position: number): T {
  const value = values[position % values.length];
  if (value === undefined) throw new Senseless();
  return value;
}
