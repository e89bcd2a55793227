import { type Engine, text } from "alkahest";

/** A statement as a test looks at it. */
export interface Recorded {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** The statements that an engine runs, transaction control left out. */
export class StatementLog {
  readonly #all: Recorded[] = [];

  constructor(engine: Engine) {
    engine.on("statement", ({ sql, parameters }) => {
      if (!/^(begin|commit|rollback|savepoint|release)/i.test(sql)) this.#all.push({ sql, parameters });
    });
  }

  /** Forgets what was run so far. */
  clear(): void {
    this.#all.length = 0;
  }

  get all(): readonly Recorded[] {
    return this.#all;
  }

  /** What was done to which table, one word each: `["DELETE child", "INSERT child"]`; reads and pragmas are left out. */
  get writes(): readonly string[] {
    return this.#all.flatMap(({ sql }) => {
      const match = /(INSERT INTO|UPDATE|DELETE FROM) ["`]?(\w+)["`]?/i.exec(
        sql.replace(/^WITH .*?\) (?=UPDATE)/s, ""),
      );
      return match === null ? [] : [`${match[1]?.split(" ")[0]?.toUpperCase()} ${match[2]}`];
    });
  }
}

/** All rows of a query, as the database has them. */
export async function rowsOf(engine: Engine, sql: string): Promise<readonly (readonly unknown[])[]> {
  await using connection = await engine.connect();
  const result = await connection.execute(text(sql));
  return [...result].map((row) => [...(row as readonly unknown[])]); // raw SQL has rows of unknown values
}
