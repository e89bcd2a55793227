import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createEngine, type Engine, type Session, text } from "alkahest";
import { Narrator, type Output } from "./narrate.ts";

/** What a case plays on: an engine whose echo the narrator prints while a scene is on, and a few ways to look behind. */
export class Stage {
  readonly narrator: Narrator;
  readonly engine: Engine;
  #writes: string[] = [];

  constructor(url: string, output: Output) {
    this.narrator = new Narrator(output);
    this.engine = createEngine(url, { logger: (line) => this.narrator.sql(line) });
    this.engine.on("statement", ({ sql }) => {
      const write = /\b(INSERT|UPDATE|DELETE)(?: INTO| FROM)? "?(\w+)/.exec(sql);
      if (write) this.#writes.push(`${write[1]} ${write[2]}`);
    });
  }

  /**
   * Prints a passage of the case's own source, then runs `scene` with echo on: what is shown is what runs.
   *
   * @param file `import.meta.url` of the case
   * @param passage the lines between `// show: <passage>` and `// end`
   * @returns what was written, statement by statement: `["DELETE child", "INSERT child"]`
   */
  async play(file: string, passage: string, scene: () => Promise<void>): Promise<readonly string[]> {
    this.show(file, passage);
    return this.echo(scene);
  }

  show(file: string, passage: string): void {
    this.narrator.code(passageOf(file, passage));
  }

  /** Runs `scene` with echo on. */
  async echo(scene: () => Promise<void>): Promise<readonly string[]> {
    this.engine.echo = true;
    try {
      return await this.count(scene);
    } finally {
      this.engine.echo = false;
    }
  }

  /** Runs `scene` without echo; returns what was written, as {@link play} does. */
  async count(scene: () => Promise<void>): Promise<readonly string[]> {
    this.#writes = [];
    await scene();
    return this.#writes;
  }

  /** Prints what the session would write now. */
  async plan(session: Session): Promise<void> {
    this.narrator.quote((await session.plan()).toString());
  }

  /** The committed rows of a query, as arrays: what a stranger to the session would see. */
  async rows(sql: string): Promise<unknown[]> {
    await using connection = await this.engine.connect();
    const result = await connection.execute(text(sql, {}));
    return result.all().map((row) => (Array.isArray(row) ? [...row] : row));
  }
}

const START = /^\s*\/\/ show: (.*)$/;
const FORMATTER = /^\s*\/\/ biome-ignore /;
const END = /^\s*\/\/ end$/;

/** The lines of a passage, without their common indentation and without what is said to the formatter. */
function passageOf(file: string, name: string): string[] {
  const lines = readFileSync(fileURLToPath(file), "utf8").split("\n");
  const start = lines.findIndex((line) => START.exec(line)?.[1] === name);
  const end = lines.findIndex((line, index) => index > start && END.test(line));
  if (start < 0 || end < 0) throw new Error(`${file} has no passage "// show: ${name}" with an "// end".`);
  const passage = lines.slice(start + 1, end).filter((line) => !FORMATTER.test(line));
  const indent = Math.min(...passage.filter((line) => line.trim() !== "").map((line) => line.search(/\S/)));
  return passage.map((line) => line.slice(indent));
}
