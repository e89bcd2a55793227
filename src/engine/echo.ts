/** Where echoed lines go. */
export type Logger = (line: string) => void;

/** More characters of SQL than this are cut in the middle: the text of a large batch says little after its start. */
const MAX_SQL = 2000;
const MAX_PARAMETERS = 50;
const FIRST_PARAMETERS = 8;
const LAST_PARAMETERS = 2;
const MAX_VALUE = 300;

/** Writes what an engine does to a log, statement for statement, in the format of SQLAlchemy's documents. */
export class Echo {
  readonly #logger: Logger;
  readonly #hideParameters: boolean;

  constructor(logger: Logger, hideParameters: boolean) {
    this.#logger = logger;
    this.#hideParameters = hideParameters;
  }

  line(text: string): void {
    this.#logger(text);
  }

  /** A statement that took longer than it should. */
  slow(sql: string, parameters: readonly unknown[], durationMs: number): void {
    this.#logger(`slow statement, ${durationMs.toFixed(1)} ms:`);
    this.statement(sql, parameters);
  }

  statement(sql: string, parameters: readonly unknown[]): void {
    this.#logger(shorten(sql, MAX_SQL));
    if (parameters.length > 0) this.#logger(this.#hideParameters ? hidden(parameters) : formatParameters(parameters));
  }
}

/**
 * Parameters as a log shows them: `(null, 'somewidget')`. A list of more than fifty shows its first eight and its last
 * two, a long value its start and its end.
 */
export function formatParameters(parameters: readonly unknown[]): string {
  if (parameters.length <= MAX_PARAMETERS) return `(${parameters.map(formatValue).join(", ")})`;
  const first = parameters.slice(0, FIRST_PARAMETERS).map(formatValue);
  const last = parameters.slice(-LAST_PARAMETERS).map(formatValue);
  const left = parameters.length - FIRST_PARAMETERS - LAST_PARAMETERS;
  return `(${first.join(", ")}, ... ${left} of ${parameters.length} parameters left out ..., ${last.join(", ")})`;
}

function formatValue(value: unknown): string {
  if (typeof value === "string") return `'${shorten(value, MAX_VALUE).replaceAll("'", "''")}'`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof Uint8Array) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, Math.min(value.byteLength, 32)).toString("hex");
    return value.byteLength > 32 ? `x'${bytes}...' (${value.byteLength} bytes)` : `x'${bytes}'`;
  }
  return shorten(String(value), MAX_VALUE);
}

function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const head = Math.floor(limit * 0.7);
  const tail = Math.floor(limit * 0.2);
  return `${text.slice(0, head)} ... (${text.length - head - tail} characters left out) ... ${text.slice(-tail)}`;
}

function hidden(parameters: readonly unknown[]): string {
  return `(${parameters.length} ${parameters.length === 1 ? "parameter" : "parameters"} hidden)`;
}
