import { describe, expect, it } from "vitest";
import { func, sql } from "../../src/expression/index.ts";
import { integer, varchar } from "../../src/schema/index.ts";
import { alias, cte, lateral, select, subquery, union, unionAll, values } from "../../src/statement/index.ts";
import { compiled, sqlOf, TestDialect } from "./dialect.ts";
import { addresses, notes, users } from "./tables.ts";

const { id, name, age, bossId } = users.c;

describe("a subquery in FROM", () => {
  const counts = select({ owner: addresses.c.userId, n: func.count() }).groupBy(addresses.c.userId);

  it("names all its columns and is joined like a table", () => {
    const sub = subquery(counts, "counts");
    expect(sqlOf(select(name, sub.c.n).join(sub, sub.c.owner.eq(id)))).toBe(
      'SELECT "user".name, counts.n FROM "user" JOIN (SELECT address.user_id AS owner, count(*) AS n FROM address ' +
        'GROUP BY address.user_id) AS counts ON counts.owner = "user".id',
    );
  });

  it("gets a name by itself, and passes foreign keys on", () => {
    const sub = select(addresses).where(addresses.c.main.eq(true)).subquery();
    expect(compiled(select(name, sub.c.userId).join(sub))).toEqual({
      sql:
        'SELECT "user".name, anon_1.user_id FROM "user" JOIN (SELECT address.id, address.user_id, address.email, ' +
        'address.main FROM address WHERE address.main = ?) AS anon_1 ON anon_1.user_id = "user".id',
      values: [true],
    });
  });

  it("tells columns of equal name apart, and names those that have none", () => {
    const sub = select(id, addresses.c.id, func.count(), func.lower(name), age.add(1)).subquery("s");
    expect(sub.columns.map((column) => column.name)).toEqual(["id", "id_1", "count_1", "lower_1", "anon_1"]);
    expect(sqlOf(select(sub))).toBe(
      'SELECT s.id, s.id_1, s.count_1, s.lower_1, s.anon_1 FROM (SELECT "user".id, address.id AS id_1, count(*) AS ' +
        'count_1, lower("user".name) AS lower_1, "user".age + ? AS anon_1 FROM "user", address) AS s',
    );
    expect(() => sub.column("nothing")).toThrow(/no column "nothing"; there are "id", "id_1"/);
  });

  it("can have an alias", () => {
    const [first, second] = [subquery(counts, "a"), alias(subquery(counts), "b")];
    expect(sqlOf(select(first.c.n).join(second, second.c.owner.eq(first.c.owner)))).toMatch(
      /^SELECT a\.n FROM \(SELECT .*\) AS a JOIN \(SELECT .*\) AS b ON b\.owner = a\.owner$/,
    );
  });

  it("is lateral when it uses what stands before it", () => {
    const latest = lateral(select({ email: addresses.c.email }).where(addresses.c.userId.eq(id)).limit(1), "latest");
    expect(sqlOf(select(id, latest.c.email).join(latest, sql<boolean>`true`))).toBe(
      'SELECT "user".id, latest.email FROM "user" JOIN LATERAL (SELECT address.email FROM address WHERE ' +
        'address.user_id = "user".id LIMIT ?) AS latest ON true',
    );
  });
});

