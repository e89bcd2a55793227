import { Session, select, selectinLoad } from "alkahest";
import { describe, expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { mariadb } from "../support/mariadb.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";
import { naturalKeyModels } from "./models.ts";

interface Situation {
  readonly title: string;
  readonly cascade: boolean;
  readonly foreignKeys: boolean;
  /** Tables of the engine Aria of MariaDB, which has neither foreign keys nor transactions. */
  readonly aria?: boolean;
}

const situations: readonly Situation[] = [
  { title: "ON UPDATE CASCADE", cascade: true, foreignKeys: true },
  { title: "enforced foreign keys without it", cascade: false, foreignKeys: true },
  { title: "foreign keys that nobody checks", cascade: false, foreignKeys: false },
  { title: "ON UPDATE CASCADE that Aria forgets", cascade: true, foreignKeys: true, aria: true },
  { title: "foreign keys that Aria forgets", cascade: false, foreignKeys: true, aria: true },
];

/** Declares the same tests for every database that can be in the situation. */
function onDatabasesIn({ title, aria = false }: Situation, tests: (database: TestDatabase) => void): void {
  if (!aria) onEveryDatabase(`a primary key changes under ${title}`, tests);
  else if (mariadb !== null) describe(`a primary key changes under ${title} [${mariadb.name}]`, () => tests(mariadb!));
}

async function setUp(database: TestDatabase, { cascade, foreignKeys, aria = false }: Situation) {
  const models = naturalKeyModels({ cascade, aria });
  const engine = database.open({ foreignKeys });
  await models.Base.metadata.createAll(engine);
  const { User, Address, Note } = models;
  const setup = new Session(engine);
  for (const username of ["jack", "ed"]) {
    const addresses = ["a", "b"].map(
      (local) => new Address({ email: `${local}@${username}`, notes: [new Note({ text: `${local} of ${username}` })] }),
    );
    setup.add(new User({ username, fullname: `${username} full`, addresses }));
  }
  await setup.commit();
  await setup.close();
  const rows = async () => ({
    users: (
      await rowsOf(engine, `select username, fullname from ${engine.dialect.quote("user")} order by fullname`)
    ).map(([username]) => username),
    addresses: (await rowsOf(engine, "select username, email from address order by email")).map(
      ([username]) => username,
    ),
    notes: (await rowsOf(engine, "select username, text from note order by text")).map(([username]) => username),
  });
  return {
    ...models,
    engine,
    session: new Session(engine, aria ? {} : suspending(database)),
    log: new StatementLog(engine),
    rows,
  };
}

/** Where keys cannot change otherwise, the checks of foreign keys are suspended. */
function suspending({ capabilities }: TestDatabase): { readonly suspendForeignKeyChecks: boolean } {
  return { suspendForeignKeyChecks: !capabilities.keysFollow };
}

for (const situation of situations) {
  onDatabasesIn(situation, (database) => {
    const { cascade, foreignKeys, aria = false } = situation;
    if (!foreignKeys && !database.capabilities.foreignKeysOff) {
      it.skip("which this database does not have");
      return;
    }
    if (foreignKeys && !cascade && !aria && !database.capabilities.keysFollow) {
      it("is refused before any statement that writes, unless the session lets checks be suspended", async () => {
        const { User, engine, log } = await setUp(database, situation);
        await using session = new Session(engine);
        const ed = await session.get(User, "ed");
        if (ed === null) throw new Error("ed was stored");
        ed.username = "edward";
        await expect(session.commit()).rejects.toThrow(/onUpdate: "cascade".*suspendForeignKeyChecks: true/);
        expect(log.writes).toEqual([]);
        await session.rollback();
        expect(ed.username).toBe("ed");
      });

      it("is possible where nothing refers to it", async () => {
        const { User, engine, rows } = await setUp(database, situation);
        await using session = new Session(engine);
        const al = new User({ username: "al", fullname: "al full" });
        session.add(al);
        await session.commit();
        al.username = "alfred";
        await session.commit();
        expect((await rows()).users).toEqual(["alfred", "ed", "jack"]);
      });
    }

    it("and reaches rows three levels deep, of which nothing is loaded", async () => {
      const { User, engine, session, log, rows } = await setUp(database, situation);
      const ed = await session.get(User, "ed");
      if (ed === null) throw new Error("ed was stored");
      ed.username = "edward";
      await session.commit();
      expect(await rows()).toEqual({
        users: ["edward", "jack"],
        addresses: ["edward", "jack", "edward", "jack"],
        notes: ["edward", "jack", "edward", "jack"],
      });
      const together = foreignKeys && database.capabilities.sharesStatement;
      expect(log.writes).toEqual(
        (cascade && !aria) || together ? ["UPDATE user"] : ["UPDATE user", "UPDATE address", "UPDATE note"],
      );
      expect(await session.get(User, "edward")).toBe(ed);
      expect(await session.get(User, "ed")).toBeNull();
      await session.close();
      await engine.dispose();
    });

    it.skipIf(aria)("and every loaded object at every depth shows it, until a rollback", async () => {
      const { User, Address, engine, session, rows } = await setUp(database, situation);
      const load = select(User)
        .where(User.c.username.eq("ed"))
        .options(selectinLoad(User.c.addresses).selectinLoad(Address.c.notes));
      const ed = await session.one(load);
      const [address] = ed.addresses;
      const note = address?.notes[0];
      ed.username = "edward";
      await session.flush();
      expect([address?.username, note?.username]).toEqual(["edward", "edward"]);
      expect(await session.get(Address, { username: "edward", email: address?.email ?? "" })).toBe(address);
      await session.rollback();
      expect([ed.username, address?.username, note?.username]).toEqual(["ed", "ed", "ed"]);
      expect(await session.get(User, "ed")).toBe(ed);
      expect((await rows()).users).toEqual(["ed", "jack"]);
      await session.close();
      await engine.dispose();
    });

    it("and two rows exchange their keys", async () => {
      const { User, engine, session, rows } = await setUp(database, situation);
      const ed = await session.get(User, "ed");
      const jack = await session.get(User, "jack");
      if (ed === null || jack === null) throw new Error("both were stored");
      ed.username = "jack";
      jack.username = "ed";
      await session.commit();
      expect(await rows()).toEqual({
        users: ["jack", "ed"],
        addresses: ["jack", "ed", "jack", "ed"],
        notes: ["jack", "ed", "jack", "ed"],
      });
      expect(await session.get(User, "jack")).toBe(ed);
      expect(await session.get(User, "ed")).toBe(jack);
      await session.close();
      await engine.dispose();
    });
  });
}
