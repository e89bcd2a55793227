import { type Engine, inspect, Session, select } from "alkahest";
import type { Around, TestDatabase } from "../databases.ts";
import { rowsOf } from "../statements.ts";
import type { Step } from "./edits.ts";
import {
  at,
  collectionName,
  declareSchema,
  foreignKeyNames,
  keyNames,
  type RandomClass,
  type RandomObject,
  referenceName,
  type SchemaSpec,
  sideNames,
} from "./schema.ts";
import { type Row, readPair, World } from "./world.ts";

const VALUES = ["a", "b", "s", "active"];

/** How an object was, as far as it was loaded. */
type Snapshot = ReadonlyMap<RandomObject, { readonly state: string; readonly values: ReadonlyMap<string, unknown> }>;

/** A database and a session that a random program works with, and the model of what it should hold. */
export class Scenario {
  readonly schema: SchemaSpec;
  readonly engine: Engine;
  readonly classes: readonly RandomClass[];
  session: Session;
  committed = new World();
  /** Every relationship of every object is loaded. */
  isWhole = true;
  readonly objects = new Map<number, RandomObject>();
  /** Writing statements since the last `watch`. */
  statements: string[] = [];
  /** Which writing statement fails, if any. */
  failAt = -1;
  readonly #metadata;

  readonly database: TestDatabase;

  /** @param faults stands between the engine and the driver and may lose connections, which the database outlives */
  constructor(schema: SchemaSpec, database: TestDatabase, faults: Around | null = null) {
    this.schema = schema;
    this.database = database;
    const { metadata, classes } = declareSchema(schema);
    this.#metadata = metadata;
    this.classes = classes;
    const open = faults === null ? database.open : database.openShared;
    this.engine = open({
      foreignKeys: schema.foreignKeys,
      around: async (sql, execute) => {
        if (isWrite(sql)) {
          this.statements.push(sql);
          if (this.statements.length - 1 === this.failAt) throw new Error("injected failure");
        }
        return faults === null ? execute() : faults(sql, execute);
      },
    });
    this.session = this.#newSession();
  }

