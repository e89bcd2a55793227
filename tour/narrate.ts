import { isDeepStrictEqual } from "node:util";

/** Where the tour writes to; the tests collect it instead. */
export interface Output {
  write(text: string): unknown;
  readonly columns?: number;
  readonly isTTY?: boolean;
}

const CODES = { bold: 1, dim: 2, red: 31, green: 32, cyan: 36 };
type Look = keyof typeof CODES;
type Kind = "title" | "part" | "say" | "code" | "sql" | "quote" | "check" | "end";

/** Writes headings, prose, code, SQL and checks, each with a look of its own; colours only where they will be seen. */
export class Narrator {
  checks = 0;
  failures = 0;
  readonly #output: Output;
  readonly #width: number;
  readonly #colours: boolean;
  #passed = 0;
  #last: Kind | null = null;

  constructor(output: Output) {
    this.#output = output;
    this.#width = Math.min(Math.max(output.columns ?? 100, 72), 110);
    this.#colours = output.isTTY === true && !process.env.NO_COLOR;
  }

  title(text: string): void {
    const line = `━━ ${text} `.padEnd(this.#width, "━");
    this.#print("title", ["", this.#paint(line, "bold")]);
  }

  part(text: string): void {
    this.#print("part", [this.#paint(`── ${text}`, "bold")]);
  }

  say(text: string): void {
    this.#print("say", wrap(text.replace(/\s+/g, " ").trim(), this.#width));
  }

  /** Program text, as it stands in the file of the case. */
  code(lines: readonly string[]): void {
    this.#print(
      "code",
      lines.map((line) => (line === "" ? "" : this.#paint(`    ${line}`, "cyan"))),
    );
  }

  /** A line of the engine's echo. */
  sql(line: string): void {
    const looks: Look[] = line.startsWith("(") ? ["dim"] : [];
    const [first = "", ...rest] = wrapSql(line, this.#width - 6);
    const lines = [first, ...rest.map((part) => `  ${part}`)];
    this.#print(
      "sql",
      lines.map((part) => `  │ ${this.#paint(part, ...looks)}`),
    );
  }

  /** What `session.plan()` prints, or a message of the library. */
  quote(text: string): void {
    const lines = text.split("\n").flatMap((line) => {
      const indent = `    ${/^ */.exec(line)![0]}`;
      const [first = "", ...rest] = wrap(line.trim(), this.#width - indent.length - 2);
      return [indent + first, ...rest.map((part) => `${indent}  ${part}`)];
    });
    this.#print("quote", lines);
  }

  /** Compares, prints a mark, and remembers when something is wrong. */
  check(what: string, actual: unknown, expected: unknown): void {
    this.checks++;
    if (isDeepStrictEqual(actual, expected)) {
      this.#passed++;
      this.#print("check", [`  ${this.#paint("✓", "green")} ${what}`]);
      return;
    }
    this.failures++;
    this.#print("check", [
      `  ${this.#paint("✗", "red")} ${what}`,
      `      expected ${JSON.stringify(expected)}`,
      `      found    ${JSON.stringify(actual)}`,
    ]);
  }

  /** The last line, and what went wrong if something threw. */
  end(error?: unknown): void {
    if (error !== undefined) {
      this.failures++;
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#print("end", [this.#paint("The tour stopped at an error:", "red"), text]);
    }
    const result = `${this.#passed} of ${this.checks} checks passed`;
    this.#print("end", [this.#paint(result, "bold", this.failures === 0 ? "green" : "red")]);
  }

  /** One thing after another, with an empty line between those that do not belong together. */
  #print(kind: Kind, lines: readonly string[]): void {
    const together = kind === this.#last && (kind === "sql" || kind === "check");
    const headed = this.#last === "part" && kind === "say";
    if (this.#last !== null && !together && !headed) this.#output.write("\n");
    this.#last = kind;
    for (const line of lines) this.#output.write(`${line}\n`);
  }

  #paint(text: string, ...looks: readonly Look[]): string {
    if (!this.#colours || text === "" || looks.length === 0) return text;
    return `\u001b[${looks.map((look) => CODES[look]).join(";")}m${text}\u001b[0m`;
  }
}

/** Breaks a text at spaces; a word that is longer than a line stays whole. */
function wrap(text: string, width: number): string[] {
  return fill(text.split(" "), width);
}

/** Breaks SQL before its clauses, and within a clause at spaces; a row of placeholders stays together. */
function wrapSql(text: string, width: number): string[] {
  const isStatement = !text.startsWith("(");
  if (text.length <= width || !isStatement) return wrap(text, width);
  const clauses = text.split(/ (?=(?:FROM|WHERE|VALUES|RETURNING)\b)/);
  return fill(
    clauses.flatMap((clause) => (clause.length > width - 2 ? fill(clause.split(/ (?![^(]*\))/), width - 2) : [clause])),
    width,
  );
}

/** Puts pieces on lines, as many on each as fit. */
function fill(pieces: readonly string[], width: number): string[] {
  const lines: string[] = [];
  let line: string | null = null;
  for (const piece of pieces) {
    if (line !== null && line.length + 1 + piece.length <= width) {
      line = `${line} ${piece}`;
    } else {
      if (line !== null) lines.push(line);
      line = piece;
    }
  }
  return line === null ? lines : [...lines, line];
}
