import { ArgumentError } from "../errors/index.ts";
import { declareFields, type Node } from "../expression/node.ts";
import { TextFragment } from "../expression/nodes.ts";
import { BindParameter, SqlExpression, toExpression } from "../expression/sql-expression.ts";
import { describeValue, type SqlType } from "../expression/sql-type.ts";
import { UNTYPED } from "../expression/types/inference.ts";
import { text as textColumn } from "../schema/column-types.ts";
import { isRecord } from "./arguments.ts";

/** A parameter of raw SQL whose value is given when the statement is executed. */
export class NamedParameter extends SqlExpression<unknown> {
  readonly kind = "namedParameter";
  readonly name: string;

  constructor(name: string) {
    super();
    this.name = name;
  }

  get sqlType(): SqlType<unknown> {
    return UNTYPED;
  }

  static {
    declareFields(NamedParameter, { name: "value" });
  }
}

/** Values for the `:name` parameters of raw SQL. */
export type TextParameters = Readonly<Record<string, unknown>>;

/** Values that are given when a statement is executed: they take the places of its named parameters. */
export class GivenParameters {
  readonly #values: TextParameters;
  readonly #known = new Map<NamedParameter, SqlExpression<unknown>>();

  /** @throws ArgumentError for what is no object of values */
  constructor(values: TextParameters) {
    assertParameters("A statement", values);
    this.#values = values;
  }

  /**
   * What the values say of a node: the same expression each time.
   * @throws ArgumentError for what is no SQL value
   */
  replace(node: Node): SqlExpression<unknown> | undefined {
    if (!(node instanceof NamedParameter) || !Object.hasOwn(this.#values, node.name)) return undefined;
    const known = this.#known.get(node);
    if (known !== undefined) return known;
    const value = this.#values[node.name];
    // What an array is, its place says: PostgreSQL has arrays, as in `= any(:ids)`.
    const given = Array.isArray(value) ? new BindParameter(value, UNTYPED) : givenValue(this.#values, node.name);
    this.#known.set(node, given);
    return given;
  }

  /** @throws ArgumentError for a value that was not asked for yet */
  assertAllMentioned(): void {
    const mentioned = new Set([...this.#known.keys()].map(({ name }) => name));
    for (const name of Object.keys(this.#values)) {
      if (!mentioned.has(name)) throw new ArgumentError(`The statement has no parameter :${name} without a value.`);
    }
  }
}

function givenValue(values: TextParameters, name: string): SqlExpression<unknown> {
  const value = values[name];
  if (value !== undefined) return toExpression(value, UNTYPED);
  throw new ArgumentError(`The parameter :${name} is undefined, which is no SQL value: write null.`);
}

function assertParameters(place: string, values: unknown): void {
  if (isRecord(values)) return;
  throw new ArgumentError(
    `${place} takes the values of its parameters as an object, such as { a: 1 }, not ${describeValue(values)}.`,
  );
}

/** The definition of a text column, as the schema makes it. */
type TextColumn = ReturnType<typeof textColumn>;

/** Text with white space has a statement and not the name of a column; nor is that ever computed. */
type StatementOrColumn<S extends string> = S extends `${string} ${string}` | `${string}\n${string}`
  ? TextFragment<unknown>
  : string extends S
    ? TextFragment<unknown>
    : TextColumn;

/**
 * Raw SQL with named parameters, as a statement or as an expression inside one: `text("select :a", { a: 1 })`. Values may
 * also be given when it is executed. `\:` is a plain colon.
 *
 * Without arguments, or with a single word, it is the definition of a text column: `text()`, `text("body")`. A statement
 * of one word takes an object of parameters to be told apart: `text("VACUUM", {})`.
 *
 * @throws ArgumentError for a parameter that the text does not mention
 *
 * @example
 * ```ts
 * import { createEngine, text } from "alkahest";
 *
 * const engine = createEngine("sqlite::memory:");
 * await using connection = await engine.connect();
 * const result = await connection.execute(text("select :a + :b as total", { a: 1, b: 2 }));
 * result.all(); // [[3]]
 * ```
 */
export function text(): TextColumn;
export function text<const S extends string>(statementOrName: S): StatementOrColumn<S>;
export function text(statement: string, parameters: TextParameters): TextFragment<unknown>;
export function text(first?: string, parameters?: TextParameters): TextFragment<unknown> | TextColumn {
  if (first !== undefined && typeof first !== "string") {
    throw new ArgumentError(`text() takes SQL as a string, not ${describeValue(first)}.`);
  }
  if (first === undefined || (parameters === undefined && !/\s/.test(first))) return textColumn(first);
  return textStatement(first, parameters ?? {});
}

/** Raw SQL with named parameters; see {@link text}. */
export function textStatement(statement: string, parameters: TextParameters): TextFragment<unknown> {
  assertParameters("text()", parameters);
  const { strings, names } = parseParameters(statement);
  for (const name of Object.keys(parameters)) {
    if (names.includes(name)) continue;
    throw new ArgumentError(`text() has no parameter :${name}: ${statement}`);
  }
  const expressions = names.map((name) =>
    Object.hasOwn(parameters, name) ? givenValue(parameters, name) : new NamedParameter(name),
  );
  return new TextFragment(strings, expressions);
}

/** What is no place for parameters (strings, quoted names, comments, casts), escaped colons, and parameters. */
const TOKENS =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\$(\w*)\$[\s\S]*?\$\1\$|--[^\n]*|\/\*[\s\S]*?\*\/|::|\\:|(?<![\w:]):([A-Za-z_]\w*)/g;

function parseParameters(statement: string): { strings: readonly string[]; names: readonly string[] } {
  const strings: string[] = [];
  const names: string[] = [];
  let current = "";
  let position = 0;
  for (const match of statement.matchAll(TOKENS)) {
    current += statement.slice(position, match.index);
    position = match.index + match[0].length;
    const name = match[2];
    if (name !== undefined) {
      strings.push(current);
      names.push(name);
      current = "";
    } else {
      current += match[0] === "\\:" ? ":" : match[0];
    }
  }
  strings.push(current + statement.slice(position));
  return { strings, names };
}
