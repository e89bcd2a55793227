import { type EngineEvents, Session, select } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../../support/databases.ts";
import { Base, Group } from "./models.ts";

onEveryDatabase("a session that is never closed", (database) => {
  it("is found by the place where it began its transaction", async () => {
    const engine = database.open({ engine: { pool: { leakAfter: 300 } } });
    await Base.metadata.createAll(engine);
    const leak = new Promise<EngineEvents["leak"]>((resolve) => engine.on("leak", resolve));
    const session = new Session(engine);
    async function forgetfulReport(): Promise<void> {
      await session.all(select(Group));
    }
    await forgetfulReport();
    const { stack, description } = await leak;
    expect(stack).toContain("forgetfulReport");
    expect(description).toContain("in a transaction");
    await session.close();
    await engine.dispose();
  });
});
