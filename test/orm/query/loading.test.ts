import { describe, expect, it } from "vitest";
import { InvalidStateError } from "../../../src/errors/index.ts";
import { type Entity, entityOf, expireAttributes, Status } from "../../../src/orm/instance/index.ts";
import { mapperOf } from "../../../src/orm/mapping/index.ts";
import {
  lazy,
  loadByKeys,
  loadRelationship,
  refreshEntities,
  selectinLoad,
  streamSelect,
} from "../../../src/orm/query/index.ts";
import { select } from "../../../src/statement/select.ts";
import { type Address, Base, Group, Node, ROWS, Shelf, User } from "./models.ts";
import { areLoaded, openSession, relationship, type TestSession } from "./support.ts";

async function user(session: TestSession, id: number): Promise<User & Entity> {
  const [found] = await session.all(select(User).where(User.c.id.eq(id)));
  session.take();
  return found as User & Entity; // the row exists
}

describe("loadByKeys", () => {
  it("finds objects in the order of the keys, null where there is no row", async () => {
    const session = await openSession(Base, ROWS);
    const found = await loadByKeys(session.context, mapperOf(User), [[3], [99], [1]]);
    expect(found.map((one) => (one as User | null)?.name ?? null)).toEqual(["wendy", null, "ed"]);
    expect(session.take()).toHaveLength(1);
  });

  it("asks for nothing that the session has", async () => {
    const session = await openSession(Base, ROWS);
    const ed = await user(session, 1);
    expect(await loadByKeys(session.context, mapperOf(User), [[1]])).toEqual([ed]);
    expect(session.take()).toEqual([]);
  });

  it("completes what has expired", async () => {
    const session = await openSession(Base, ROWS);
    const ed = await user(session, 1);
    expireAttributes(ed);
    await loadByKeys(session.context, mapperOf(User), [[1]]);
    expect(ed.name).toBe("ed");
  });

  it("finds composite keys", async () => {
    const session = await openSession(Base, ROWS);
    const keys = [
      [1, "b"],
      [2, "b"],
      [2, "a"],
    ];
    const found = await loadByKeys(session.context, mapperOf(Shelf), keys);
    expect(found.map((one) => (one as Shelf | null)?.code ?? null)).toEqual(["b", null, "a"]);
    expect(session.take()).toHaveLength(1);
  });
});

describe("refreshEntities", () => {
  it("fills in what is missing and leaves the rest, by one statement for each class", async () => {
    const session = await openSession(Base, ROWS);
    const [ed, jack] = [await user(session, 1), await user(session, 2)];
    expireAttributes(ed);
    expireAttributes(jack, ["name"]);
    jack.name = "changed";
    await session.run("UPDATE users SET name = 'other', active = 1");
    const gone = await refreshEntities(session.context, [ed, jack]);
    expect(gone).toEqual([]);
    expect(session.take()).toHaveLength(1);
    expect([ed.name, ed.active, jack.name, jack.active]).toEqual(["other", true, "changed", false]);
    expect(jack.$changes?.get(mapperOf(User).property("name"))).toBe("other");
    expect(areLoaded(ed, "bio")).toEqual([false]);
  });

  it("says which rows are gone", async () => {
    const session = await openSession(Base, ROWS);
    const [ed, wendy] = [await user(session, 1), await user(session, 3)];
    await session.run("DELETE FROM users WHERE id = 3");
    expireAttributes(ed);
    expireAttributes(wendy);
    expect(await refreshEntities(session.context, [ed, wendy])).toEqual([wendy]);
  });
});

describe("loadRelationship", () => {
  it("reads foreign keys again that have expired", async () => {
    const session = await openSession(Base, ROWS);
    const ed = await user(session, 1);
    expireAttributes(ed);
    await loadRelationship(session.context, relationship(User, "group"), [ed]);
    expect(ed.group?.name).toBe("staff");
    expireAttributes(ed);
    await loadRelationship(session.context, relationship(User, "addresses"), [ed]);
    expect(ed.addresses).toHaveLength(2);
  });

  it("gives null for a foreign key whose row is not there", async () => {
    const session = await openSession(Base, ROWS, undefined, { foreignKeys: false });
    await session.run("UPDATE users SET group_id = 77 WHERE id = 1");
    const ed = await user(session, 1);
    await loadRelationship(session.context, relationship(User, "group"), [ed]);
    expect(ed.group).toBeNull();
  });

  it("follows the foreign key as it is now, also to an object that is yet to be inserted", async () => {
    const session = await openSession(Base, ROWS);
    const [ed, jack] = [await user(session, 1), await user(session, 2)];
    const pending = new Group({ id: 9, name: "new" });
    const entity = entityOf(pending);
    entity.$status = Status.pending;
    entity.$session = session;
    session.identityMap.addPending(entity, 9);
    ed.groupId = 2;
    jack.groupId = 9;
    await loadRelationship(session.context, relationship(User, "group"), [ed, jack]);
    expect(ed.group?.name).toBe("guests");
    expect(jack.group).toBe(pending);
  });

  it("leaves objects without a row alone", async () => {
    const session = await openSession(Base, ROWS);
    const fresh = new User({ id: 50 });
    await loadRelationship(session.context, relationship(User, "addresses"), [entityOf(fresh)]);
    expect(session.take()).toEqual([]);
    expect(fresh.addresses).toEqual([]);
  });
});

