import type { Column, ForeignKeyConstraint, Table, UniqueKey } from "../../../schema/index.ts";
import type { RowImage, RowOperation } from "../decompose/operation.ts";
import { generatedKey, type TupleKey } from "../decompose/tuple.ts";
import { exists, factsOf, type UniqueKeyDialect } from "../edges/unique-key.ts";
import { keyOf, type Moved, type ReadSlot, slotReader } from "../edges/unique-slots.ts";
import { getOrAdd } from "../get-or-add.ts";
import type { FlushGraph } from "../graph.ts";
import { knownValue } from "./row-checks.ts";
import { type Question, questionOf, type StoredSlots } from "./stored-slots.ts";
import { distantValue, hasManyValues, isRarelyUsed } from "./temporary-candidates.ts";
import { ALONE, followersOf, temporaryValue } from "./temporary-value.ts";

/** Who has the tuples of a unique key: rows of this flush until an operation has run, or for good. */
interface Taken {
  readonly uniqueKey: UniqueKey;
  readonly slotOf: ReadSlot;
  readonly holders: Map<TupleKey, RowOperation | "for good">;
}

/** An operation that has to let go of a value before a row takes it. */
interface Waited {
  readonly operation: RowOperation;
  readonly uniqueKey: UniqueKey;
}

type Holder = Waited | { readonly operation: "for good"; readonly uniqueKey: UniqueKey };

/** A tuple that a row would have. */
interface Place {
  readonly taken: Taken;
  readonly key: TupleKey;
  /** Null if nobody can be asked who has it. */
  readonly question: Question | null;
}

function placesIn(taken: readonly Taken[], written: RowImage, before: RowImage): readonly Place[] {
  return taken.flatMap((one) => {
    const key = keyOf(one.slotOf(written, before, true));
    return key === null ? [] : { taken: one, key, question: questionOf(one, key, written, before) };
  });
}

function isSamePlace(some: readonly Place[], others: readonly Place[]): boolean {
  return some.length === others.length && some.every(({ key }, i) => key === others[i]?.key);
}

function questionsIn(places: readonly Place[]): readonly Question[] {
  return places.flatMap(({ question }) => question ?? []);
}

/** Will a row hardly have the tuple, as the column's value, or what an expression makes of it, is one that rows rarely have? */
function isRare({ taken: { uniqueKey }, question }: Place, column: Column<unknown>): boolean {
  return factsOf(uniqueKey).parts.some(
    ({ columns, expression }, i) => columns.includes(column) && isRarelyUsed(expression.sqlType, question?.values[i]),
  );
}

/** What names the tuples in which a row has other values of the column: those that it has in the other columns of them. */
function siblingsOf(taken: readonly Taken[], column: Column<unknown>, row: RowOperation, written: RowImage): string {
  const names = taken.map(({ uniqueKey }) => {
    const others = factsOf(uniqueKey).dependsOn.filter((other) => other !== column);
    return generatedKey(
      others,
      others.map(({ index }) => written[index] ?? row.before[index] ?? undefined),
    );
  });
  return names.join("\u0001");
}

/** What a row waits on, and what that waits for. */
export interface Temporary {
  readonly value: unknown;
  readonly after: readonly Waited[];
}

/** How a row is out of the way. */
export interface Aside {
  /** What else is written of it for a while. */
  readonly written: RowImage;
  /** Does it leave its place with the value? */
  readonly movesOut: (value: unknown) => boolean;
}

/** How a row is out of the way on NULL. */
export interface NullAside {
  /** What else is written of it for a while. */
  readonly written: RowImage;
  /** The unique key under which it leaves its place. */
  readonly left: UniqueKey;
  /** May the place that it gets not be that of a row either that the flush does not write? */
  readonly isSure: boolean;
}

/**
 * The temporary values of a flush: no two rows have the same at once, and none is one that a row of the flush has. What it
 * reads of the whole flush it reads when the first of them is asked for.
 */
export class TemporaryValues {
  readonly #byTable: ReadonlyMap<Table, readonly RowOperation[]>;
  readonly #moved: Moved;
  readonly #dialect: UniqueKeyDialect;
  readonly #referring: (table: Table) => readonly ForeignKeyConstraint[];
  readonly #stored: StoredSlots;
  readonly #read = new Map<UniqueKey, Taken>();
  readonly #taken = new Map<Column<unknown>, readonly Taken[]>();
  readonly #shaped = new Map<Column<unknown>, readonly UniqueKey[]>();
  readonly #asked = new Map<readonly unknown[], IterableIterator<unknown>>();
  readonly #given = new Map<Column<unknown>, Set<unknown> | null>();
  readonly #followers = new Map<Column<unknown>, readonly Column<unknown>[]>();

