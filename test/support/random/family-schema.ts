import {
  type DeclarativeBase,
  declarativeBase,
  foreignKey,
  integer,
  type MetaData,
  manyToMany,
  manyToOne,
  oneToMany,
  oneToOne,
  Table,
  varchar,
} from "alkahest";

/** What varies between families. */
export interface FamilyOptions {
  /** Subclasses have tables of their own. */
  readonly isJoined: boolean;
  /** The program gives the keys, and may change them. */
  readonly hasNaturalKeys: boolean;
  /** References have ON UPDATE CASCADE. */
  readonly cascades: boolean;
  /** So have the keys of subclasses. */
  readonly familyCascades: boolean;
  readonly hasVersions: boolean;
  /** Persons own their passports and profiles, and seats are in rings: NOT NULL under a foreign key that is unique alone. */
  readonly isRequired: boolean;
  /** ON DELETE says what the relationships do, and CASCADE for the keys of subclasses. */
  readonly saysOnDelete: boolean;
  /** All foreign keys are DEFERRABLE. */
  readonly isDeferrable: boolean;
}

export interface ValueSpec {
  readonly name: string;
  readonly isUnique: boolean;
  readonly isRequired: boolean;
}

export interface ReferenceSpec {
  readonly name: string;
  readonly target: string;
  readonly isRequired: boolean;
  readonly isUnique: boolean;
  /** It is the primary key. */
  readonly isKey: boolean;
  /** The attribute of the other side, which may own what it holds. */
  readonly other: { readonly name: string; readonly isOwner: boolean } | null;
}

export interface ClassSpec {
  readonly name: string;
  readonly parent: ClassSpec | null;
  readonly table: string;
  readonly hasNaturalKey: boolean;
  readonly hasVersions: boolean;
  /** Its own, without those of its parents. */
  readonly values: readonly ValueSpec[];
  readonly references: readonly ReferenceSpec[];
}

export interface FamilySchema {
  readonly options: FamilyOptions;
  readonly classes: readonly ClassSpec[];
  spec(name: string): ClassSpec;
}

/** The one many-to-many relationship. */
export const LINK = { table: "staff", left: "Team", right: "Employee", leftName: "staff", rightName: "teams" } as const;

const unique = (name: string, isRequired = false): ValueSpec => ({ name, isUnique: true, isRequired });
const plain = (name: string): ValueSpec => ({ name, isUnique: false, isRequired: false });
const reference = (name: string, target: string, more: Partial<ReferenceSpec> = {}): ReferenceSpec => ({
  name,
  target,
  isRequired: false,
  isUnique: false,
  isKey: false,
  other: null,
  ...more,
});
const other = (name: string, isOwner = false): ReferenceSpec["other"] => ({ name, isOwner });

/** Teams, a family of persons in three levels, and what belongs to one person alone. */
function familySchema(options: FamilyOptions): FamilySchema {
  const { isJoined, isRequired, hasNaturalKeys } = options;
  const classes: ClassSpec[] = [];
  const spec = (name: string): ClassSpec => {
    const found = classes.find((one) => one.name === name);
    if (found === undefined) throw new Error(`there is no class ${name}`);
    return found;
  };
  const add = (
    name: string,
    parent: string | null,
    values: readonly ValueSpec[],
    references: readonly ReferenceSpec[],
    hasNaturalKey = hasNaturalKeys,
  ): void => {
    const above = parent === null ? null : spec(parent);
    const table = above !== null && !isJoined ? above.table : name.toLowerCase();
    const hasVersions = options.hasVersions && name !== "Locker";
    classes.push({ name, parent: above, table, hasNaturalKey, hasVersions, values, references });
  };
  add("Team", null, [unique("title", true), plain("note")], []);
  add(
    "Person",
    null,
    [unique("code", true), plain("note")],
    [
      reference("team", "Team", { other: other("members") }),
      reference("partner", "Person", { isUnique: true, other: other("partnerOf") }),
    ],
  );
  add("Employee", "Person", [unique("badge")], [reference("boss", "Manager", { other: other("reports") })]);
  add("Manager", "Employee", [plain("grade")], [reference("led", "Team", { isUnique: true, other: other("leader") })]);
  add("Guest", "Person", [unique("place")], [reference("host", "Employee", { isRequired: isJoined })]);
  add(
    "Passport",
    null,
    [unique("serial", true)],
    [reference("person", "Person", { isUnique: true, isRequired, other: other("passport", isRequired) })],
  );
  add(
    "Locker",
    null,
    [unique("door")],
    [reference("employee", "Employee", { isUnique: true, other: other("locker") })],
  );
  if (isRequired) {
    const holder = { isUnique: true, isKey: true, isRequired: true, other: other("profile", true) };
    add("Profile", null, [unique("motto")], [reference("holder", "Person", holder)], false);
    const next = reference("next", "Seat", { isUnique: true, isRequired: true, other: other("before") });
    add("Seat", null, [plain("note")], [next], true);
  }
  return { options, classes, spec };
}

