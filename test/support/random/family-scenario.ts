import { type Engine, inspect, lazy, Session, select } from "alkahest";
import type { TestDatabase } from "../databases.ts";
import { rowsOf } from "../statements.ts";
import type { FamilyStep } from "./family-edits.ts";
import {
  ancestors,
  attributeOf,
  type ClassSpec,
  columnOf,
  declareFamily,
  type FamilyClass,
  type FamilyObject,
  type FamilyOptions,
  type FamilySchema,
  LINK,
  referencesOf,
  rootOf,
  valuesOf,
} from "./family-schema.ts";
import { type FamilyRow, type FamilyWorld, readPair } from "./family-world.ts";

/** A database and a session that a random program works with, and the objects of the model's rows. */
export class FamilyScenario {
  readonly schema: FamilySchema;
  readonly engine: Engine;
  session: Session;
  /** Every relationship of every object is loaded. */
  isWhole = true;
  readonly #classes: ReadonlyMap<string, FamilyClass>;
  readonly #metadata;
  readonly #suspends: boolean;
  readonly #objects = new Map<number, FamilyObject>();
  /** Keys that the database made. */
  readonly #made = new Map<number, unknown>();
  /** The version of each row when it was looked at last. */
  #versions: ReadonlyMap<number, number> = new Map();
  /** Each row as it was flushed last, with what it refers to, in JSON. */
  readonly #flushed = new Map<number, string>();
  /** Rows that were written, as far as one can tell, since their versions were looked at. */
  readonly #written = new Set<number>();

  constructor(database: TestDatabase, options: FamilyOptions) {
    const { schema, metadata, classes } = declareFamily(options);
    this.schema = schema;
    this.#metadata = metadata;
    this.#classes = classes;
    this.#suspends = !database.capabilities.keysFollow && (options.hasNaturalKeys || options.isRequired);
    this.engine = database.open();
    this.session = this.#newSession();
  }

  #newSession(): Session {
    return new Session(this.engine, { autoflush: false, suspendForeignKeyChecks: this.#suspends });
  }

  async open(): Promise<void> {
    await this.#metadata.createAll(this.engine);
  }

  async close(): Promise<void> {
    await this.session.close();
    await this.engine.dispose();
  }

  #object(number: number): FamilyObject {
    const object = this.#objects.get(number);
    if (object === undefined) throw new Error(`there is no object ${number}`);
    return object;
  }

  perform(steps: readonly FamilyStep[], world: FamilyWorld): void {
    for (const step of steps) {
      this.#perform(step, world);
      // What is set without being loaded is written, also where the row had it already.
      if (!this.isWhole && (step.kind === "set" || step.kind === "refer")) this.#written.add(step.row);
    }
  }

  #perform(step: FamilyStep, world: FamilyWorld): void {
    if (step.kind === "add") {
      const { number, type, key, values } = step.row;
      const made = this.#classes.get(type);
      if (made === undefined) throw new Error(`there is no class ${type}`);
      this.#objects.set(number, new made({ ...values, ...(key !== null && { id: key }) }));
      this.session.add(this.#object(number));
    } else if (step.kind === "set") this.#object(step.row)[step.name] = step.value;
    else if (step.kind === "delete") this.session.delete(this.#object(step.row));
    else if (step.kind === "refer") this.#refer(step, world);
    else {
      const [left, right] = [this.#object(step.left), this.#object(step.right)];
      if ((step.left + step.right) % 2 === 0) change(left[LINK.leftName], step.kind, right);
      else change(right[LINK.rightName], step.kind, left);
    }
  }

  #refer({ row, reference, target, way }: Extract<FamilyStep, { kind: "refer" }>, world: FamilyWorld): void {
    const object = this.#object(row);
    const to = target === null ? null : this.#object(target);
    if (way === "column")
      object[attributeOf(reference)] = target === null ? null : this.#keyOf(world.row(target), world);
    else if (way === "object" || reference.other === null || to === null) object[reference.name] = to;
    else if (reference.isUnique) {
      // What an attribute that is not loaded holds, cannot be replaced.
      if (inspect(to).isLoaded(reference.other.name)) to[reference.other.name] = object;
      else object[reference.name] = to;
    } else change(to[reference.other.name], "link", object);
  }

  #keyOf(row: FamilyRow, world: FamilyWorld): unknown {
    if (row.key !== null) return row.key;
    const owner = this.schema.spec(row.type).references.find(({ isKey }) => isKey);
    if (owner !== undefined) return this.#keyOf(world.row(row.references[owner.name] ?? -1), world);
    const key = this.#made.get(row.number) ?? this.#object(row.number).id;
    this.#made.set(row.number, key);
    return key;
  }