  constructor(
    byTable: ReadonlyMap<Table, readonly RowOperation[]>,
    moved: Moved,
    dialect: UniqueKeyDialect,
    referring: (table: Table) => readonly ForeignKeyConstraint[],
    stored: StoredSlots,
  ) {
    this.#byTable = byTable;
    this.#moved = moved;
    this.#dialect = dialect;
    this.#referring = referring;
    this.#stored = stored;
  }

  /** Where there are too few values, one that another row of the flush has let go of by then. */
  find(graph: FlushGraph, row: RowOperation, column: Column<unknown>, aside: Aside): Temporary | null {
    const given = this.#givenOf(column);
    return given === null ? this.#findAmongFew(graph, row, column, aside) : this.#findAmongMany(column, aside, given);
  }

  /**
   * Is the row in nobody's place with NULL in the column? Mostly it is in none; but an expression may make a value of NULL,
   * and a predicate become true.
   */
  isFreeOnNull(row: RowOperation, column: Column<unknown>, { written, left, isSure }: NullAside): boolean {
    const shaped = this.#shapedBy(column);
    if (shaped.length === 0) return true;
    const image = [...written];
    image[column.index] = null;
    return shaped.every((uniqueKey) => {
      if (isSure && hasTextOver(uniqueKey, column)) return false;
      const { slotOf, holders } = this.#readOnce(uniqueKey);
      const key = keyOf(slotOf(image, row.before, true));
      if (key === null) return true;
      if (key === keyOf(slotOf(row.before, row.before, true))) return uniqueKey !== left;
      return !isSure && holders.get(key) !== "for good";
    });
  }

