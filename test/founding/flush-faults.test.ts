import { ConnectionLostError, FlushCycleError, InvalidStateError, inspect, type SessionSavepoint } from "alkahest";
import fc from "fast-check";
import { expect, it } from "vitest";
import { onSharedDatabases, type TestDatabase } from "../support/databases.ts";
import type { EditSeed } from "../support/random/edits.ts";
import { perform } from "../support/random/perform.ts";
import { changesSince, possibleOn, Scenario } from "../support/random/scenario.ts";
import { type SchemaSpec, schemaSpec } from "../support/random/schema.ts";
import { rowsOf } from "../support/statements.ts";

/** Random flushes for each database; `npm run test:faults` runs 200. Each is run for each of its statements and faults. */
const FLUSHES = Number(process.env.ALKAHEST_FAULT_FLUSHES ?? (process.env.CI === "true" ? 200 : 20));
const SEED = Number(process.env.ALKAHEST_RANDOM_SEED ?? 20_261_125);

const FAULTS = ["refused", "answer lost", "connection lost"] as const;

/** What happens to a statement: it is not executed, it is but fails all the same, or the connection is gone with it. */
type Fault = (typeof FAULTS)[number];

const number = fc.nat(23);
const edit: fc.Arbitrary<EditSeed> = fc.tuple(fc.nat(15), number, number, number, number);
const inserts: fc.Arbitrary<EditSeed> = fc.tuple(fc.constant(0), number, number, number, number);

/** Lets statements fail while a flush is under way. */
class Injector {
  /** Statements from here to the one that fails; below zero: none does. */
  countdown = -1;
  fault: Fault = "refused";
  isHit = false;

  readonly around = async <T>(_: string, execute: () => Promise<T>): Promise<T> => {
    if (this.countdown < 0 || this.countdown-- > 0) return execute();
    this.isHit = true;
    if (this.fault === "answer lost") await execute();
    throw this.fault === "connection lost" ? new ConnectionLostError("injected loss") : new Error("injected failure");
  };
}

/** Runs one flush with a fault at each of its statements in turn, and at last without one. Counts the faults. */
async function run(
  database: TestDatabase,
  schema: SchemaSpec,
  first: readonly EditSeed[],
  edits: readonly EditSeed[],
  inSavepoint: boolean,
): Promise<number> {
  const injector = new Injector();
  const scenario = new Scenario(possibleOn(database, schema), database, injector.around);
  await scenario.open();
  try {
    const start = perform(scenario, first, 0);
    const refused = await scenario.session.commit().catch((error: unknown) => error);
    // Circles that this database cannot write are another test's matter.
    if (refused instanceof FlushCycleError) return 0;
    if (refused !== undefined) throw refused;
    scenario.commitModel(start.settled);
    let { next } = start;
    for (let run = 0; ; run++) {
      const [position, fault] = [Math.floor(run / FAULTS.length), FAULTS[run % FAULTS.length]];
      const before = scenario.snapshot();
      const savepoint = inSavepoint ? await scenario.session.beginNested() : null;
      const round = perform(scenario, edits, next);
      next = round.next;
      Object.assign(injector, { countdown: position, fault, isHit: false });
      const error = await scenario.session.flush().catch((reason: unknown) => reason);
      injector.countdown = -1;
      if (injector.isHit) await expectFailed(scenario, savepoint, error, before, round.made);
      else {
        if (error instanceof FlushCycleError) return run;
        if (error !== undefined) throw error;
        await scenario.session.commit();
        scenario.commitModel(round.settled);
        expectNothing(await scenario.differences(round.settled));
        return run;
      }
    }
  } finally {
    await scenario.close();
  }
}

async function expectFailed(
  scenario: Scenario,
  savepoint: SessionSavepoint | null,
  error: unknown,
  before: ReturnType<Scenario["snapshot"]>,
  made: readonly number[],
): Promise<void> {
  const { session, engine, committed, schema } = scenario;
  // One that is refused, and meets the fault in its ROLLBACK, tells why it is refused.
  if (!(error instanceof FlushCycleError)) expect(messages(error)).toContain("injected");
  if (savepoint === null) expect(engine.poolStatus()).toMatchObject({ inUse: 0, opening: 0, waiting: 0 });
  const refused = await session.flush().catch((reason: unknown) => reason);
  expect(refused).toBeInstanceOf(InvalidStateError);
  expect(refused).toHaveProperty("cause", error);
  // The savepoint is enough, unless the connection is lost with it, or could not go back to it.
  const isOver = savepoint === null || String(refused).includes("session.rollback()");
  if (isOver) await session.rollback();
  else await savepoint.rollback();
  expectNothing(changesSince(before));
  for (const row of made) expect(inspect(scenario.object(row)).state).toBe("transient");
  await session.flush();
  await session.commit();
  expect(engine.poolStatus()).toMatchObject({ inUse: 0, opening: 0, waiting: 0 });
  expectNothing(await scenario.differences(committed));
  // Rows of before in the database itself, by connections that are as they should be.
  if (schema.suspends)
    expect(await rowsOf(engine, "select @@foreign_key_checks")).toEqual([[Number(schema.foreignKeys)]]);
}

function messages(error: unknown): string {
  return error instanceof Error ? `${error.message}\n${messages(error.cause)}` : "";
}

function expectNothing(found: readonly string[]): void {
  if (found.length > 0) throw new Error(found.join("\n"));
}

onSharedDatabases("a flush", (database) => {
  it(`that fails at any of its statements leaves rows and objects as they were (${FLUSHES} flushes, seed ${SEED})`, async () => {
    let faults = 0;
    await fc.assert(
      fc.asyncProperty(
        schemaSpec,
        fc.array(inserts, { minLength: 2, maxLength: 8 }),
        fc.array(edit, { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        async (schema, first, edits, inSavepoint) => {
          faults += await run(database, schema, first, edits, inSavepoint);
        },
      ),
      { numRuns: FLUSHES, seed: SEED, endOnFailure: true },
    );
    expect(faults).toBeGreaterThan(FLUSHES);
  }, 3_600_000);
});
