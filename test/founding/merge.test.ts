import { DuplicateIdentityError, Session } from "alkahest";
import { describe, expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";
import { mergeModels } from "./models.ts";

const MAIL = "shared@example.org";

async function setUp(database: TestDatabase, autoflush: boolean) {
  const models = mergeModels();
  const engine = database.open();
  await models.Base.metadata.createAll(engine);
  const { Group, User, Address } = models;
  const user = (login: string) => new User({ login, name: login, email: new Address({ emailAddress: MAIL }) });
  const group = () => new Group({ name: "G1", users: [user("u3"), user("u4"), user("u5")] });
  const addresses = async () => rowsOf(engine, "select email_address from addresses");
  const users = async () => rowsOf(engine, "select login, address from users order by login");
  return {
    ...models,
    engine,
    session: new Session(engine, { autoflush }),
    log: new StatementLog(engine),
    user,
    group,
    addresses,
    users,
  };
}

describe.each([{ autoflush: true }, { autoflush: false }])("with autoflush $autoflush", ({ autoflush }) => {
  onEveryDatabase("merging graphs with equal new addresses", (database) => {
    it("two merges of users end in one address", async () => {
      const { engine, session, user, addresses, users } = await setUp(database, autoflush);
      const [guy, gal] = [await session.merge(user("Guy")), await session.merge(user("Gal"))];
      expect(guy.email).toBe(gal.email);
      await session.commit();
      expect(await addresses()).toEqual([[MAIL]]);
      expect(await users()).toEqual([
        ["Gal", MAIL],
        ["Guy", MAIL],
      ]);
      await session.close();
      await engine.dispose();
    });

    it("one merge of a group with three users ends in one address row and one shared object", async () => {
      const { engine, session, group, addresses, users, log } = await setUp(database, autoflush);
      const source = group();
      const merged = await session.merge(source);
      const emails = new Set(merged.users.map((user) => user.email));
      expect(emails.size).toBe(1);
      expect(new Set(source.users.map((user) => user.email)).size).toBe(3);
      await session.commit();
      expect(await addresses()).toEqual([[MAIL]]);
      expect(await users()).toEqual([
        ["u3", MAIL],
        ["u4", MAIL],
        ["u5", MAIL],
      ]);
      expect(log.writes.filter((write) => write === "INSERT addresses")).toHaveLength(1);
      await session.close();
      await engine.dispose();
    });

    it("the address may be stored already", async () => {
      const { Address, engine, session, group, addresses } = await setUp(database, autoflush);
      session.add(new Address({ emailAddress: MAIL }));
      await session.commit();
      await session.merge(group());
      await session.commit();
      expect(await addresses()).toEqual([[MAIL]]);
      await session.close();
      await engine.dispose();
    });

    it("the address may be pending in the session", async () => {
      const { Address, engine, session, group, addresses } = await setUp(database, autoflush);
      const pending = new Address({ emailAddress: MAIL });
      session.add(pending);
      const merged = await session.merge(group());
      expect(merged.users.every((user) => user.email === pending)).toBe(true);
      await session.commit();
      expect(await addresses()).toEqual([[MAIL]]);
      await session.close();
      await engine.dispose();
    });

    it("mergeAll unites as well", async () => {
      const { engine, session, user, addresses } = await setUp(database, autoflush);
      const merged = await session.mergeAll([user("a"), user("b"), user("c")]);
      expect(new Set(merged.map(({ email }) => email)).size).toBe(1);
      await session.commit();
      expect(await addresses()).toEqual([[MAIL]]);
      await session.close();
      await engine.dispose();
    });

    it("adding the same graph is refused before any statement, and names both objects", async () => {
      const { engine, session, group, addresses, log } = await setUp(database, autoflush);
      session.add(group());
      log.clear();
      const failure = await session.flush().then(
        () => null,
        (error: unknown) => error,
      );
      expect(failure).toBeInstanceOf(DuplicateIdentityError);
      expect(String(failure)).toMatch(/users.*email.*users.*email|email.*email/s);
      expect(log.all).toEqual([]);
      await session.rollback();
      expect(await addresses()).toEqual([]);
      await session.rollback();
      await session.close();
      await engine.dispose();
    });
  });
});
