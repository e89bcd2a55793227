import {
  boolean,
  type ColumnDefinition,
  type DeclarativeBase,
  declarativeBase,
  foreignKey,
  index,
  integer,
  type MetaData,
  manyToMany,
  manyToOne,
  oneToMany,
  Table,
  type TableArg,
  tableOptions,
  unique,
  varchar,
} from "alkahest";
import fc from "fast-check";

/** Where the keys of a class come from; `dependent`: the key of what its first reference refers to, and a number. */
export type KeyKind = "generated" | "number" | "text" | "dependent";

export interface ReferenceSpec {
  /** The position of the class that it refers to. */
  readonly target: number;
  readonly required: boolean;
  /** What the other side has: nothing, a collection, or a collection that owns its members. */
  readonly mode: "plain" | "collection" | "owned";
  readonly cascadeUpdate: boolean;
  /** Declared DEFERRABLE, and when it is checked if nobody says SET CONSTRAINTS; undefined: it is plain. */
  readonly deferrable?: "immediate" | "deferred" | undefined;
}

export type ValueName = "a" | "b" | "s";

export interface UniqueSpec {
  readonly values: readonly ValueName[];
  /** Also the first reference. */
  readonly reference: boolean;
  /** Only where `active` is true. */
  readonly partial: boolean;
}

export interface ClassSpec {
  readonly key: KeyKind;
  readonly references: readonly ReferenceSpec[];
  readonly uniques: readonly UniqueSpec[];
}

/** A many-to-many relationship. */
export interface LinkSpec {
  readonly left: number;
  readonly right: number;
}

export interface SchemaSpec {
  readonly classes: readonly ClassSpec[];
  readonly links: readonly LinkSpec[];
  readonly foreignKeys: boolean;
  /** Checks of foreign keys may be suspended where the database can put none off. */
  readonly suspends: boolean;
}

const reference = fc.record({
  target: fc.nat(3),
  required: fc.boolean(),
  mode: fc.constantFrom("plain" as const, "collection" as const, "owned" as const),
  cascadeUpdate: fc.boolean(),
  deferrable: fc.constantFrom(undefined, undefined, "immediate" as const, "deferred" as const),
});

const uniqueKey = fc.record({
  values: fc.constantFrom<readonly ValueName[]>(["a"], ["b"], ["s"], ["a", "b"], ["b", "s"]),
  reference: fc.boolean(),
  partial: fc.boolean(),
});

/** How large a schema may be, and what its classes have for primary keys. */
interface SchemaLimits {
  readonly keys: readonly KeyKind[];
  readonly classes: number;
  readonly uniques: number;
}

function schemas({ keys, classes, uniques }: SchemaLimits): fc.Arbitrary<SchemaSpec> {
  return fc
    .record({
      classes: fc.array(
        fc.record({
          key: fc.constantFrom(...keys),
          references: fc.array(reference, { maxLength: 3 }),
          uniques: fc.array(uniqueKey, { maxLength: uniques }),
        }),
        { minLength: 1, maxLength: classes },
      ),
      links: fc.array(fc.record({ left: fc.nat(3), right: fc.nat(3) }), { maxLength: 1 }),
      foreignKeys: fc.integer({ min: 0, max: 4 }).map((n) => n > 0),
      suspends: fc.boolean(),
    })
    .map(normalise);
}

export const schemaSpec = schemas({
  keys: ["generated", "generated", "number", "text", "dependent"],
  classes: 4,
  uniques: 3,
});

/** Few classes, most of them with primary keys that can change. */
export const keyedSchemaSpec = schemas({
  keys: ["generated", "number", "number", "text", "dependent"],
  classes: 3,
  uniques: 1,
});

/** Keys of two and of three columns: what refers to an owner, and what refers to that, both by their own keys. */
export const chainedSchemaSpec: fc.Arbitrary<SchemaSpec> = fc
  .tuple(
    reference,
    reference,
    fc.constantFrom("dependent", "dependent", "number"),
    fc.array(reference, { maxLength: 1 }),
  )
  .map(([middle, last, key, others]) =>
    normalise({
      classes: [
        { key: "number", references: [], uniques: [] },
        { key: "dependent", references: [{ ...middle, target: 0 }], uniques: [] },
        { key, references: [{ ...last, target: 1 }, ...others], uniques: [] },
      ],
      links: [],
      foreignKeys: true,
      suspends: true,
    }),
  );