  #newSession(): Session {
    return new Session(this.engine, { autoflush: false, suspendForeignKeyChecks: this.schema.suspends });
  }

  async open(): Promise<void> {
    await this.#metadata.createAll(this.engine);
  }

  async close(): Promise<void> {
    await this.session.close();
    await this.engine.dispose();
  }

  watch(failAt = -1): void {
    this.statements = [];
    this.failAt = failAt;
  }

  object(number: number): RandomObject {
    const object = this.objects.get(number);
    if (object === undefined) throw new Error(`there is no object ${number}`);
    return object;
  }

  /** Does to objects what the edit did to the model. */
  perform(steps: readonly Step[], drafted: World): void {
    for (const step of steps) this.#perform(step, drafted);
  }

  #perform(step: Step, drafted: World): void {
    switch (step.kind) {
      case "add":
        this.#add(drafted.row(step.row), step.through);
        return;
      case "set":
        this.object(step.row)[step.name] = step.value;
        return;
      case "refer":
        this.#refer(step, drafted.row(step.row).position);
        return;
      case "delete":
        this.session.delete(this.object(step.row));
        return;
      default: {
        const [left, right] = [this.object(step.left), this.object(step.right)];
        const fromLeft = (step.left + step.right) % 2 === 0;
        const [owner, member] = fromLeft ? [left, right] : [right, left];
        change(owner[`${fromLeft ? "link" : "back"}${step.link}`], step.kind, member);
      }
    }
  }

  /** The object as it was made; what later steps change is theirs to do. */
  #add(row: Row, through: "session" | "collection"): void {
    const made = this.#made.get(row.number) ?? row;
    const object = new (at(this.classes, row.position))({ ...made.values });
    this.objects.set(row.number, object);
    let isReached = false;
    made.references.forEach((target, i) => {
      const { mode } = at(at(this.schema.classes, row.position).references, i);
      object[referenceName(i)] = target === null ? null : this.object(target);
      if (target !== null && target !== row.number && mode !== "plain") isReached = true;
    });
    if (through === "session" || !isReached) this.session.add(object);
  }

  /** New rows as they were when they were made. */
  #made = new Map<number, Row>();

  noteMade(world: World, known: ReadonlySet<number>): void {
    for (const row of world.rows.values()) {
      if (known.has(row.number) || this.#made.has(row.number)) continue;
      this.#made.set(row.number, { ...row, values: { ...row.values }, references: [...row.references] });
    }
  }

  #refer(step: Extract<Step, { kind: "refer" }>, position: number): void {
    const object = this.object(step.row);
    const target = step.target === null ? null : this.object(step.target);
    if (step.through === "object") object[referenceName(step.reference)] = target;
    else if (step.through === "collection" && target !== null) {
      change(target[collectionName(position, step.reference)], "link", object);
    } else {
      const spec = at(at(this.schema.classes, position).references, step.reference);
      const names = foreignKeyNames(this.schema, position, step.reference);
      const key =
        step.target === null ? names.map(() => null) : this.keyOf(this.committed.row(step.target), this.committed);
      if (key.length !== names.length) throw new Error(`a key of t${spec.target} has ${key.length} parts`);
      names.forEach((name, i) => {
        object[name] = key[i];
      });
    }
  }

  /** The primary key of a row, with what the database made. */
  keyOf(row: Row, world: World): readonly unknown[] {
    const { key } = at(this.schema.classes, row.position);
    if (key === "dependent") return [...this.keyOf(world.row(row.references[0] ?? -1), world), row.values.n];
    if (key !== "generated") return [row.values.id];
    return [this.#generated.get(row.number) ?? this.object(row.number).id];
  }

  /** Keys that the database made, once they are stored. */
  #generated = new Map<number, unknown>();

  commitModel(world: World): void {
    this.committed = world;
    for (const row of world.rows.values()) {
      const { key } = at(this.schema.classes, row.position);
      if (key === "generated") this.#generated.set(row.number, this.object(row.number).id);
    }
  }

  /** Attributes of a row and what they should be. */
  #expected(row: Row, world: World): Map<string, unknown> {
    const expected = new Map<string, unknown>();
    const { references } = at(this.schema.classes, row.position);
    keyNames(this.schema, row.position).forEach((name, i) => {
      expected.set(name, this.keyOf(row, world)[i]);
    });
    for (const name of VALUES) expected.set(name, row.values[name]);
    for (const i of references.keys()) {
      const target = row.references[i] ?? null;
      const key = target === null ? [] : this.keyOf(world.row(target), world);
      foreignKeyNames(this.schema, row.position, i).forEach((name, k) => {
        expected.set(name, key[k] ?? null);
      });
    }
    return expected;
  }

  /** What differs between the database and the model. */
  async differences(world: World): Promise<readonly string[]> {
    const found: string[] = [];
    for (const position of this.schema.classes.keys()) {
      const rows = [...world.rows.values()].filter((row) => row.position === position);
      const expected = rows.map((row) => this.#expected(row, world));
      const names = [...this.#columnNames(position)];
      const actual = await rowsOf(this.engine, `select ${names.join(", ")} from t${position}`);
      compare(
        found,
        `t${position}(${names})`,
        expected.map((row) => names.map((name) => row.get(name))),
        actual,
      );
    }
    for (const [i, { left, right }] of this.schema.links.entries()) {
      const names = [...sideNames(this.schema, left, "left"), ...sideNames(this.schema, right, "right")];
      const pairs = [...world.pairs].map(readPair).filter(([link]) => link === i);
      const expected = pairs.map(([, a, b]) => [
        ...this.keyOf(world.row(a), world),
        ...this.keyOf(world.row(b), world),
      ]);
      compare(found, `link${i}`, expected, await rowsOf(this.engine, `select ${names.join(", ")} from link${i}`));
    }
    return [...found, ...this.#objectDifferences(world)];
  }

  #columnNames(position: number): Set<string> {
    const { references } = at(this.schema.classes, position);
    return new Set([
      ...keyNames(this.schema, position),
      ...VALUES,
      ...[...references.keys()].flatMap((i) => foreignKeyNames(this.schema, position, i)),
    ]);
  }

  /** What differs between loaded attributes and the model. */
  #objectDifferences(world: World): readonly string[] {
    const found: string[] = [];
    const check = (row: Row, name: string, isSame: (value: unknown) => boolean): void => {
      const object = this.object(row.number);
      if (!inspect(object).isLoaded(name)) return;
      const value = object[name];
      if (!isSame(value)) found.push(`object ${row.number}.${name} is ${shown(value)}`);
    };
    for (const row of world.rows.values()) {
      const { state } = inspect(this.object(row.number));
      if (state !== "persistent") found.push(`object ${row.number} is ${state}`);
      for (const [name, value] of this.#expected(row, world)) check(row, name, (actual) => actual === value);
      const { references } = at(this.schema.classes, row.position);
      for (const i of references.keys()) {
        const target = row.references[i] ?? null;
        check(row, referenceName(i), (actual) => actual === (target === null ? null : this.object(target)));
      }
      for (const [name, members] of this.#collections(row, world)) {
        check(row, name, (actual) =>
          sameMembers(
            actual,
            members.map((number) => this.object(number)),
          ),
        );
      }
    }
    return found;
  }

  #collections(row: Row, world: World): Map<string, number[]> {
    const collections = new Map<string, number[]>();
    this.schema.classes.forEach(({ references }, position) => {
      references.forEach(({ target, mode }, i) => {
        if (target !== row.position || mode === "plain") return;
        const members = [...world.rows.values()].filter(
          (other) => other.position === position && other.references[i] === row.number,
        );
        collections.set(
          collectionName(position, i),
          members.map(({ number }) => number),
        );
      });
    });
    this.schema.links.forEach(({ left, right }, i) => {
      const pairs = [...world.pairs].map(readPair).filter(([link]) => link === i);
      if (left === row.position)
        collections.set(
          `link${i}`,
          pairs.filter(([, a]) => a === row.number).map(([, , b]) => b),
        );
      if (right === row.position)
        collections.set(
          `back${i}`,
          pairs.filter(([, , b]) => b === row.number).map(([, a]) => a),
        );
    });
    return collections;
  }

  /** Another session, with the same rows as fresh objects whose relationships are not loaded. */
  async reopen(): Promise<void> {
    await this.session.close();
    this.session = this.#newSession();
    for (const [position, mapped] of this.classes.entries()) {
      const loaded = (await this.session.all(select(mapped as never))) as RandomObject[];
      const byKey = new Map(
        loaded.map((object) => [shown(keyNames(this.schema, position).map((name) => object[name])), object]),
      );
      for (const row of this.committed.rows.values()) {
        if (row.position !== position) continue;
        const object = byKey.get(shown(this.keyOf(row, this.committed)));
        if (object === undefined) throw new Error(`row ${row.number} was not loaded`);
        this.objects.set(row.number, object);
      }
    }
    await this.session.commit();
  }

  /** Is every column of every stored object loaded? */
  get isLoaded(): boolean {
    return [...this.committed.rows.keys()].every((number) => {
      const inspected = inspect(this.object(number));
      return inspected.mapper.columns.every(({ name }) => inspected.isLoaded(name));
    });
  }

  /** The loaded attributes of all stored objects. */
  snapshot(): Snapshot {
    const taken = new Map<RandomObject, { state: string; values: Map<string, unknown> }>();
    for (const row of this.committed.rows.values()) {
      const object = this.object(row.number);
      const values = new Map<string, unknown>();
      for (const { name } of [...inspect(object).mapper.columns, ...inspect(object).mapper.relationships]) {
        if (!inspect(object).isLoaded(name)) continue;
        const value = object[name];
        values.set(name, Array.isArray(value) ? [...value] : value);
      }
      taken.set(object, { state: inspect(object).state, values });
    }
    return taken;
  }
}