export function ancestors(spec: ClassSpec): readonly ClassSpec[] {
  return spec.parent === null ? [spec] : [...ancestors(spec.parent), spec];
}

export function rootOf(spec: ClassSpec): ClassSpec {
  return spec.parent === null ? spec : rootOf(spec.parent);
}

export function isA(spec: ClassSpec, name: string): boolean {
  return ancestors(spec).some((one) => one.name === name);
}

/** The attribute of the foreign key. */
export function attributeOf({ name, isKey }: ReferenceSpec): string {
  return isKey ? "id" : `${name}Id`;
}

export function columnOf({ name, isKey }: ReferenceSpec): string {
  return isKey ? "id" : `${name}_id`;
}

/** Also those of its parents. */
export function valuesOf(spec: ClassSpec): readonly ValueSpec[] {
  return ancestors(spec).flatMap(({ values }) => values);
}

export function referencesOf(spec: ClassSpec): readonly ReferenceSpec[] {
  return ancestors(spec).flatMap(({ references }) => references);
}

export type FamilyObject = Record<string, unknown>;
export type FamilyClass = new (init?: FamilyObject) => FamilyObject;

/** What the classes look like to the types: attributes are found by name. */
interface LooseClass {
  readonly c: Readonly<Record<string, never>>;
}

interface DeclaredFamily {
  readonly schema: FamilySchema;
  readonly metadata: MetaData;
  readonly classes: ReadonlyMap<string, FamilyClass>;
}

const declared = new Map<string, DeclaredFamily>();

/** Declares the classes of a family, once for all programs that have the same options. */
export function declareFamily(options: FamilyOptions): DeclaredFamily {
  const text = JSON.stringify(options);
  const family = declared.get(text) ?? declare(familySchema(options));
  declared.set(text, family);
  return family;
}

function declare(schema: FamilySchema): DeclaredFamily {
  const Base = declarativeBase();
  const classes = new Map<string, FamilyClass>();
  const { left, right } = LINK;
  const key = (name: string) => ({
    ...onUpdate(schema.options.cascades),
    ...deferrable(schema.options),
    ...onDelete(schema.options, "cascade"),
    name,
  });
  const secondary = new Table(
    LINK.table,
    Base.metadata,
    { team: integer().primaryKey(), employee: integer().primaryKey() },
    (c) => [
      foreignKey([c.team], [`${schema.spec(left).table}.id`], key("staff_team")),
      foreignKey([c.employee], [`${schema.spec(right).table}.id`], key("staff_employee")),
    ],
  );
  for (const spec of schema.classes) classes.set(spec.name, declareClass(Base, schema, spec, classes, secondary));
  return { schema, metadata: Base.metadata, classes };
}

const onUpdate = (cascades: boolean) => (cascades ? { onUpdate: "cascade" as const } : {});
const onDelete = ({ saysOnDelete }: FamilyOptions, action: "cascade" | "set null" | null) =>
  saysOnDelete && action !== null ? { onDelete: action } : {};
