import { createEngine, Session } from "alkahest";
import { describe, expect, it } from "vitest";
import { Base } from "./models.ts";
import { RandomWorld, randomNumbers } from "./random-world.ts";

const SEEDS = 150;

describe("after any sequence of changes, loads, flushes, savepoints, commits and rollbacks", () => {
  it(`memory and database say the same (${SEEDS} seeds)`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) await run(seed);
  }, 60_000);
});

async function run(seed: number): Promise<void> {
  const random = randomNumbers(seed);
  const engine = createEngine("sqlite::memory:");
  await Base.metadata.createAll(engine);
  const session = new Session(engine, { autoflush: random(2) === 0 });
  const world = new RandomWorld(session, random);
  try {
    for (let round = 0; round < 6; round++) {
      const steps = 5 + random(20);
      for (let i = 0; i < steps; i++) await world.step();
      const ending = random(2) === 0 ? "commit" : "rollback";
      world.log.push(ending);
      await session[ending]();
      expect(await world.differences()).toEqual([]);
      if (random(3) > 0) continue;
      await world.reload();
      expect(await world.differences()).toEqual([]);
    }
  } catch (cause) {
    throw new Error(`Seed ${seed} failed after:\n${world.log.join("\n")}`, { cause });
  } finally {
    await session.close();
    await engine.dispose();
  }
}