/** The schema as the database can have it. */
export function possibleOn({ capabilities }: TestDatabase, schema: SchemaSpec): SchemaSpec {
  return {
    ...schema,
    foreignKeys: schema.foreignKeys || !capabilities.foreignKeysOff,
    suspends: schema.suspends && !capabilities.keysFollow,
    classes: schema.classes.map((spec) => ({
      ...spec,
      references: spec.references.map(({ deferrable, ...one }) => ({
        ...one,
        ...(capabilities.deferrable && { deferrable }),
      })),
      uniques: spec.uniques.map((unique) => ({ ...unique, partial: unique.partial && capabilities.partialIndexes })),
    })),
  };
}

/** What an object is not any more, compared with how it was. */
export function changesSince(snapshot: Snapshot): readonly string[] {
  const found: string[] = [];
  for (const [object, { state, values }] of snapshot) {
    const now = inspect(object);
    const label = `${now.mapper.name} ${shown(now.identity)}`;
    if (now.state !== state) found.push(`${label} is ${now.state}`);
    for (const [name, value] of values) {
      if (!now.isLoaded(name)) {
        if (now.mapper.columns.some((column) => column.name === name)) found.push(`${label}.${name} is not loaded`);
        continue;
      }
      const current = object[name];
      const same = Array.isArray(value)
        ? Array.isArray(current) && value.length === current.length && value.every((one, i) => one === current[i])
        : current === value;
      if (!same) found.push(`${label}.${name} is ${shown(current)} and was ${shown(value)}`);
    }
  }
  return found;
}

function change(collection: unknown, kind: "link" | "unlink", member: RandomObject): void {
  const list = collection as RandomObject[] & { remove?: (member: RandomObject) => void }; // what a to-many attribute gives
  if (kind === "link") list.push(member);
  else if (typeof list.remove === "function") list.remove(member);
  else list.splice(list.indexOf(member), 1);
}

function sameMembers(actual: unknown, expected: readonly RandomObject[]): boolean {
  if (!Array.isArray(actual)) return true; // not loaded
  return actual.length === expected.length && expected.every((one) => actual.includes(one));
}

function compare(found: string[], title: string, expected: unknown[][], actual: readonly (readonly unknown[])[]): void {
  const [wanted, stored] = [expected, actual].map((rows) =>
    rows.map((row) => shown(row.map((value) => (typeof value === "boolean" ? Number(value) : value)))).sort(),
  ) as [string[], string[]];
  if (wanted.join() !== stored.join()) found.push(`${title} holds ${stored.join()} and should hold ${wanted.join()}`);
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shown).join()}]`;
  if (typeof value === "object" && value !== null) return String(inspect(value).identity ?? inspect(value).state);
  return typeof value === "bigint" ? `${value}n` : (JSON.stringify(value) ?? "undefined");
}

export function isWrite(sql: string): boolean {
  return /^(insert|update|delete|with)\b/i.test(sql);
}