const deferrable = ({ isDeferrable }: FamilyOptions) => (isDeferrable ? { deferrable: true } : {});

function declareClass(
  Base: DeclarativeBase,
  schema: FamilySchema,
  spec: ClassSpec,
  classes: ReadonlyMap<string, FamilyClass>,
  secondary: Table,
): FamilyClass {
  const { options } = schema;
  const loose = (name: string): LooseClass => classes.get(name) as unknown as LooseClass;
  const shape: FamilyObject = {};
  const getter = (name: string, get: () => unknown): void => {
    Object.defineProperty(shape, name, { get, enumerable: true, configurable: true });
  };
  const { parent } = spec;
  if (parent === null) {
    if (!spec.references.some(({ isKey }) => isKey)) shape.id = integer().primaryKey();
    if (spec.name === "Person") shape.kind = varchar(10).notNull();
    if (spec.hasVersions) shape.version = integer();
  } else if (options.isJoined) {
    const key = { ...onUpdate(options.familyCascades), ...deferrable(options), ...onDelete(options, "cascade") };
    getter("id", () =>
      integer()
        .primaryKey()
        .references(loose(parent.name).c.id as never, key),
    );
  }
  const isInRoot = parent !== null && !options.isJoined;
  for (const { name, isUnique, isRequired } of spec.values) {
    const column = isUnique ? integer().unique() : integer();
    shape[name] = isRequired && !isInRoot ? column.notNull() : column;
  }
  for (const one of spec.references) {
    const action = one.other === null ? null : one.other.isOwner ? "cascade" : one.isRequired ? null : "set null";
    const key = { ...onUpdate(options.cascades), ...deferrable(options), ...onDelete(options, action) };
    getter(attributeOf(one), () => {
      const column = integer().references(loose(one.target).c.id as never, key);
      if (one.isKey) return column.primaryKey();
      const unique = one.isUnique ? column.unique() : column;
      return one.isRequired ? unique.notNull() : unique;
    });
    getter(one.name, () =>
      manyToOne(loose(one.target) as never, {
        foreignKeys: [loose(spec.name).c[attributeOf(one)]] as never,
        remoteSide: [loose(one.target).c.id] as never,
        ...(one.other !== null && { backPopulates: one.other.name as never }),
      }),
    );
  }
  for (const from of schema.classes) {
    for (const one of from.references) {
      if (one.other === null || one.target !== spec.name) continue;
      const { name, isOwner } = one.other;
      getter(name, () => {
        const how = {
          backPopulates: one.name as never,
          foreignKeys: [loose(from.name).c[attributeOf(one)]] as never,
          ...(isOwner && { cascade: "all, delete-orphan" as const }),
        };
        const target = loose(from.name) as never;
        return one.isUnique ? oneToOne(target, how) : oneToMany(target, how);
      });
    }
  }
  const sides = [
    [LINK.left, LINK.leftName, LINK.right, LINK.rightName],
    [LINK.right, LINK.rightName, LINK.left, LINK.leftName],
  ] as const;
  for (const [near, name, far, back] of sides) {
    if (near !== spec.name) continue;
    getter(name, () => manyToMany(loose(far) as never, { through: secondary, backPopulates: back as never }));
  }
  getter("mapperArgs", () => {
    const own = loose(spec.name).c;
    const root = rootOf(spec);
    return {
      ...(parent === null && spec.hasVersions && { versionId: own.version }),
      ...(root.name === "Person" && { polymorphicIdentity: spec.name }),
      ...(spec.name === "Person" && { polymorphicOn: own.kind }),
    };
  });
  // The shape is made by name, so its types say nothing.
  const made =
    parent === null ? Base(spec.table, shape as never) : inherit(Base, classes.get(parent.name), spec, shape);
  return class extends (made as unknown as FamilyClass) {};
}

function inherit(Base: DeclarativeBase, parent: FamilyClass | undefined, spec: ClassSpec, shape: FamilyObject) {
  const table = spec.table === spec.name.toLowerCase() ? spec.table : null;
  return Base.inherit(parent as never, table as never, shape as never);
}
