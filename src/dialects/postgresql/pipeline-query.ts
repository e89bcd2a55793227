import type { TextRows } from "./text-results.ts";

/** The server is through with what was sent, or gone. */
type WireEvent = "readyForQuery" | "end";

/** The part of `pg`'s connection that sends single messages of the protocol. */
export interface PgWire {
  parse(message: { readonly name: string; readonly text: string }): void;
  bind(message: { readonly statement: string; readonly values: readonly (string | Buffer | null)[] }): void;
  describe(message: { readonly type: "P"; readonly name: string }): void;
  execute(message: { readonly portal: string }): void;
  sync(): void;
  once(event: WireEvent, listener: () => void): unknown;
  off(event: WireEvent, listener: () => void): unknown;
  readonly stream: { cork?(): void; uncork?(): void };
  /** The texts of the statements that are prepared, by their names. */
  readonly parsedStatements: Record<string, string>;
}

/** One statement of those that are sent together. */
export interface PipelinedStatement {
  readonly text: string;
  /** The name under which it is prepared; null: without one. */
  readonly name: string | null;
  readonly values: readonly unknown[];
}

/** What a statement answered. */
export interface PipelinedAnswer extends TextRows {
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
  readonly rowCount: number;
}

/** Tells how many statements have succeeded, and why the next one has not. */
type Callback = (error: unknown, answers: readonly PipelinedAnswer[]) => void;

/**
 * Statements that are sent together, with one Sync behind them: after an error, the server skips the others up to there.
 * It is a query as `pg`'s client takes them from outside ("submittable"): the client calls `submit` when it is its turn,
 * and then a method for each message that comes back.
 */
export class PipelineQuery {
  readonly #statements: readonly PipelinedStatement[];
  readonly #answers: PipelinedAnswer[] = [];
  #fields: PipelinedAnswer["fields"] = [];
  #rows: unknown[][] = [];
  /** The client puts its own around it, which ends a timeout. */
  callback: Callback;

  constructor(statements: readonly PipelinedStatement[], callback: Callback) {
    this.#statements = statements;
    this.callback = callback;
  }

  /** With {@link text}, what the client takes down when a statement is prepared: the one whose turn it is. */
  get name(): string {
    return this.#statements[this.#answers.length]?.name ?? "";
  }

  get text(): string {
    return this.#statements[this.#answers.length]?.text ?? "";
  }

  submit(wire: PgWire): null {
    const parsed = new Set<string>();
    wire.stream.cork?.();
    try {
      for (const { text, name, values } of this.#statements) {
        const statement = name ?? "";
        if (name === null || !(name in wire.parsedStatements || parsed.has(name)))
          wire.parse({ name: statement, text });
        parsed.add(statement);
        wire.bind({ statement, values: values.map(wireValue) });
        wire.describe({ type: "P", name: "" });
        wire.execute({ portal: "" });
      }
      wire.sync();
    } finally {
      wire.stream.uncork?.();
    }
    return null;
  }

  handleRowDescription({ fields }: { readonly fields: PipelinedAnswer["fields"] }): void {
    this.#fields = fields;
  }

  handleDataRow({ fields }: { readonly fields: unknown[] }): void {
    this.#rows.push(fields);
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#answer(Number(/\d+$/.exec(text)?.[0] ?? 0));
  }

  handleEmptyQuery(): void {
    this.#answer(0);
  }

  handleError(error: unknown, wire: PgWire): void {
    const fail = () => {
      wire.off("readyForQuery", fail);
      wire.off("end", fail);
      this.callback(error, this.#answers);
    };
    if (isOfServer(error)) {
      // Only then does the client know what became of the transaction.
      wire.once("readyForQuery", fail);
      wire.once("end", fail);
    } else fail();
  }

  handleReadyForQuery(): void {
    this.callback(null, this.#answers);
  }

  #answer(rowCount: number): void {
    this.#answers.push({ rows: this.#rows, fields: this.#fields, rowCount });
    this.#rows = [];
    this.#fields = [];
  }
}

/** Is it an answer of the server, which it ends as every other one? Others tell of a broken connection, or a timeout. */
function isOfServer(error: unknown): boolean {
  return error instanceof Error && "severity" in error;
}

/** Values are bound: what is not bytes is text. */
function wireValue(value: unknown): string | Buffer | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return String(value);
}
