import { declarativeBase, inspect, integer, Session, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../../support/databases.ts";
import { rowsOf } from "../../support/statements.ts";

onEveryDatabase("a listener of the engine that fails when it is told of a commit", (database) => {
  it("fails the call, but what is committed is committed, for the objects too", async () => {
    const Base = declarativeBase();
    class Note extends Base("note", { id: integer().primaryKey(), text: varchar(20) }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    const note = new Note({ id: 1, text: "a" });
    session.add(note);
    const fail = (): never => {
      throw new Error("of the listener");
    };
    engine.on("commit", fail);
    await expect(session.commit()).rejects.toThrow("of the listener");
    expect(inspect(note).state).toBe("persistent");
    note.text = "b";
    await expect(
      session.transaction(async () => {
        note.text = "c";
      }),
    ).rejects.toThrow("of the listener");
    expect(note.text).toBe("c");
    engine.off("commit", fail);
    await session.rollback();
    expect(await rowsOf(engine, "select id, text from note")).toEqual([[1, "c"]]);
    note.text = "d";
    await session.commit();
    expect(await rowsOf(engine, "select text from note")).toEqual([["d"]]);
    await session.close();
  });
});
