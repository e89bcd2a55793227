import { ArgumentError, DataError } from "../errors/index.ts";
import { type Fingerprint, fingerprint, type Replacement } from "../expression/fingerprint.ts";
import { Node } from "../expression/node.ts";
import type { BindParameter } from "../expression/sql-expression.ts";
import { describeValue } from "../expression/sql-type.ts";
import { malformed } from "../expression/types/strings.ts";
import { defaultValue } from "../schema/column-default.ts";
import { GivenParameters, type TextParameters } from "../statement/text.ts";
import type { Compiled, CompiledBind, Prepared, Repeatable } from "./compiled.ts";
import type { StatementCompiler } from "./statement-compiler.ts";

/**
 * Remembers compiled statements by their structure, so that a statement built anew with other values is not compiled
 * again. The least recently used one makes room for the next.
 */
export class StatementCache {
  readonly #compiler: StatementCompiler;
  readonly #capacity: number;
  readonly #entries = new Map<string, Compiled>();

  /** @param capacity how many statements to remember; SQLAlchemy's number by default */
  constructor(compiler: StatementCompiler, capacity = 500) {
    this.#compiler = compiler;
    this.#capacity = capacity;
  }

  /** How many statements are remembered. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * The statement's text, compiled now or before, and its values in the order of the placeholders.
   *
   * @param parameters values for the `:name` parameters of raw SQL, which are as if they had been given before
   * @throws CompileError for what the database cannot do
   * @throws ArgumentError for a named parameter without a value, or a value without a parameter
   * @throws DataError for a text with half of a surrogate pair
   */
  prepare(statement: Node, parameters?: TextParameters): Prepared {
    if (!(statement instanceof Node)) {
      throw new ArgumentError(
        `Only statements can be executed, not ${describeValue(statement)}; text() of a single word defines a column: for a statement, write text("...", {}).`,
      );
    }
    const given = parameters === undefined ? null : new GivenParameters(parameters);
    const replace: Replacement | null = given === null ? null : (node) => given.replace(node);
    const found = fingerprint(statement, replace);
    given?.assertAllMentioned();
    const compiled = this.#compiled(found, statement, replace);
    const values = compiled.binds.map((bind) => boundValue(bind, found));
    assertWellFormed(values, compiled);
    return { compiled, values };
  }

  /**
   * The statement's text, and where the values of `parameters` go in it.
   *
   * @returns null if it has other values as well that are made anew for each execution
   */
  repeatable(statement: Node, parameters: readonly BindParameter<unknown>[]): Repeatable | null {
    const found = fingerprint(statement);
    const compiled = this.#compiled(found, statement, null);
    if (compiled.binds.some(({ kind }) => kind === "named" || kind === "default")) return null;
    const values = compiled.binds.map((bind) => boundValue(bind, found));
    const placeOf = new Map(parameters.map((parameter, place) => [parameter, place]));
    const places = compiled.binds.map((bind) => {
      const parameter = bind.kind === "literal" ? found.binds[bind.ordinal] : undefined;
      return parameter === undefined ? -1 : (placeOf.get(parameter) ?? -1);
    });
    return { compiled, values, places };
  }

  #compiled({ key, binds }: Fingerprint, statement: Node, replace: Replacement | null): Compiled {
    let compiled = this.#entries.get(key);
    if (compiled === undefined) {
      compiled = this.#compiler.compile(statement, binds, replace);
      const oldest = this.#entries.keys().next();
      if (this.#entries.size >= this.#capacity && !oldest.done) this.#entries.delete(oldest.value);
    } else {
      this.#entries.delete(key);
    }
    // The order of insertion is the order of use.
    this.#entries.set(key, compiled);
    return compiled;
  }
}

function boundValue(bind: CompiledBind, { binds }: Fingerprint): unknown {
  switch (bind.kind) {
    case "literal":
      return binds[bind.ordinal]?.value;
    case "fixed":
      return bind.value;
    case "default":
      return defaultValue(bind.column, bind.value);
    case "named":
      throw new ArgumentError(`The parameter :${bind.name} has no value: give it as { ${bind.name}: ... }.`);
  }
}

/** Drivers would write another character for half of a surrogate pair, and so compare with another text. */
function assertWellFormed(values: readonly unknown[], { sql }: Compiled): void {
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    const reason = typeof value === "string" ? malformed(value) : null;
    if (reason === null) continue;
    throw new DataError(`Parameter ${index + 1} cannot be stored: ${reason}\n  In: ${sql}`, {
      sql,
      parameters: values,
    });
  }
}