describe("lazy", () => {
  it("loads a relationship for all objects of the same query in one statement", async () => {
    const session = await openSession(Base, ROWS);
    const users = await session.all(select(User).orderBy(User.c.id));
    session.take();
    const counts: number[] = [];
    for (const one of users) counts.push((await lazy(one).addresses).length);
    expect(counts).toEqual([2, 1, 0]);
    expect(session.take()).toHaveLength(1);
  });

  it("takes the objects of another query for other siblings", async () => {
    const session = await openSession(Base, ROWS);
    const ed = await user(session, 1);
    const jack = await user(session, 2);
    await lazy(ed).addresses;
    expect(areLoaded(jack, "addresses")).toEqual([false]);
  });

  it("treats what a relationship brought as siblings", async () => {
    const session = await openSession(Base, ROWS);
    const users = await session.all(select(User).orderBy(User.c.id).options(selectinLoad(User.c.addresses)));
    session.take();
    const [first] = users[0]?.addresses ?? [];
    await lazy(first as Address).letters;
    expect(users.flatMap(({ addresses }) => addresses.map(({ letters }) => letters.length))).toEqual([0, 2, 1]);
    expect(session.take()).toHaveLength(1);
  });

  it("answers what is loaded without a statement, and values of new objects", async () => {
    const session = await openSession(Base, ROWS);
    const ed = await user(session, 1);
    expect(await lazy(ed).name).toBe("ed");
    expect(await lazy(new User({ name: "x" })).addresses).toEqual([]);
    expect(session.take()).toEqual([]);
  });

  it("loads deferred and expired columns", async () => {
    const session = await openSession(Base, ROWS);
    const [ed, jack] = await session.all(select(User).where(User.c.id.lt(3)).orderBy(User.c.id));
    session.take();
    expect(await lazy(ed as User).bio).toBe("long");
    expect(jack?.bio).toBeNull();
    expect(session.take()).toHaveLength(1);
    expireAttributes(entityOf(ed as User));
    expect(await lazy(ed as User).name).toBe("ed");
    expect(ed?.active).toBe(true);
  });

  it("loads many-to-one up a chain", async () => {
    const session = await openSession(Base, ROWS);
    const [leaf] = await session.all(select(Node).where(Node.c.id.eq(4)));
    const parent = await lazy(leaf as Node).parent;
    const root = await lazy(parent as Node).parent;
    expect(root?.name).toBe("root");
    expect(await lazy(root as Node).parent).toBeNull();
  });

  it("fails for objects of no session, as the attribute does, and for those whose row is gone", async () => {
    const session = await openSession(Base, ROWS);
    const ed = await user(session, 1);
    await session.run("DELETE FROM user_tags", "DELETE FROM profiles", "DELETE FROM letters", "DELETE FROM addresses");
    await session.run("DELETE FROM users WHERE id = 1");
    expireAttributes(ed);
    await expect(lazy(ed).name).rejects.toThrow(InvalidStateError);
    const jack = await user(session, 2);
    jack.$session = null;
    jack.$status = Status.detached;
    await expect(lazy(jack).addresses).rejects.toThrow(/belongs to no session/);
  });

  it("is no promise itself", async () => {
    const session = await openSession(Base, ROWS);
    const view = lazy(await user(session, 1));
    expect(await view).toBe(view);
  });
});

describe("selectinLoad and joinedLoad", () => {
  it("refuse what is no relationship", () => {
    for (const nothing of [null, undefined, 1, "addresses", User, User.c.name]) {
      expect(() => selectinLoad(nothing as never)).toThrow(/^selectinLoad\(\) takes a relationship, such as /);
      expect(() => selectinLoad(User.c.addresses).joinedLoad(nothing as never)).toThrow(/^joinedLoad\(\) takes a /);
    }
  });
});

describe("streamSelect", () => {
  it("gives the results of many rows one by one, with their relationships", async () => {
    const session = await openSession(Base, []);
    await session.run(
      "INSERT INTO users (id, name) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) SELECT i, 'u' || i FROM n",
      "INSERT INTO addresses (id, email, user_id) SELECT id, name || '@x', id FROM users",
    );
    const seen: string[] = [];
    const statement = select(User).orderBy(User.c.id).options(selectinLoad(User.c.addresses));
    for await (const one of streamSelect(session.context, statement)) seen.push(`${one.id}:${one.addresses[0]?.email}`);
    expect(seen).toHaveLength(1200);
    expect(seen[1199]).toBe("1200:u1200@x");
    expect(session.take()).toHaveLength(4);
  });

  it("ends the query when the loop is left", async () => {
    const session = await openSession(Base, ROWS);
    for await (const one of streamSelect(session.context, select(User))) {
      expect(one).toBeInstanceOf(User);
      break;
    }
    await session.run("UPDATE users SET name = 'x'");
  });
});
