import { at, type SchemaSpec, type ValueName } from "./schema.ts";
import { pairKey, type Row, readPair, settle, type World } from "./world.ts";

/** Numbers that an edit is made of; each is taken modulo what there is. */
export type EditSeed = readonly [kind: number, first: number, second: number, third: number, fourth: number];

/** One step of an edit, as it is done to objects. */
export type Step =
  | { readonly kind: "add"; readonly row: number; readonly through: "session" | "collection" }
  | { readonly kind: "set"; readonly row: number; readonly name: string; readonly value: unknown }
  | {
      readonly kind: "refer";
      readonly row: number;
      readonly reference: number;
      readonly target: number | null;
      readonly through: "object" | "collection" | "columns";
    }
  | { readonly kind: "delete"; readonly row: number }
  | { readonly kind: "link" | "unlink"; readonly link: number; readonly left: number; readonly right: number };

const TEXTS = ["p", "q", "r", "t", "u", "v"];

/** Makes edits that a database could hold in the end, each on top of those before. */
export class Editor {
  readonly steps: Step[] = [];
  world: World;
  readonly #schema: SchemaSpec;
  readonly #committed: World;
  #next: number;
  /** Rows that were referred to by the value of their key: a change of it would be another program. */
  readonly #pinned = new Set<number>();
  #draft: World;
  #draftSteps: Step[] = [];
  #isRefused = false;
  readonly #isWhole: boolean;

  /**
   * @param isWhole all relationships are loaded. Of those that are not, the key says what they hold, so that a row whose
   * key was changed, but not flushed, is not told from the one whose key it takes.
   */
  constructor(schema: SchemaSpec, committed: World, next: number, isWhole: boolean) {
    this.#isWhole = isWhole;
    this.#schema = schema;
    this.#committed = committed;
    this.world = committed.copy();
    this.#draft = this.world;
    this.#next = next;
  }

  get next(): number {
    return this.#next;
  }

  /** Applies the edit if what comes of it makes sense; returns whether it did. */
  apply(seed: EditSeed): boolean {
    this.#draft = this.world.copy();
    this.#draftSteps = [];
    this.#isRefused = false;
    const pinned = new Set(this.#pinned);
    this.#edit(seed);
    const settled =
      this.#draftSteps.length === 0 || this.#isRefused ? null : settle(this.#schema, this.#draft, this.#committed);
    if (settled === null || takesKeyOfParent(this.#schema, settled, this.#committed)) {
      this.#pinned.clear();
      for (const number of pinned) this.#pinned.add(number);
      return false;
    }
    this.world = this.#draft;
    this.steps.push(...this.#draftSteps);
    return true;
  }

  #edit([kind, first, second, third, fourth]: EditSeed): void {
    const rows = this.#alive();
    switch (kind % 16) {
      case 0:
      case 1:
        this.#insert(first, [second, third, fourth]);
        return;
      case 2:
        this.#set(pick(rows, first), second, third);
        return;
      case 3:
        this.#exchange(this.#someOf(first, 2), second);
        return;
      case 4:
        this.#exchange(this.#someOf(first, 2 + (third % 3)), second);
        return;
      case 5:
        this.#delete(pick(rows, first));
        return;
      case 6:
      case 7:
        this.#move(pick(rows, first), second, third, fourth);
        return;
      case 8:
        this.#exchangeReferences(this.#someOf(first, 2 + (third % 2)), second);
        return;
      case 9:
        this.#setKey(pick(rows, first), second);
        return;
      case 10:
        this.#exchangeKeys(this.#someOf(first, 2 + (third % 2)));
        return;
      case 11:
      case 12:
        this.#link(first, second, third);
        return;
      case 13:
        this.#replace(pick(rows, first), second);
        return;
      case 14:
        this.#shift(first);
        return;
      default:
        this.#deleteAll(pick(rows, first));
    }
  }

  #alive(): Row[] {
    const settled = settle(this.#schema, this.world, this.#committed) ?? this.world;
    return [...settled.rows.keys()].map((number) => this.#draft.row(number));
  }

  #someOf(position: number, count: number): Row[] {
    const rows = this.#alive().filter((row) => row.position === position % this.#schema.classes.length);
    return rows.slice(0, count);
  }

  #insert(position: number, [x, y, z]: readonly [number, number, number]): Row | null {
    const at_ = position % this.#schema.classes.length;
    const spec = at(this.#schema.classes, at_);
    const number = this.#next;
    const references: (number | null)[] = [];
    for (const [i, reference] of spec.references.entries()) {
      const targets = this.#alive().filter((row) => row.position === reference.target);
      const wanted = reference.required || reference.mode === "owned" || (x + i) % 2 === 0;
      const target = targets.length === 0 || !wanted ? null : at(targets, (y + i) % targets.length).number;
      if (target === null && wanted && reference.target === at_ && (reference.required || reference.mode === "owned"))
        references.push(number); // the first row of its kind refers to itself
      else references.push(target);
    }
    const row: Row = {
      number,
      position: at_,
      values: {
        ...keyValues(spec.key, number, z),
        a: x % 3 === 0 ? null : x % 6,
        b: y % 6,
        s: at(TEXTS, z % TEXTS.length),
        active: (x + z) % 3 !== 0,
      },
      references,
    };
    this.#next++;
    this.#draft.rows.set(number, row);
    this.#draftSteps.push({ kind: "add", row: number, through: x % 2 === 0 ? "session" : "collection" });
    return row;
  }

  #set(row: Row | undefined, name: number, value: number): void {
    if (row === undefined) return;
    const names = ["a", "b", "s", "active"] as const;
    const column = at(names, name % names.length);
    const values = {
      a: value % 4 === 0 ? null : value % 6,
      b: value % 6,
      s: at(TEXTS, value % 6),
      active: value % 2 === 0,
    };
    this.#assign(row, column, values[column]);
  }

  #assign(row: Row, name: string, value: unknown): void {
    row.values[name] = value;
    this.#draftSteps.push({ kind: "set", row: row.number, name, value });
  }

