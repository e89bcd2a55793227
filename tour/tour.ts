import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Output } from "./narrate.ts";
import { Stage } from "./stage.ts";

/** One founding program: plays on the stage and leaves the database empty. */
export type Case = (stage: Stage) => Promise<void>;

/**
 * Runs the cases on an SQLite file of its own, which is removed at the end, whatever happens; or on another database.
 *
 * @returns whether every check passed
 */
export async function runTour(cases: readonly Case[], output: Output, url?: string): Promise<boolean> {
  const directory = mkdtempSync(join(tmpdir(), "alkahest-tour-"));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  // Ctrl-C skips `finally`, but not this.
  process.once("exit", remove);
  const interrupt = (): never => process.exit(130);
  process.once("SIGINT", interrupt);
  const stage = new Stage(url ?? `sqlite:///${join(directory, "tour.db")}`, output);
  try {
    stage.narrator.say(
      `The programs that this library started from: two bug reports against SQLAlchemy and a chapter of its manual. They run
       on ${url === undefined ? "an SQLite file" : stage.engine.url} with foreign keys enforced. Lines behind "│" are what the engine's echo prints. Before a flush, its
       plan says what will be written, and why in this order.`,
    );
    for (const play of cases) await play(stage);
    stage.narrator.end();
  } catch (error) {
    stage.narrator.end(error);
  } finally {
    await stage.engine.dispose();
    remove();
    process.off("exit", remove);
    process.off("SIGINT", interrupt);
  }
  return stage.narrator.failures === 0;
}
