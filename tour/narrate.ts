import { isDeepStrictEqual } from "node:util";

/** Where the tour writes to; the tests collect it instead. */
export interface Output {
  write(text: string): unknown;
  readonly columns?: number;
  readonly isTTY?: boolean;
}

const CODES = { bold: 1, dim: 2, red: 31, green: 32, cyan: 36 };
type Look = keyof typeof CODES;

/** Writes headings, prose, code, SQL and checks, each with a look of its own; colours only where they will be seen. */
export class Narrator {
  checks = 0;
  failures = 0;
  readonly #output: Output;
  readonly #width: number;
  readonly #colours: boolean;

  constructor(output: Output) {
    this.#output = output;
    this.#width = Math.min(Math.max(output.columns ?? 100, 72), 110);
    this.#colours = output.isTTY === true && !process.env.NO_COLOR;
  }

  title(text: string): void {
    const line = `━━ ${text} `.padEnd(this.#width, "━");
    this.#lines("", "", this.#paint(line, "bold"), "");
  }

  part(text: string): void {
    this.#lines("", this.#paint(`── ${text}`, "bold"));
  }

  say(text: string): void {
    this.#lines(...wrap(text.replace(/\s+/g, " ").trim(), this.#width));
  }

  /** Program text, as it stands in the file of the case. */
  code(lines: readonly string[]): void {
    this.#lines("", ...lines.map((line) => this.#paint(`    ${line}`, "cyan")), "");
  }

  /** A line of the engine's echo. */
  sql(line: string): void {
    const [first = "", ...rest] = wrap(line, this.#width - 8);
    const look: Look[] = line.startsWith("(") ? ["dim"] : [];
    this.#lines(...[first, ...rest.map((part) => `  ${part}`)].map((part) => `  │ ${this.#paint(part, ...look)}`));
  }

  /** What `session.plan()` prints, or a message of the library. */
  quote(text: string): void {
    for (const line of text.split("\n")) {
      const indent = /^ */.exec(line)![0];
      const [first = "", ...rest] = wrap(line.trim(), this.#width - 8 - indent.length);
      this.#lines(`    ${indent}${first}`, ...rest.map((part) => `    ${indent}  ${part}`));
    }
  }

  /** Compares, prints a mark, and remembers when something is wrong. */
  check(what: string, actual: unknown, expected: unknown): void {
    this.checks++;
    if (isDeepStrictEqual(actual, expected)) {
      this.#lines(...hanging(`  ${this.#paint("✓", "green")} `, wrap(what, this.#width - 4)));
      return;
    }
    this.failures++;
    this.#lines(
      ...hanging(`  ${this.#paint("✗", "red")} `, wrap(what, this.#width - 4)),
      `      expected ${JSON.stringify(expected)}`,
      `      found    ${JSON.stringify(actual)}`,
    );
  }

  gap(): void {
    this.#lines("");
  }

  /** The last line, and what went wrong if something threw. */
  end(error?: unknown): void {
    if (error !== undefined) {
      this.failures++;
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#lines("", this.#paint("The tour stopped at an error:", "red"), text);
    }
    const result = `${this.checks - Math.min(this.failures, this.checks)} of ${this.checks} checks passed`;
    this.#lines("", this.#paint(result, "bold", this.failures === 0 ? "green" : "red"));
  }

  #lines(...lines: readonly string[]): void {
    for (const line of lines) this.#output.write(`${line}\n`);
  }

  #paint(text: string, ...looks: readonly Look[]): string {
    if (!this.#colours || text === "" || looks.length === 0) return text;
    return `\u001b[${looks.map((look) => CODES[look]).join(";")}m${text}\u001b[0m`;
  }
}

/** Breaks a text at spaces; a word that is longer than a line stays whole. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** Puts a mark before the first line and indents the others. */
function hanging(mark: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => (index === 0 ? mark : "    ") + line);
}
