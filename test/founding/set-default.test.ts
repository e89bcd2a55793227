import {
  declarativeBase,
  func,
  inspect,
  integer,
  lazy,
  literal,
  manyToOne,
  oneToMany,
  Session,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";

// Rows that let go of a changed key instead of following it, because their foreign key says so.

type LetsGo = "set null" | "set default";

/** Things let go of a box whose code changes; notes follow, by themselves or by the flush. */
function models(onUpdate: LetsGo, notesCascade: boolean) {
  const Base = declarativeBase();
  class Box extends Base("box", {
    code: varchar(20).primaryKey(),
    get things() {
      return oneToMany(Thing, { backPopulates: "box" });
    },
  }) {}
  class Thing extends Base("thing", {
    id: integer().primaryKey(),
    get boxCode() {
      return varchar(20).serverDefault("none").references(Box.c.code, { onUpdate });
    },
    get box() {
      return manyToOne(Box, { backPopulates: "things" });
    },
  }) {}
  class Note extends Base("note", {
    id: integer().primaryKey(),
    get boxCode() {
      return varchar(20).references(Box.c.code, notesCascade ? { onUpdate: "cascade" } : {});
    },
  }) {}
  return { Base, Box, Thing, Note };
}

/** InnoDB has no SET DEFAULT, and nothing that would carry a key along a plain foreign key. */
function isPossible({ capabilities }: TestDatabase, onUpdate: LetsGo, notesCascade: boolean): boolean {
  return capabilities.keysFollow || (onUpdate === "set null" && notesCascade);
}

onEveryDatabase("a changed key", (database) => {
  for (const onUpdate of ["set null", "set default"] as const) {
    for (const notesCascade of [true, false]) {
      const others = `others follow by ${notesCascade ? "themselves" : "the flush"}`;
      it.runIf(isPossible(database, onUpdate, notesCascade))(
        `is let go of by rows with ON UPDATE ${onUpdate.toUpperCase()}, which the objects show, where ${others}`,
        async () => {
          const { Base, Box, Thing, Note } = models(onUpdate, notesCascade);
          const engine = database.open();
          await Base.metadata.createAll(engine);
          await using session = new Session(engine);
          const [none, box] = [new Box({ code: "none" }), new Box({ code: "a" })];
          const thing = new Thing({ box });
          session.addAll([none, box, thing]);
          await session.flush();
          const note = new Note({ boxCode: "a" });
          session.add(note);
          await session.commit();
          box.code = "b";
          await session.flush();
          const code = onUpdate === "set null" ? null : "none";
          expect([thing.boxCode, note.boxCode]).toEqual([code, "b"]);
          expect(inspect(box).isLoaded("things") ? [...box.things] : []).toEqual([]);
          expect(await lazy(thing).box).toBe(code === null ? null : none);
          await session.commit();
          expect(await rowsOf(engine, "select box_code from thing union all select box_code from note")).toEqual([
            [code],
            ["b"],
          ]);
          await engine.dispose();
        },
      );
    }
  }

  it.runIf(isPossible(database, "set default", true))(
    "is read again where only the database knows the default",
    async () => {
      const Base = declarativeBase();
      class Box extends Base("box", { code: varchar(20).primaryKey() }) {}
      class Thing extends Base("thing", {
        id: integer().primaryKey(),
        get boxCode() {
          return varchar(20)
            .serverDefault(func.lower(literal("NONE")))
            .references(Box.c.code, { onUpdate: "set default" });
        },
      }) {}
      const engine = database.open();
      await Base.metadata.createAll(engine);
      await using session = new Session(engine);
      const [none, box] = [new Box({ code: "none" }), new Box({ code: "a" })];
      const thing = new Thing({ boxCode: "a" });
      session.addAll([none, box, thing]);
      await session.commit();
      box.code = "b";
      await session.commit();
      expect(await lazy(thing).boxCode).toBe("none");
      await engine.dispose();
    },
  );
});