describe("a common table expression", () => {
  it("is written once, at the head, also when it is used deep inside", () => {
    const old = cte(select(users).where(age.gt(30)), "old");
    const query = select(old.c.id).where(old.c.bossId.in(select(old.c.id).where(old.c.name.eq("x"))), old.c.age.lt(90));
    expect(compiled(query)).toEqual({
      sql:
        'WITH old AS (SELECT "user".id, "user".name, "user".age, "user".boss_id FROM "user" WHERE "user".age > ?) ' +
        "SELECT old.id FROM old WHERE old.boss_id IN (SELECT old.id FROM old WHERE old.name = ?) AND old.age < ?",
      values: [30, "x", 90],
    });
  });

  it("comes after those that it uses", () => {
    const first = select({ a: id }).cte("first");
    const second = select({ b: first.c.a }).where(first.c.a.gt(1)).cte("second");
    expect(sqlOf(select(second.c.b))).toBe(
      'WITH first AS (SELECT "user".id AS a FROM "user"), second AS (SELECT first.a AS b FROM first WHERE first.a > ?) ' +
        "SELECT second.b FROM second",
    );
  });

  it("may refer to itself", () => {
    const tree = select({ id, level: sql<number>`0` })
      .where(bossId.isNull())
      .cte("tree")
      .unionAll((above) => select({ id, level: above.c.level.add(1) }).join(above, above.c.id.eq(bossId)));
    expect(compiled(select(tree.c.level).where(tree.c.id.eq(5)))).toEqual({
      sql:
        'WITH RECURSIVE tree(id, level) AS (SELECT "user".id, 0 AS level FROM "user" WHERE "user".boss_id IS NULL ' +
        'UNION ALL SELECT "user".id, tree.level + ? FROM "user" JOIN tree ON tree.id = "user".boss_id) ' +
        "SELECT tree.level FROM tree WHERE tree.id = ?",
      values: [1, 5],
    });
    expect(() =>
      select({ id })
        .cte("t")
        .union(() => select(id, age)),
    ).toThrow(/2 columns, the first part 1/);
  });

  it("may be the rows that a statement changes", async () => {
    const { deleteFrom } = await import("../../src/statement/index.ts");
    const old = select({ id }).where(age.gt(99)).cte("old");
    expect(sqlOf(deleteFrom(users).where(id.in(select(old.c.id))))).toBe(
      'WITH old AS (SELECT "user".id FROM "user" WHERE "user".age > ?) DELETE FROM "user" WHERE "user".id IN (SELECT old.id FROM old)',
    );
  });

  it("refuses a name that another one has", () => {
    const [one, other] = [select({ id }).cte("t"), select({ n: notes.c.id }).cte("t")];
    expect(() => sqlOf(select(one.c.id, other.c.n))).toThrow(/two .*"t"/);
  });
});

describe("combined queries", () => {
  it("have one order and one limit, by the names of the result", () => {
    const query = union(select(id), select(notes.c.id).where(notes.c.id.gt(2)))
      .orderBy(id.desc())
      .limit(3);
    expect(compiled(query)).toEqual({
      sql: 'SELECT "user".id FROM "user" UNION SELECT note.id FROM note WHERE note.id > ? ORDER BY id DESC LIMIT ?',
      values: [2, 3],
    });
  });

  it("wrap parts that have an order or a limit of their own", () => {
    expect(sqlOf(unionAll(select(id).limit(1), select(notes.c.id)))).toBe(
      'SELECT anon_1.id FROM (SELECT "user".id FROM "user" LIMIT ?) AS anon_1 UNION ALL SELECT note.id FROM note',
    );
  });

  it("keep the order in which they were combined", () => {
    const three = select(id).union(select(notes.c.id)).union(select(addresses.c.id));
    expect(sqlOf(three)).toBe(
      'SELECT "user".id FROM "user" UNION SELECT note.id FROM note UNION SELECT address.id FROM address',
    );
    expect(sqlOf(select(id).union(select(notes.c.id)).except(select(addresses.c.id)))).toBe(
      'SELECT anon_1.id FROM (SELECT "user".id FROM "user" UNION SELECT note.id FROM note) AS anon_1 EXCEPT SELECT address.id FROM address',
    );
    expect(sqlOf(select(id).intersect(select(notes.c.id)))).toMatch(/ INTERSECT /);
  });

  it("need equally many columns", () => {
    expect(() => select(id).union(select(id, age) as never)).toThrow(/UNION needs .* these have 1, 2/);
  });

  it("can be selected from", () => {
    const all = union(select({ n: name }), select({ n: notes.c.body })).subquery("u");
    expect(sqlOf(select(all.c.n))).toBe(
      'SELECT u.n FROM (SELECT "user".name AS n FROM "user" UNION SELECT note.body FROM note) AS u',
    );
  });
});

describe("VALUES", () => {
  const sizes = values(
    { id: integer(), label: varchar(3) },
    [
      { id: 1, label: "S" },
      { id: 2, label: null },
    ],
    "sizes",
  );

  it("are rows to select from", () => {
    expect(compiled(select(sizes.c.label).where(sizes.c.id.eq(2)))).toEqual({
      sql: "SELECT sizes.label FROM (VALUES (?, ?), (?, NULL)) AS sizes (id, label) WHERE sizes.id = ?",
      values: [1, "S", 2, 2],
    });
  });

  it("are SELECTs where an alias cannot name columns", () => {
    expect(sqlOf(select(sizes.c.label), new TestDialect({ derivedColumnNames: false }))).toBe(
      "SELECT sizes.label FROM (SELECT ? AS id, ? AS label UNION ALL SELECT ?, NULL) AS sizes",
    );
  });

  it("need a row", () => {
    expect(() => values({ id: integer() }, [])).toThrow(/a column and a row/);
  });
});
