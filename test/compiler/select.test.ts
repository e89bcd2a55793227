import { describe, expect, it } from "vitest";
import { func, literal } from "../../src/expression/index.ts";
import { alias, exists, select } from "../../src/statement/index.ts";
import { compiled, sqlOf, TestDialect } from "./dialect.ts";
import { addresses, notes, users } from "./tables.ts";

const { id, name, age, bossId } = users.c;

describe("SELECT", () => {
  it("has its clauses in the order of SQL, whatever the order of calls", () => {
    const query = select(name, func.count())
      .offset(5)
      .limit(10)
      .orderBy(name.desc(), func.count())
      .having(func.count().gt(1))
      .groupBy(name)
      .where(age.gt(3), id.lt(9));
    expect(compiled(query)).toEqual({
      sql:
        'SELECT "user".name, count(*) FROM "user" WHERE "user".age > ? AND "user".id < ? ' +
        'GROUP BY "user".name HAVING count(*) > ? ORDER BY "user".name DESC, count(*) LIMIT ? OFFSET ?',
      values: [3, 9, 1, 10, 5],
    });
  });

  it("names columns only where a name was asked for", () => {
    expect(sqlOf(select({ a: bossId, bossId, n: func.count() }))).toBe(
      'SELECT "user".boss_id AS a, "user".boss_id, count(*) AS n FROM "user"',
    );
    expect(sqlOf(select(age.add(1).as("next")))).toBe('SELECT "user".age + ? AS next FROM "user"');
  });

  it("takes a table for all its columns", () => {
    expect(sqlOf(select(notes))).toBe("SELECT note.id, note.body FROM note");
    expect(sqlOf(select(notes, users.c.id))).toBe('SELECT note.id, note.body, "user".id FROM note, "user"');
  });

  it("orders by labels, and groups by what they stand for", () => {
    const next = age.add(1).as("next");
    expect(sqlOf(select(next).groupBy(next).orderBy(next.desc(), next))).toBe(
      'SELECT "user".age + ? AS next FROM "user" GROUP BY "user".age + ? ORDER BY next DESC, next',
    );
  });

  it("finds FROM in columns and conditions, and not in ORDER BY", () => {
    expect(sqlOf(select(literal(1)))).toBe("SELECT ?");
    expect(sqlOf(select(name).where(addresses.c.userId.eq(id)))).toBe(
      'SELECT "user".name FROM "user", address WHERE address.user_id = "user".id',
    );
    expect(sqlOf(select(func.count()).selectFrom(users))).toBe('SELECT count(*) FROM "user"');
    expect(sqlOf(select(name).orderBy(notes.c.id))).toBe('SELECT "user".name FROM "user" ORDER BY note.id');
  });

  it("is distinct, on all columns or on some", () => {
    expect(sqlOf(select(name).distinct())).toBe('SELECT DISTINCT "user".name FROM "user"');
    expect(sqlOf(select(name).distinct(age))).toBe('SELECT DISTINCT ON ("user".age) "user".name FROM "user"');
  });

  it("locks rows where the database can", () => {
    const query = select(id).forUpdate({ of: [users], skipLocked: true });
    expect(sqlOf(query)).toBe('SELECT "user".id FROM "user" FOR UPDATE OF "user" SKIP LOCKED');
    expect(sqlOf(select(id).forUpdate({ share: true, nowait: true }))).toBe(
      'SELECT "user".id FROM "user" FOR SHARE NOWAIT',
    );
    expect(sqlOf(select(id).forUpdate({ keyShare: true }))).toBe('SELECT "user".id FROM "user" FOR NO KEY UPDATE');
    expect(sqlOf(select(id).forUpdate({ share: true, keyShare: true }))).toBe(
      'SELECT "user".id FROM "user" FOR KEY SHARE',
    );
    expect(sqlOf(query, new TestDialect({ selectForUpdate: false }))).toBe('SELECT "user".id FROM "user"');
  });

  it("keeps the rows when it selects something else", () => {
    const query = select(users).where(age.gt(3)).orderBy(id);
    expect(sqlOf(query.columns(func.count()).orderBy())).toBe('SELECT count(*) FROM "user" WHERE "user".age > ?');
  });
});

