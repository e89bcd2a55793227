import { type Engine, Session, select, text } from "alkahest";
import { describe, expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";
import { type MemberLike, type MergeKind, mergeKinds, type ThingLike } from "./merge-models.ts";

/** What is there before the merge. */
const states: Readonly<Record<string, (session: Session, kind: MergeKind) => Promise<void>>> = {
  "the row is absent": async () => {},
  "the row is stored": (session, kind) => store(session, kind),
  "the row is loaded": async (session, kind) => {
    await store(session, kind);
    await load(session, kind);
  },
  "the row is loaded, and expired": async (session, kind) => {
    await store(session, kind);
    session.expire(await load(session, kind));
  },
  "the row is to be deleted": async (session, kind) => {
    await store(session, kind);
    session.delete(await load(session, kind));
  },
  "the row was deleted in this transaction": async (session, kind) => {
    await store(session, kind);
    session.delete(await load(session, kind));
    await session.flush();
  },
  "an equal object is pending": async (session, kind) => {
    session.add(kind.thing("pending"));
  },
};

async function store(session: Session, kind: MergeKind): Promise<void> {
  const thing = kind.thing("stored");
  Reflect.set(thing, "extra", "stored");
  session.add(thing);
  await session.commit();
  session.clear();
}

async function load(session: Session, { thingClass }: MergeKind): Promise<object> {
  // What is selected is an object of the class.
  return (await session.one(select(thingClass as never))) as object;
}

/** Merges three things of equal key, each another object, and says which objects of the session came of it. */
const programs: Readonly<
  Record<string, (session: Session, kind: MergeKind) => Promise<readonly (ThingLike | null)[]>>
> = {
  "one graph": async (session, kind) => {
    const group = kind.group(["a", "b", "c"].map((name) => kind.member(name, kind.thing(name))));
    const merged = (await session.merge(group)) as typeof group;
    return merged.members.map(({ thing }) => thing);
  },
  "several objects at once": async (session, kind) => {
    const members = ["a", "b", "c"].map((name) => kind.member(name, kind.thing(name)));
    const merged = (await session.mergeAll(members)) as MemberLike[];
    return merged.map(({ thing }) => thing);
  },
  "one object after the other": async (session, kind) => {
    const things: (ThingLike | null)[] = [];
    for (const name of ["a", "b", "c"]) {
      const merged = (await session.merge(kind.member(name, kind.thing(name)))) as MemberLike;
      things.push(merged.thing);
    }
    return things;
  },
};

/** The same by another key, which counts for the classes of the objects that are given. */
const keyPrograms: typeof programs = {
  "several objects at once": async (session, kind) => {
    const things = await session.mergeAll(
      ["a", "b", "c"].map((name) => kind.thing(name)),
      { key: kind.key as never },
    );
    for (const [i, name] of ["a", "b", "c"].entries()) session.add(kind.member(name, things[i] as object));
    return things as ThingLike[];
  },
  "one object after the other": async (session, kind) => {
    const things: ThingLike[] = [];
    for (const name of ["a", "b", "c"]) {
      const thing = await session.merge(kind.thing(name), { key: kind.key as never });
      things.push(thing as ThingLike);
      session.add(kind.member(name, thing));
    }
    return things;
  },
};

describe.each([true, false])("merging new objects of equal key, autoflush %s", (autoflush) => {
  onEveryDatabase("in every state", (database) => {
    it.each(Object.keys(mergeKinds))("makes them one: by %s", async (name) => {
      const kind = (mergeKinds[name] as () => MergeKind)();
      const engine = database.open();
      await kind.metadata.createAll(engine as never);
      for (const [state, prepare] of Object.entries(states)) {
        for (const [program, merge] of Object.entries(kind.key === null ? programs : keyPrograms)) {
          const label = `${program}, ${state}`;
          const session = new Session(engine, { autoflush });
          await prepare(session, kind);
          const things = await merge(session, kind);
          expect(new Set(things).size, label).toBe(1);
          await session.commit();
          const survives = !/absent|delete|pending/.test(state);
          expect(await rowsOf(engine, "select note, extra from things"), label).toEqual([
            ["c", survives ? "stored" : null],
          ]);
          expect(things[0]?.note, label).toBe("c");
          const members = await rowsOf(engine, `select * from members order by name`);
          expect(members.length, label).toBe(3);
          expect(new Set(members.map((row) => JSON.stringify(row.slice(1)))).size, label).toBe(1);
          expect(JSON.stringify(members[0]?.at(-1)), label).not.toBe("null");
          await session.close();
          await empty(engine, kind);
        }
      }
      await engine.dispose();
    });
  });
});

async function empty(engine: Engine, { tables }: MergeKind): Promise<void> {
  await engine.begin(async (connection) => {
    for (const table of tables)
      await connection.execute(text(`delete from ${table === "groups" ? engine.dialect.quote(table) : table}`));
  });
}

onEveryDatabase("merging many", (database) => {
  it.each(Object.keys(mergeKinds))("asks once for each class: by %s", async (name) => {
    const kind = (mergeKinds[name] as () => MergeKind)();
    if (kind.key !== null) return;
    const engine = database.open();
    await kind.metadata.createAll(engine as never);
    const session = new Session(engine);
    const log = new StatementLog(engine);
    await session.mergeAll(["a", "b", "c", "d"].map((member) => kind.member(member, kind.thing(member))));
    const tables = kind.tables.filter((table) => table !== "groups" && table !== "tools");
    // Nothing can belong to a parent that is not there, so that nothing is asked for then.
    expect(log.all.length).toBeLessThanOrEqual(tables.length);
    await session.close();
    await engine.dispose();
  });
});
