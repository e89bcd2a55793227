import { Editor, type EditSeed } from "./edits.ts";
import type { Scenario } from "./scenario.ts";
import { settle, type World } from "./world.ts";

/** What edits have led to. */
export interface Performed {
  /** The number of the next new row. */
  readonly next: number;
  /** The new rows, by number. */
  readonly made: readonly number[];
  /** What the database holds once it is flushed. */
  readonly settled: World;
}

/** Does the edits to the objects of the session that make sense there. */
export function perform(scenario: Scenario, edits: readonly EditSeed[], next: number): Performed {
  const { schema, committed } = scenario;
  const editor = new Editor(schema, committed, next, scenario.isWhole);
  for (const one of edits) {
    const known = new Set(editor.world.rows.keys());
    const done = editor.steps.length;
    if (!editor.apply(one)) continue;
    scenario.noteMade(editor.world, known);
    scenario.perform(editor.steps.slice(done), editor.world);
  }
  const settled = settle(schema, editor.world, committed);
  if (settled === null) throw new Error("the edits lead to something that no database holds");
  const made = [...editor.world.rows.keys()].filter((row) => !committed.rows.has(row));
  return { next: editor.next, made, settled };
}