  /** The unique keys by which the column is more than a value among others. */
  #shapedBy(column: Column<unknown>): readonly UniqueKey[] {
    return getOrAdd(this.#shaped, column, () =>
      this.#keysOver(column).filter((uniqueKey) => !factsOf(uniqueKey).isPlain),
    );
  }

  #keysOver(column: Column<unknown>): readonly UniqueKey[] {
    return column.table.uniqueKeys.filter(
      (key) => exists(key, this.#dialect) && factsOf(key).dependsOn.includes(column),
    );
  }

  #findAmongMany(column: Column<unknown>, { movesOut }: Aside, given: Set<unknown>): Temporary | null {
    const followers = this.#followersOf(column);
    const { sqlType } = column;
    for (let i = 0; i < TRIES; i++) {
      const value = distantValue(sqlType);
      if (given.has(value) || !movesOut(value) || !fitsAll(value, followers)) continue;
      return { value, after: NOBODY };
    }
    const accepts = (one: unknown): boolean => !given.has(one) && movesOut(one);
    const value = temporaryValue(column, { read: ALONE.read, followers, accepts });
    return value === undefined ? null : { value, after: NOBODY };
  }

  /** A value that is known to be nobody's; else one of which the database is to say so; else one that is let go of by then. */
  #findAmongFew(graph: FlushGraph, row: RowOperation, column: Column<unknown>, aside: Aside): Temporary | null {
    const { written: parked, movesOut } = aside;
    const taken = this.#takenIn(column);
    const written = [...parked];
    const placesOf = (value: unknown): readonly Place[] => {
      written[column.index] = value;
      return placesIn(taken, written, row.before);
    };
    const holdersOf = (places: readonly Place[]): readonly Holder[] => places.flatMap((place) => this.#holderOf(place));
    const isKnown = (place: Place): boolean =>
      column.parkValue !== null || isRare(place, column) || this.#isAnswered(place);
    const surroundings = {
      read: (other: Column<unknown>): unknown => knownValue(row, other, parked),
      followers: this.#followersOf(column),
    };
    const open: { readonly value: unknown; readonly places: readonly Place[] }[] = [];
    const most = this.#stored.hasMany ? 1 : OPEN;
    const found = temporaryValue(column, {
      ...surroundings,
      first: this.#stored.isEmpty ? NONE : this.#askedAmong(column, siblingsOf(taken, column, row, parked)),
      accepts: (value) => {
        if (!movesOut(value)) return false;
        const places = placesOf(value);
        if (holdersOf(places).length > 0) return false;
        if (places.every(isKnown)) return open.length === 0; // what comes first fits best
        if (!open.some((other) => isSamePlace(other.places, places))) open.push({ value, places });
        return open.length >= most;
      },
    });
    if (found !== undefined && open.length === 0) return { value: found, after: NOBODY };
    const [first] = open;
    if (first !== undefined) {
      const siblings = siblingsOf(taken, column, row, parked);
      for (const { value, places } of open) this.#stored.ask(column, siblings, value, questionsIn(places));
      return { value: first.value, after: NOBODY };
    }
    const isLetGo = ({ operation }: Holder): boolean => operation !== "for good" && !graph.isBehind([operation], [row]);
    const value = temporaryValue(column, {
      ...surroundings,
      accepts: (one) => movesOut(one) && holdersOf(placesOf(one)).every(isLetGo),
    });
    if (value === undefined) return null;
    const after = holdersOf(placesOf(value)).filter((by): by is Waited => by.operation !== "for good");
    return { value, after };
  }

  /** What the database was asked about, each for one row: the next row begins where this one has found its value. */
  #askedAmong(column: Column<unknown>, siblings: string): Iterable<unknown> {
    const values = this.#stored.valuesOf(column, siblings);
    return getOrAdd(this.#asked, values, () => values.values());
  }

  #isAnswered({ question }: Place): boolean {
    return question === null || this.#stored.isTaken(question) !== undefined;
  }

  #holderOf({ taken: { uniqueKey, holders }, key, question }: Place): readonly Holder[] {
    const operation = holders.get(key);
    if (operation !== undefined) return [{ operation, uniqueKey }];
    return question !== null && this.#stored.isTaken(question) === true ? [{ operation: "for good", uniqueKey }] : [];
  }

  /** A row has what is written of it until `last` has run. */
  give({ before, after }: RowOperation, column: Column<unknown>, last: RowOperation): void {
    const given = this.#givenOf(column);
    if (given !== null) {
      given.add(after[column.index]);
      return;
    }
    for (const { taken, key } of placesIn(this.#takenIn(column), after, before)) taken.holders.set(key, last);
  }

  /**
   * The values given to a column that has far more of them than rows, so that a random one is as good as never one that a
   * row has; null for others.
   */
  #givenOf(column: Column<unknown>): Set<unknown> | null {
    return getOrAdd(this.#given, column, () =>
      [column, ...this.#followersOf(column)].every(isRoomy) ? new Set<unknown>() : null,
    );
  }

  #takenIn(column: Column<unknown>): readonly Taken[] {
    return getOrAdd(this.#taken, column, () => this.#keysOver(column).map((uniqueKey) => this.#readOnce(uniqueKey)));
  }

  #readOnce(uniqueKey: UniqueKey): Taken {
    return getOrAdd(this.#read, uniqueKey, () => this.#readKey(uniqueKey));
  }

  #readKey(uniqueKey: UniqueKey): Taken {
    const slotOf = slotReader(uniqueKey, this.#dialect);
    const holders = new Map<TupleKey, RowOperation | "for good">();
    const take = (written: RowImage, before: RowImage, by: RowOperation | "for good"): void => {
      const key = keyOf(slotOf(written, before, false));
      if (key !== null) holders.set(key, by);
    };
    const rows = (this.#byTable.get(uniqueKey.table) ?? []).filter(
      ({ kind }) => kind !== "propagate" && kind !== "draw",
    );
    for (const row of rows) if (row.kind !== "insert") take(row.before, row.before, row);
    // What a row has in the end is not free after any operation.
    for (const { kind, table, before, after } of rows) {
      if (kind !== "delete") take(after, before, "for good");
      const followed = kind === "insert" ? null : this.#moved(table, before);
      if (followed !== null) take(followed, followed, "for good");
    }
    return { uniqueKey, slotOf, holders };
  }

  #followersOf(column: Column<unknown>): readonly Column<unknown>[] {
    return getOrAdd(this.#followers, column, () => followersOf(column, this.#referring));
  }
}

const NOBODY: Temporary["after"] = [];
const NONE: readonly unknown[] = [];

const TRIES = 8;

/** About as many values the database is asked at once. */
const OPEN = 32;

function fitsAll(value: unknown, columns: readonly Column<unknown>[]): boolean {
  for (const { sqlType } of columns) if (sqlType.validate(value) !== null) return false;
  return true;
}

/**
 * Has the column far more values than rows, and no CHECK constraint that may leave few of them, nor an expression in a
 * unique key that may make the same of many?
 */
function isRoomy(column: Column<unknown>): boolean {
  const { sqlType, parkValue, table } = column;
  if (parkValue !== null || table.checks.length > 0 || !hasManyValues(sqlType)) return false;
  return !table.uniqueKeys.some((key) => factsOf(key).dependsOn.includes(column) && !isMember(key, column));
}

/** Is the column one of the unique key's columns, as it is? */
function isMember(uniqueKey: UniqueKey, column: Column<unknown>): boolean {
  return factsOf(uniqueKey).parts.some((part) => part.column === column);
}

/** Is there SQL as text over the column in the unique key? */
function hasTextOver(uniqueKey: UniqueKey, column: Column<unknown>): boolean {
  return factsOf(uniqueKey).parts.some((part) => part.hasText && part.columns.includes(column));
}