  /** Other objects for the same rows, of another session; of all relationships, or of those of every other row, none is loaded. */
  async reopen(world: FamilyWorld, loads: boolean): Promise<void> {
    this.isWhole = false;
    await this.session.close();
    this.session = this.#newSession();
    const numbers = new Map<string, number>();
    const keyed = (spec: ClassSpec, key: unknown): string => `${rootOf(spec).name}#${key}`;
    for (const row of world.rows.values())
      numbers.set(keyed(this.schema.spec(row.type), this.#keyOf(row, world)), row.number);
    this.#objects.clear();
    for (const spec of this.schema.classes) {
      if (spec.parent !== null) continue;
      for (const object of (await this.session.all(select(this.#classes.get(spec.name) as never))) as FamilyObject[]) {
        const number = numbers.get(keyed(spec, object.id));
        if (number === undefined) throw new Error(`nobody knows ${keyed(spec, object.id)}`);
        this.#objects.set(number, object);
      }
    }
    for (const [number, object] of this.#objects) {
      if (!loads || number % 2 === 0) continue;
      for (const { name } of inspect(object).mapper.relationships) await lazy(object as never)[name as never];
    }
    await this.session.commit();
  }

  expire(world: FamilyWorld): void {
    this.isWhole = false;
    for (const number of world.rows.keys()) this.session.expire(this.#object(number));
  }

  /** What differs between the model and the committed rows, or the objects. */
  async differences(world: FamilyWorld): Promise<readonly string[]> {
    const found: string[] = [];
    for (const table of new Set(this.schema.classes.map((spec) => spec.table))) {
      const specs = this.schema.classes.filter((spec) => spec.table === table);
      const names = ["id", ...specs.flatMap((spec) => columnsOf(spec).map(({ column }) => column))];
      if (table === "person") names.push("kind");
      const rows = [...world.rows.values()].filter(({ type }) =>
        ancestors(this.schema.spec(type)).some((spec) => spec.table === table),
      );
      const wanted = rows.map((row) => {
        const values = this.#wanted(row, world);
        return names.map((name) => values.get(name) ?? null);
      });
      compare(found, `${table}(${names})`, wanted, await rowsOf(this.engine, `select ${names} from ${table}`));
    }
    const pairs = [...world.pairs].map((pair) => readPair(pair).map((number) => this.#keyOf(world.row(number), world)));
    compare(found, "staff", pairs, await rowsOf(this.engine, "select team, employee from staff"));
    found.push(...(await this.#versionDifferences(world)));
    return [...found, ...this.objectDifferences(world)];
  }

  /** What differs between the loaded attributes of objects and the model. */
  objectDifferences(world: FamilyWorld): readonly string[] {
    return [...world.rows.values()].flatMap((row) => this.#differencesOf(row, world));
  }

  /** Column values of a row, by the names of the columns. */
  #wanted(row: FamilyRow, world: FamilyWorld): Map<string, unknown> {
    const wanted = new Map<string, unknown>([
      ["id", this.#keyOf(row, world)],
      ["kind", row.type],
    ]);
    for (const { name } of valuesOf(this.schema.spec(row.type))) wanted.set(name, row.values[name] ?? null);
    for (const one of referencesOf(this.schema.spec(row.type))) {
      const target = row.references[one.name] ?? null;
      wanted.set(columnOf(one), target === null ? null : this.#keyOf(world.row(target), world));
    }
    return wanted;
  }

  async #versionDifferences(world: FamilyWorld): Promise<readonly string[]> {
    const found: string[] = [];
    const versions = new Map<number, number>();
    for (const spec of this.schema.classes) {
      if (spec.parent !== null || !spec.hasVersions) continue;
      const stored = new Map(
        (await rowsOf(this.engine, `select id, version from ${spec.table}`)).map(([id, version]) => [id, version]),
      );
      for (const row of world.rows.values()) {
        if (rootOf(this.schema.spec(row.type)) !== spec) continue;
        const version = Number(stored.get(this.#keyOf(row, world)));
        const object = this.#object(row.number);
        if (inspect(object).isLoaded("version") && object.version !== version)
          found.push(`object ${row.number} shows version ${object.version} of ${version}`);
        const before = this.#versions.get(row.number) ?? 1;
        if (this.#written.has(row.number) ? version < before : version !== before)
          found.push(`row ${row.number} has version ${version} after ${before}`);
        versions.set(row.number, version);
      }
    }
    this.#versions = versions;
    this.#written.clear();
    return found;
  }

  /** Versions count what is written: only these rows may get another one. */
  noteFlushed(world: FamilyWorld): void {
    for (const row of world.rows.values()) {
      const text = JSON.stringify([row, [...this.#wanted(row, world)]]);
      if (this.#flushed.get(row.number) !== text) this.#written.add(row.number);
      this.#flushed.set(row.number, text);
    }
  }

  /** All rows are as they were in this world, and with them their versions. */
  noteRollback(world: FamilyWorld): void {
    this.noteFlushed(world);
    this.#written.clear();
  }

  #differencesOf(row: FamilyRow, world: FamilyWorld): readonly string[] {
    const found: string[] = [];
    const object = this.#object(row.number);
    const spec = this.schema.spec(row.type);
    const { state } = inspect(object);
    if (state !== "persistent") found.push(`object ${row.number} is ${state}`);
    const check = (name: string, wanted: unknown): void => {
      if (!inspect(object).isLoaded(name)) return;
      const value = object[name];
      if (!isSame(value, wanted)) found.push(`object ${row.number}.${name} is ${shown(value)}, not ${shown(wanted)}`);
    };
    const values = this.#wanted(row, world);
    check("id", values.get("id"));
    for (const one of ancestors(spec))
      for (const { attribute, column } of columnsOf(one)) check(attribute, values.get(column));
    for (const { name } of referencesOf(spec)) {
      const target = row.references[name] ?? null;
      check(name, target === null ? null : this.#object(target));
    }
    for (const from of this.schema.classes) {
      for (const { name, target, other, isUnique } of from.references) {
        if (other === null || !ancestors(spec).some((one) => one.name === target)) continue;
        const members = [...world.rows.values()].filter(({ references }) => references[name] === row.number);
        const objects = members.map(({ number }) => this.#object(number));
        check(other.name, isUnique ? (objects[0] ?? null) : objects);
      }
    }
    const pairs = [...world.pairs].map(readPair);
    const partners = pairs.flatMap(([left, right]) =>
      left === row.number ? [right] : right === row.number ? [left] : [],
    );
    const objects = partners.map((number) => this.#object(number));
    if (spec.name === LINK.left) check(LINK.leftName, objects);
    else if (ancestors(spec).some(({ name }) => name === LINK.right)) check(LINK.rightName, objects);
    return found;
  }
}

/** The columns of a class's own, without the key. */
function columnsOf(spec: ClassSpec): readonly { readonly attribute: string; readonly column: string }[] {
  return [
    ...spec.values.map(({ name }) => ({ attribute: name, column: name })),
    ...spec.references
      .filter(({ isKey }) => !isKey)
      .map((one) => ({ attribute: attributeOf(one), column: columnOf(one) })),
  ];
}

function change(collection: unknown, kind: "link" | "unlink", member: FamilyObject): void {
  const list = collection as FamilyObject[] & { remove?: (member: FamilyObject) => void }; // what a to-many attribute gives
  if (kind === "link") list.push(member);
  else if (typeof list.remove === "function") list.remove(member);
  else list.splice(list.indexOf(member), 1);
}

function isSame(value: unknown, wanted: unknown): boolean {
  if (!Array.isArray(wanted)) return value === wanted;
  return Array.isArray(value) && value.length === wanted.length && wanted.every((one) => value.includes(one));
}

function compare(found: string[], title: string, wanted: unknown[][], stored: readonly (readonly unknown[])[]): void {
  const [a, b] = [wanted, stored].map((rows) => rows.map((row) => JSON.stringify(row)).sort()) as [string[], string[]];
  if (a.join() !== b.join()) found.push(`${title} holds ${b.join()} and should hold ${a.join()}`);
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shown)}]`;
  return typeof value === "object" && value !== null ? String(inspect(value).identity ?? "new") : String(value);
}