  #exchange(rows: readonly Row[], name: number): void {
    if (rows.length < 2) return;
    const names: readonly (ValueName | "active")[] = at(
      [["b"], ["a"], ["s"], ["a", "b"], ["b", "s"], ["active"]] as const,
      name % 6,
    );
    for (const column of names) {
      const values = rows.map((row) => row.values[column]);
      rows.forEach((row, i) => {
        this.#assign(row, column, values[(i + 1) % values.length]);
      });
    }
  }

  #delete(row: Row | undefined): void {
    if (row === undefined) return;
    if (!this.#committed.rows.has(row.number)) this.#isRefused = true; // only what is stored can be deleted
    this.#draft.deleted.add(row.number);
    this.#draftSteps.push({ kind: "delete", row: row.number });
  }

  /** A row, and what would be in the way of deleting it. */
  #deleteAll(row: Row | undefined): void {
    if (row === undefined || this.#draft.deleted.has(row.number)) return;
    this.#delete(row);
    for (const other of this.#alive()) if (other.references.includes(row.number)) this.#deleteAll(other);
  }

  #refer(row: Row, reference: number, target: number | null, through: number): void {
    const isKey = reference === 0 && at(this.#schema.classes, row.position).key === "dependent";
    if (isKey && (this.#pinned.has(row.number) || this.#dependsOnPinned(row))) return;
    const was = row.references[reference];
    if (!this.#isWhole && target !== null && this.#committed.rows.has(target) && this.#isKeyChanged(target)) return;
    row.references[reference] = target;
    const { mode } = at(at(this.#schema.classes, row.position).references, reference);
    const ways: ("object" | "collection" | "columns")[] = ["object"];
    if (mode !== "plain" && target !== null && target !== was) ways.push("collection");
    const isStored = target !== null && this.#committed.rows.has(target);
    if (target === null || (isStored && !this.#isKeyChanged(target))) ways.push("columns");
    const way = at(ways, through % ways.length);
    if (way === "columns" && target !== null) this.#pinned.add(target);
    this.#draftSteps.push({ kind: "refer", row: row.number, reference, target, through: way });
  }

  #isKeyChanged(number: number): boolean {
    const [row, was] = [this.#draft.row(number), this.#committed.rows.get(number)];
    if (was === undefined) return true;
    if (row.values.id !== was.values.id || row.values.n !== was.values.n) return true;
    if (at(this.#schema.classes, row.position).key !== "dependent") return false;
    return row.references[0] !== was.references[0] || this.#isKeyChanged(row.references[0] ?? number);
  }

  #move(row: Row | undefined, reference: number, target: number, through: number): void {
    if (row === undefined) return;
    const { references } = at(this.#schema.classes, row.position);
    if (references.length === 0) return;
    const i = reference % references.length;
    const spec = at(references, i);
    const targets = this.#alive().filter(({ position }) => position === spec.target);
    const chosen = target % (targets.length + 1);
    if (chosen === targets.length) this.#refer(row, i, null, through);
    else this.#refer(row, i, at(targets, chosen).number, through);
  }

  #exchangeReferences(rows: readonly Row[], reference: number): void {
    const [first] = rows;
    if (first === undefined || rows.length < 2) return;
    const { references } = at(this.#schema.classes, first.position);
    if (references.length === 0) return;
    const i = reference % references.length;
    const targets = rows.map((row) => row.references[i] ?? null);
    rows.forEach((row, k) => {
      this.#refer(row, i, targets[(k + 1) % targets.length] ?? null, 0);
    });
  }

  #setKey(row: Row | undefined, value: number): void {
    if (row === undefined || this.#pinned.has(row.number) || this.#dependsOnPinned(row)) return;
    const { key } = at(this.#schema.classes, row.position);
    if (key === "generated") return;
    const values = keyValues(key, value % 8, value);
    for (const [name, one] of Object.entries(values)) this.#assign(row, name, one);
  }

  /** A row whose key is a part of a pinned row's key. */
  #dependsOnPinned(row: Row): boolean {
    return [...this.#pinned].some((number) => {
      for (let at_ = this.#draft.row(number); ; ) {
        if (at_.number === row.number) return true;
        const owner = at(this.#schema.classes, at_.position).key === "dependent" ? at_.references[0] : undefined;
        if (owner === undefined || owner === null) return false;
        at_ = this.#draft.row(owner);
      }
    });
  }

  #exchangeKeys(rows: readonly Row[]): void {
    const [first] = rows;
    if (first === undefined || rows.length < 2) return;
    const { key } = at(this.#schema.classes, first.position);
    if (key === "generated" || rows.some((row) => this.#pinned.has(row.number) || this.#dependsOnPinned(row))) return;
    const name = key === "dependent" ? "n" : "id";
    const values = rows.map((row) => row.values[name]);
    rows.forEach((row, i) => {
      this.#assign(row, name, values[(i + 1) % values.length]);
    });
  }

  #link(link: number, left: number, right: number): void {
    const { links } = this.#schema;
    if (links.length === 0) return;
    const i = link % links.length;
    const spec = at(links, i);
    const alive = this.#alive();
    const one = pick(
      alive.filter(({ position }) => position === spec.left),
      left,
    );
    const other = pick(
      alive.filter(({ position }) => position === spec.right),
      right,
    );
    if (one === undefined || other === undefined) return;
    const key = pairKey(i, one.number, other.number);
    const had = this.#draft.pairs.delete(key);
    if (!had) this.#draft.pairs.add(key);
    this.#draftSteps.push({ kind: had ? "unlink" : "link", link: i, left: one.number, right: other.number });
  }

  /** A new row takes the values of a deleted one, and what refers to it. */
  #replace(row: Row | undefined, key: number): void {
    if (row === undefined || this.#pinned.has(row.number) || this.#dependsOnPinned(row)) return;
    const number = this.#next++;
    const { key: kind } = at(this.#schema.classes, row.position);
    const made = key % 3 === 0 ? {} : keyValues(kind, number, key);
    const next: Row = {
      number,
      position: row.position,
      values: { ...row.values, ...made },
      references: row.references.map((target) => (target === row.number ? number : target)),
    };
    this.#draft.rows.set(number, next);
    this.#draftSteps.push({ kind: "add", row: number, through: "session" });
    for (const other of this.#alive()) {
      if (other.number === row.number) continue;
      other.references.forEach((target, i) => {
        if (target === row.number) this.#refer(other, i, number, 0);
      });
    }
    for (const pair of this.#draft.pairs) {
      const [, left, right] = readPair(pair);
      if (left === row.number || right === row.number) this.#draft.pairs.delete(pair);
    }
    this.#delete(row);
  }

  #shift(position: number): void {
    for (const row of this.#someOf(position, 100)) this.#assign(row, "b", Number(row.values.b) + 1);
  }
}

/**
 * A row that takes the key to which it refers in its own table refers to itself for a moment. SQLite loses count of
 * deferred violations then and refuses to commit what is right.
 */
function takesKeyOfParent(schema: SchemaSpec, settled: World, committed: World): boolean {
  return [...settled.rows.values()].some((row) => {
    const was = committed.rows.get(row.number);
    if (was === undefined || keyOf(schema, was, committed) === keyOf(schema, row, settled)) return false;
    return was.references.some((target, i) => {
      if (target === null || target === row.number) return false;
      if (at(at(schema.classes, row.position).references, i).target !== row.position) return false;
      return keyOf(schema, committed.row(target), committed) === keyOf(schema, row, settled);
    });
  });
}

function keyOf(schema: SchemaSpec, row: Row, world: World): string {
  const { key } = at(schema.classes, row.position);
  if (key === "generated") return `#${row.number}`;
  if (key !== "dependent") return JSON.stringify(row.values.id);
  return `${keyOf(schema, world.row(row.references[0] ?? -1), world)}/${row.values.n}`;
}

function keyValues(key: string, number: number, value: number): Record<string, unknown> {
  switch (key) {
    case "number":
      return { id: 10 + number };
    case "text":
      return { id: `k${number}` };
    case "dependent":
      return { n: value % 5 };
    default:
      return {};
  }
}

function pick<T>(values: readonly T[], number: number): T | undefined {
  return values.length === 0 ? undefined : values[number % values.length];
}