describe("joins", () => {
  it("follow the only foreign key", () => {
    const on = 'address.user_id = "user".id';
    expect(sqlOf(select(name).join(addresses))).toBe(`SELECT "user".name FROM "user" JOIN address ON ${on}`);
    expect(sqlOf(select(addresses.c.email).join(users))).toBe(`SELECT address.email FROM address JOIN "user" ON ${on}`);
    expect(sqlOf(select(name).leftJoin(addresses))).toBe(`SELECT "user".name FROM "user" LEFT JOIN address ON ${on}`);
    expect(sqlOf(select(name).outerJoin(addresses))).toBe(sqlOf(select(name).leftJoin(addresses)));
    expect(sqlOf(select(name).fullJoin(addresses))).toBe(`SELECT "user".name FROM "user" FULL JOIN address ON ${on}`);
    expect(sqlOf(select(name).crossJoin(notes))).toBe('SELECT "user".name FROM "user" CROSS JOIN note');
  });

  it("refuse to guess", () => {
    expect(() => select(name).join(notes)).toThrow(/No foreign key connects "user" and "note"/);
    expect(() => select(name).join(alias(users, "boss"))).toThrow(/2 foreign keys connect .*give the condition/);
    expect(() => select(literal(1)).join(users, id.eq(1))).toThrow(/nothing to join to/);
    expect(() => select(id, notes.c.id).join(addresses)).toThrow(/not clear .* 2 FROM elements.*joinFrom/);
  });

  it("are added to the FROM element that the condition mentions", () => {
    const query = select(notes.c.id, id).join(addresses, addresses.c.userId.eq(id));
    expect(sqlOf(query)).toBe(
      'SELECT note.id, "user".id FROM "user" JOIN address ON address.user_id = "user".id, note',
    );
    expect(sqlOf(select(notes.c.id, id).joinFrom(users, addresses))).toBe(sqlOf(query));
  });

  it("chain", () => {
    const boss = alias(users, "boss");
    expect(sqlOf(select(name).join(addresses).leftJoin(boss, boss.c.id.eq(bossId)))).toBe(
      'SELECT "user".name FROM "user" JOIN address ON address.user_id = "user".id LEFT JOIN "user" AS boss ON boss.id = "user".boss_id',
    );
  });
});

describe("aliases", () => {
  it("are named by number if they have no name, anew in each statement", () => {
    const [first, second] = [alias(users), alias(users)];
    expect(sqlOf(select(second.c.id, first.c.id))).toBe(
      'SELECT user_1.id, user_2.id FROM "user" AS user_1, "user" AS user_2',
    );
    expect(sqlOf(select(first.c.id))).toBe('SELECT user_1.id FROM "user" AS user_1');
  });

  it("made up do not meet names that are there", () => {
    expect(sqlOf(select(alias(users).c.id, alias(notes, "user_1").c.id))).toBe(
      'SELECT user_2.id, user_1.id FROM "user" AS user_2, note AS user_1',
    );
  });

  it("have the columns of their table by key", () => {
    const boss = alias(users, "boss");
    expect(sqlOf(select(boss.c.bossId))).toBe('SELECT boss.boss_id FROM "user" AS boss');
    expect(boss.c.bossId.origin).toBe(bossId);
  });
});

describe("subqueries in expressions", () => {
  it("refer to what the enclosing query selects from", () => {
    const count = select(func.count(addresses.c.id)).where(addresses.c.userId.eq(id)).scalar().as("n");
    expect(sqlOf(select(id, count).orderBy(count.desc()))).toBe(
      'SELECT "user".id, (SELECT count(address.id) FROM address WHERE address.user_id = "user".id) AS n FROM "user" ORDER BY n DESC',
    );
    const found = exists(select(addresses.c.id).where(addresses.c.userId.eq(id)));
    const text = 'EXISTS (SELECT address.id FROM address WHERE address.user_id = "user".id)';
    expect(sqlOf(select(id).where(found))).toBe(`SELECT "user".id FROM "user" WHERE ${text}`);
    expect(sqlOf(select(id).where(found.not()))).toBe(`SELECT "user".id FROM "user" WHERE NOT ${text}`);
  });

  it("refer to a table inside a join of the enclosing query", () => {
    const found = exists(select(notes.c.id).where(notes.c.id.eq(addresses.c.id)));
    expect(sqlOf(select(id).join(addresses).where(found))).toMatch(/EXISTS \(SELECT note\.id FROM note WHERE/);
  });

  it("of one table stand for themselves", () => {
    expect(sqlOf(select(id).where(age.eq(select(func.max(age)).scalar())))).toBe(
      'SELECT "user".id FROM "user" WHERE "user".age = (SELECT max("user".age) FROM "user")',
    );
  });

  it("can be told what to refer to", () => {
    const inner = select(func.max(age)).correlate(users).scalar();
    expect(sqlOf(select(id).where(age.eq(inner)))).toBe(
      'SELECT "user".id FROM "user" WHERE "user".age = (SELECT max("user".age))',
    );
  });

  it("select from what their columns are of when the enclosing query has everything", () => {
    const found = exists(select(addresses.c.id).where(addresses.c.userId.eq(id)));
    expect(sqlOf(select(id).join(addresses).where(found))).toMatch(
      /EXISTS \(SELECT address\.id FROM address WHERE address\.user_id = "user"\.id\)$/,
    );
    const unclear = exists(select(addresses.c.id, id).where(addresses.c.userId.eq(id)));
    expect(() => sqlOf(select(id).join(addresses).where(unclear))).toThrow(/correlate\(\)/);
  });

  it("have one column where a value is wanted", () => {
    expect(() => select(id, age).scalar()).toThrow(/one column, this one has 2/);
  });
});
