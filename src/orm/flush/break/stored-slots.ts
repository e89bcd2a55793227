import type { Dialect } from "../../../engine/dialect.ts";
import { ColumnElement, type SqlExpression, TextFragment, UNKNOWN } from "../../../expression/index.ts";
import type { Column, UniqueKey } from "../../../schema/index.ts";
import { select } from "../../../statement/index.ts";
import { chunksOf, keysIn } from "../../query/index.ts";
import type { FlushContext } from "../context.ts";
import type { RowImage } from "../decompose/operation.ts";
import type { TupleKey } from "../decompose/tuple.ts";
import { factsOf, membersOf } from "../edges/unique-key.ts";
import { keyOf, memberValues, type ReadSlot } from "../edges/unique-slots.ts";
import { decodeRows } from "../execute/decode-rows.ts";
import { getOrAdd } from "../get-or-add.ts";

/** As often a flush is planned again because of what the database answered. */
const ROUNDS = 8;

/** From as many questions on, a row asks about one value only. */
const MANY = 1000;

/** Does a row have the tuple under the unique key? */
export interface Question {
  readonly uniqueKey: UniqueKey;
  readonly slotOf: ReadSlot;
  readonly key: TupleKey;
  /** The tuple, in the order of the key's members. */
  readonly values: readonly unknown[];
}

/** Null where only the database could say what it makes of the row, or has yet to make it: functions that nobody knows, new keys. */
export function questionOf(
  { uniqueKey, slotOf }: Pick<Question, "uniqueKey" | "slotOf">,
  key: TupleKey,
  written: RowImage,
  before: RowImage,
): Question | null {
  const values = memberValues(uniqueKey, written, before);
  return values.includes(UNKNOWN) || values.includes(null) ? null : { uniqueKey, slotOf, key, values };
}

/**
 * Which unique values rows have that the flush does not write and that may not be loaded. A row that waits on one of few
 * values may meet them: the flush is planned as if they were nobody's, the database is asked, and the flush is planned again.
 */
export class StoredSlots {
  /** By unique key and tuple: does a row have it that the flush does not write? */
  readonly #known = new Map<UniqueKey, Map<TupleKey, boolean>>();
  readonly #questions = new Map<UniqueKey, Map<TupleKey, Question>>();
  /** By column and what its row has besides, the values that were asked about. */
  readonly #values = new Map<Column<unknown>, Map<string, unknown[]>>();
  #rounds = 0;

  /** Is something to be asked before the plan is executed? */
  get hasQuestions(): boolean {
    return this.#questions.size > 0 && this.#rounds < ROUNDS;
  }

  /** Has nothing been asked? */
  get isEmpty(): boolean {
    return this.#values.size === 0;
  }

  /** Are there so many questions that each row had better ask about one value? */
  get hasMany(): boolean {
    let count = 0;
    for (const questions of this.#questions.values()) count += questions.size;
    return count >= MANY;
  }

  /** Values of the column that were asked about, for rows that are alike in the other columns of unique keys. */
  valuesOf(column: Column<unknown>, siblings: string): readonly unknown[] {
    return this.#values.get(column)?.get(siblings) ?? NONE;
  }

  /** Undefined if nobody has been asked. */
  isTaken({ uniqueKey, key }: Question): boolean | undefined {
    return this.#known.get(uniqueKey)?.get(key);
  }

  /** Asks whether a row may have the value in the column. */
  ask(column: Column<unknown>, siblings: string, value: unknown, questions: readonly Question[]): void {
    for (const question of questions) {
      if (this.isTaken(question) !== undefined) continue;
      getOrAdd(this.#questions, question.uniqueKey, () => new Map<TupleKey, Question>()).set(question.key, question);
    }
    const byColumn = getOrAdd(this.#values, column, () => new Map<string, unknown[]>());
    getOrAdd(byColumn, siblings, () => []).push(value);
  }

  /** Asks the database. */
  async answer(context: Pick<FlushContext, "dialect" | "loader">): Promise<void> {
    this.#rounds++;
    const all = [...this.#questions];
    this.#questions.clear();
    for (const [uniqueKey, questions] of all) await this.#read(context, uniqueKey, [...questions.values()]);
  }

  async #read(
    context: Pick<FlushContext, "dialect" | "loader">,
    uniqueKey: UniqueKey,
    questions: readonly Question[],
  ): Promise<void> {
    const { dialect, loader } = context;
    const { dependsOn } = factsOf(uniqueKey);
    const members = membersOf(uniqueKey).map((member) =>
      member instanceof ColumnElement ? member : asDeclared(member, dialect),
    );
    const where = uniqueKey.where === null ? [] : [asDeclared(uniqueKey.where, dialect)];
    const known = getOrAdd(this.#known, uniqueKey, () => new Map<TupleKey, boolean>());
    for (const chunk of chunksOf(questions, members.length, dialect)) {
      for (const { key } of chunk) known.set(key, false);
      const [{ slotOf }] = chunk as [Question]; // no chunk is empty
      const tuples = chunk.map(({ values }) => values);
      const { rows } = await loader.query(select(...dependsOn).where(keysIn(members, tuples, dialect), ...where));
      const copies = rows.map((row) => [...row]);
      for (const values of decodeRows(context, dependsOn, copies)) {
        const image: unknown[] = [];
        for (const [i, { index }] of dependsOn.entries()) image[index] = values[i];
        const key = keyOf(slotOf(image, image, false));
        if (key !== null) known.set(key, true);
      }
    }
  }
}

/** With its values written out, as in the index, which is of no use to the database otherwise. */
function asDeclared<T>(expression: SqlExpression<T>, { statements }: Dialect): SqlExpression<T> {
  return new TextFragment<T>([`(${statements.ddlExpression(expression)})`], [], expression.sqlType);
}

const NONE: readonly unknown[] = [];
