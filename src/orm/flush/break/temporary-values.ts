import type { Column, ForeignKeyConstraint, Table, UniqueKey } from "../../../schema/index.ts";
import type { RowImage, RowOperation } from "../decompose/operation.ts";
import type { TupleKey } from "../decompose/tuple.ts";
import { exists, factsOf, type UniqueKeyDialect } from "../edges/unique-key.ts";
import { keyOf, type Moved, type ReadSlot, slotReader } from "../edges/unique-slots.ts";
import { getOrAdd } from "../get-or-add.ts";
import type { FlushGraph } from "../graph.ts";
import { knownValue } from "./row-checks.ts";
import { distantValue, hasManyValues } from "./temporary-candidates.ts";
import { ALONE, followersOf, temporaryValue } from "./temporary-value.ts";

/** Who has the tuples of a unique key: rows of this flush before or after it, or one until an operation has run. */
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

/**
 * The temporary values of a flush: no two rows have the same at once, and none is one that a row of the flush has. What it
 * reads of the whole flush it reads when the first of them is asked for.
 */
export class TemporaryValues {
  readonly #byTable: ReadonlyMap<Table, readonly RowOperation[]>;
  readonly #moved: Moved;
  readonly #dialect: UniqueKeyDialect;
  readonly #referring: (table: Table) => readonly ForeignKeyConstraint[];
  readonly #taken = new Map<Column<unknown>, readonly Taken[]>();
  readonly #given = new Map<Column<unknown>, Set<unknown> | null>();
  readonly #followers = new Map<Column<unknown>, readonly Column<unknown>[]>();

  constructor(
    byTable: ReadonlyMap<Table, readonly RowOperation[]>,
    moved: Moved,
    dialect: UniqueKeyDialect,
    referring: (table: Table) => readonly ForeignKeyConstraint[],
  ) {
    this.#byTable = byTable;
    this.#moved = moved;
    this.#dialect = dialect;
    this.#referring = referring;
  }

  /** Where there are too few values, one that another row of the flush has let go of by then. */
  find(graph: FlushGraph, row: RowOperation, column: Column<unknown>, aside: Aside): Temporary | null {
    const given = this.#givenOf(column);
    return given === null ? this.#findAmongFew(graph, row, column, aside) : this.#findAmongMany(column, aside, given);
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

  #findAmongFew(
    graph: FlushGraph,
    row: RowOperation,
    column: Column<unknown>,
    { written: parked, movesOut }: Aside,
  ): Temporary | null {
    const taken = this.#takenIn(column);
    const written = [...parked];
    const holdersOf = (value: unknown): readonly Holder[] => {
      written[column.index] = value;
      return taken.flatMap(({ uniqueKey, slotOf, holders }) => {
        const key = keyOf(slotOf(written, row.before, true));
        const operation = key === null ? undefined : holders.get(key);
        return operation === undefined ? [] : { operation, uniqueKey };
      });
    };
    const isLetGo = ({ operation }: Holder): boolean => operation !== "for good" && !graph.isBehind([operation], [row]);
    const followers = this.#followersOf(column);
    const read = (other: Column<unknown>): unknown => knownValue(row, other, parked);
    const search = (mayBeHeld: (by: readonly Holder[]) => boolean): unknown =>
      temporaryValue(column, { read, followers, accepts: (one) => movesOut(one) && mayBeHeld(holdersOf(one)) });
    const value = search((by) => by.length === 0) ?? search((by) => by.every(isLetGo));
    if (value === undefined) return null;
    const after = holdersOf(value).filter((by): by is Waited => by.operation !== "for good");
    return { value, after };
  }

  /** A row has what is written of it until `last` has run. */
  give({ before, after }: RowOperation, column: Column<unknown>, last: RowOperation): void {
    const given = this.#givenOf(column);
    if (given !== null) {
      given.add(after[column.index]);
      return;
    }
    for (const { slotOf, holders } of this.#takenIn(column)) {
      const key = keyOf(slotOf(after, before, true));
      if (key !== null) holders.set(key, last);
    }
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
    return getOrAdd(this.#taken, column, () =>
      column.table.uniqueKeys
        .filter((key) => exists(key, this.#dialect) && factsOf(key).dependsOn.includes(column))
        .map((uniqueKey) => this.#read(uniqueKey)),
    );
  }

  #read(uniqueKey: UniqueKey): Taken {
    const slotOf = slotReader(uniqueKey, this.#dialect);
    const holders = new Map<TupleKey, RowOperation | "for good">();
    const take = (written: RowImage, before: RowImage): void => {
      const key = keyOf(slotOf(written, before, false));
      if (key !== null) holders.set(key, "for good");
    };
    for (const { kind, table, before, after } of this.#byTable.get(uniqueKey.table) ?? []) {
      if (kind === "propagate" || kind === "draw") continue;
      if (kind !== "insert") take(before, before);
      if (kind !== "delete") take(after, before);
      const followed = kind === "insert" ? null : this.#moved(table, before);
      if (followed !== null) take(followed, followed);
    }
    return { uniqueKey, slotOf, holders };
  }

  #followersOf(column: Column<unknown>): readonly Column<unknown>[] {
    return getOrAdd(this.#followers, column, () => followersOf(column, this.#referring));
  }
}

const NOBODY: Temporary["after"] = [];

const TRIES = 8;

function fitsAll(value: unknown, columns: readonly Column<unknown>[]): boolean {
  for (const { sqlType } of columns) if (sqlType.validate(value) !== null) return false;
  return true;
}

/** Has the column far more values than rows, and no CHECK constraint that may leave few of them? */
function isRoomy({ sqlType, parkValue, table }: Column<unknown>): boolean {
  return parkValue === null && table.checks.length === 0 && hasManyValues(sqlType);
}