/** Makes a schema of what was drawn: positions exist, and a dependent key depends on an earlier class. */
function normalise({ classes, links, foreignKeys, suspends }: SchemaSpec): SchemaSpec {
  const count = classes.length;
  return {
    foreignKeys,
    suspends,
    links: links.map(({ left, right }) => ({ left: left % count, right: right % count })),
    classes: classes.map(({ key, references, uniques }, position) => {
      const dependent = key === "dependent" && position > 0;
      const own = references.map((one) => ({ ...one, target: one.target % count }));
      if (dependent) {
        const first = own[0] ?? { mode: "collection" as const, cascadeUpdate: false, target: 0 };
        own[0] = { ...first, required: true, target: first.target % position };
      }
      return {
        key: key === "dependent" && !dependent ? "generated" : key,
        references: own,
        // Where foreign keys are not checked, SQLite may give a deleted row's key to a new one while rows still have it.
        uniques: uniques.map((one) => ({ ...one, reference: one.reference && own.length > 0 && foreignKeys })),
      };
    }),
  };
}

export type RandomObject = Record<string, unknown>;
export type RandomClass = new (init?: RandomObject) => RandomObject;

/** The attributes that make up the primary key. */
export function keyNames(schema: SchemaSpec, position: number): readonly string[] {
  const spec = at(schema.classes, position);
  return spec.key === "dependent" ? [...foreignKeyNames(schema, position, 0), "n"] : ["id"];
}

/** The attributes that make up a foreign key. */
export function foreignKeyNames(schema: SchemaSpec, position: number, reference: number): readonly string[] {
  const { target } = at(at(schema.classes, position).references, reference);
  return keyNames(schema, target).map((_, i) => `r${reference}k${i}`);
}

export function referenceName(reference: number): string {
  return `r${reference}`;
}

export function collectionName(position: number, reference: number): string {
  return `c${position}of${reference}`;
}

export function at<T>(values: readonly T[], position: number): T {
  const value = values[position];
  if (value === undefined) throw new Error(`there is no position ${position}`);
  return value;
}

/** What the random classes look like to the types: attributes are found by name. */
interface LooseClass {
  readonly c: Readonly<Record<string, never>>;
}

/** Declares the classes of a schema. */
export function declareSchema(schema: SchemaSpec): { readonly metadata: MetaData; readonly classes: RandomClass[] } {
  const Base = declarativeBase();
  const classes: RandomClass[] = [];
  const loose = (position: number): LooseClass => at(classes, position) as unknown as LooseClass;
  const secondaries = schema.links.map(
    (link, i) =>
      new Table(
        `link${i}`,
        Base.metadata,
        {
          ...linkColumns(schema, link.left, "left"),
          ...linkColumns(schema, link.right, "right"),
        } as Record<string, ColumnDefinition<unknown>>,
        (c) => [
          foreignKey(
            sideNames(schema, link.left, "left").map((name) => c[name] as never),
            targets(schema, link.left),
          ),
          foreignKey(
            sideNames(schema, link.right, "right").map((name) => c[name] as never),
            targets(schema, link.right),
          ),
        ],
      ),
  );
  schema.classes.forEach((_, position) => {
    classes.push(declareClass(Base, schema, position, loose, secondaries));
  });
  return { metadata: Base.metadata, classes };
}

function targets(schema: SchemaSpec, position: number): string[] {
  return keyNames(schema, position).map((name) => `t${position}.${name}`);
}

export function sideNames(schema: SchemaSpec, position: number, side: "left" | "right"): readonly string[] {
  return keyNames(schema, position).map((_, i) => `${side}${i}`);
}

function linkColumns(schema: SchemaSpec, position: number, side: "left" | "right"): RandomObject {
  const types = keyTypes(schema, position);
  return Object.fromEntries(
    sideNames(schema, position, side).map((name, i) => [name, columnOf(at(types, i)).primaryKey()]),
  );
}

/** The type of each part of a primary key. */
function keyTypes(schema: SchemaSpec, position: number): readonly ("integer" | "text")[] {
  const spec = at(schema.classes, position);
  if (spec.key === "dependent") return [...keyTypes(schema, at(spec.references, 0).target), "integer"];
  return [spec.key === "text" ? "text" : "integer"];
}

function columnOf(type: "integer" | "text") {
  return type === "text" ? varchar(40) : integer();
}

