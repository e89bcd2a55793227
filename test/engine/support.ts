import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { sqlite } from "../../src/dialects/sqlite/setup.ts";
import { createEngine, type Engine, type EngineOptions, registerDialect } from "../../src/engine/index.ts";

registerDialect("sqlite", sqlite);

/** An engine on a database in memory that is gone after the test. */
export function memoryEngine(options: EngineOptions = {}): Engine {
  const engine = createEngine("sqlite::memory:", options);
  onTestFinished(() => engine.dispose());
  return engine;
}

/** An engine on an empty file that is gone after the test. */
export function fileEngine({ query = "", ...options }: EngineOptions & { readonly query?: string } = {}): Engine {
  const folder = mkdtempSync(join(tmpdir(), "alkahest-"));
  const engine = createEngine(`sqlite:///${join(folder, "app.db")}${query}`, options);
  onTestFinished(async () => {
    await engine.dispose();
    rmSync(folder, { recursive: true });
  });
  return engine;
}

/** An engine on a database in memory, and the lines that it logs. */
export function loggedEngine(options: EngineOptions = {}): { engine: Engine; lines: string[] } {
  const lines: string[] = [];
  return { engine: memoryEngine({ echo: true, logger: (line) => lines.push(line), ...options }), lines };
}