function declareClass(
  Base: DeclarativeBase,
  schema: SchemaSpec,
  position: number,
  loose: (position: number) => LooseClass,
  secondaries: readonly Table[],
): RandomClass {
  const spec = at(schema.classes, position);
  const shape: RandomObject = {};
  if (spec.key === "dependent") shape.n = integer().primaryKey();
  else if (spec.key === "text") shape.id = varchar(40).primaryKey();
  else shape.id = integer().primaryKey();
  Object.assign(shape, { a: integer(), b: integer().notNull(), s: varchar(6).notNull(), active: boolean().notNull() });
  const own = loose;
  spec.references.forEach((reference, i) => {
    const names = foreignKeyNames(schema, position, i);
    const types = keyTypes(schema, reference.target);
    names.forEach((name, k) => {
      const column = columnOf(at(types, k));
      const inKey = spec.key === "dependent" && i === 0;
      shape[name] = inKey ? column.primaryKey() : reference.required ? column.notNull() : column;
    });
    getter(shape, referenceName(i), () =>
      manyToOne(loose(reference.target) as never, {
        foreignKeys: names.map((name) => own(position).c[name]) as never,
        ...(reference.mode !== "plain" && { backPopulates: collectionName(position, i) as never }),
        ...(reference.target === position && {
          remoteSide: keyNames(schema, position).map((name) => own(position).c[name]) as never,
        }),
      }),
    );
  });
  schema.classes.forEach((other, from) => {
    other.references.forEach((reference, i) => {
      if (reference.target !== position || reference.mode === "plain") return;
      getter(shape, collectionName(from, i), () =>
        oneToMany(loose(from) as never, {
          backPopulates: referenceName(i) as never,
          foreignKeys: foreignKeyNames(schema, from, i).map((name) => loose(from).c[name]) as never,
          ...(reference.mode === "owned" && { cascade: "all, delete-orphan" }),
        }),
      );
    });
  });
  schema.links.forEach(({ left, right }, i) => {
    if (left === position)
      getter(shape, `link${i}`, () =>
        manyToMany(loose(right) as never, {
          through: at(secondaries, i),
          backPopulates: `back${i}` as never,
          ...(left === right && linkJoins(schema, left, at(secondaries, i), loose, "left")),
        }),
      );
    if (right === position)
      getter(shape, `back${i}`, () =>
        manyToMany(loose(left) as never, {
          through: at(secondaries, i),
          backPopulates: `link${i}` as never,
          ...(left === right && linkJoins(schema, left, at(secondaries, i), loose, "right")),
        }),
      );
  });
  getter(shape, "tableArgs", () => tableArgs(schema, position, own));
  // The shape is made by name, so its types say nothing.
  return class extends (Base(`t${position}`, shape as never) as unknown as RandomClass) {};
}

function linkJoins(
  schema: SchemaSpec,
  position: number,
  table: Table,
  loose: (position: number) => LooseClass,
  near: "left" | "right",
): RandomObject {
  const join = (side: "left" | "right") =>
    keyNames(schema, position)
      .map((name, i) => (loose(position).c[name] as any).eq(table.column(`${side}${i}`)))
      .reduce((all, one) => all.and(one));
  return { primaryJoin: join(near), secondaryJoin: join(near === "left" ? "right" : "left") };
}

function getter(shape: RandomObject, name: string, get: () => unknown): void {
  Object.defineProperty(shape, name, { get, enumerable: true, configurable: true });
}

function tableArgs(schema: SchemaSpec, position: number, own: (position: number) => LooseClass): TableArg[] {
  const spec = at(schema.classes, position);
  const column = (name: string) => own(position).c[name] as never;
  const references = spec.references.map((reference, i) =>
    foreignKey(foreignKeyNames(schema, position, i).map(column), targets(schema, reference.target), {
      name: `fk_${position}_${i}`,
      ...(reference.cascadeUpdate && { onUpdate: "cascade" as const }),
      ...(reference.deferrable && { deferrable: true, initially: reference.deferrable }),
    }),
  );
  const uniques = spec.uniques.map(({ values, reference, partial }, i) => {
    const columns = [...values, ...(reference ? foreignKeyNames(schema, position, 0) : [])].map(column);
    const name = `u_${position}_${i}`;
    if (!partial) return unique(name, ...columns);
    return index(name, ...columns, { unique: true, where: (column("active") as any).eq(true) });
  });
  // Where nothing checks foreign keys, a row may be deleted before those that refer to it: none may get its key meanwhile.
  const keys = spec.key === "generated" && !schema.foreignKeys ? [tableOptions({ sqliteAutoincrement: true })] : [];
  return [...references, ...uniques, ...keys];
}
