import {
  ArgumentError,
  CompileError,
  createEngine,
  DataError,
  declarativeBase,
  insert,
  integer,
  MetaData,
  Session,
  select,
  sql,
  Table,
  text,
  UniqueViolation,
} from "alkahest";
import {
  cidr,
  citext,
  daterange,
  Interval,
  inet,
  int4range,
  interval,
  jsonb,
  macaddr,
  numrange,
  Range,
  timestamptz,
  tstzrange,
  tsvector,
} from "alkahest/postgresql";
import { describe, expect, it } from "vitest";
import { describeOnPostgresql, openPostgresql } from "../../support/postgresql.ts";

describe("a Range", () => {
  it("prints as PostgreSQL reads it", () => {
    expect(String(new Range(1, 5))).toBe('["1","5")');
    expect(String(new Range(null, "2024-01-01", "(]"))).toBe('(,"2024-01-01"]');
    expect(JSON.stringify({ range: Range.empty() })).toBe('{"range":"empty"}');
  });

  it("has no bound that is null", () => {
    expect(new Range(null, null, "[]").bounds).toBe("()");
    expect(new Range(1, null, "[]").bounds).toBe("[)");
  });

  it("refuses other bounds, and cannot be changed", () => {
    expect(() => new Range(1, 2, "[[" as never)).toThrow(ArgumentError);
    expect(() => Object.assign(new Range(1, 2), { lower: 5 })).toThrow(TypeError);
  });

  it("is equal to others with the same values", () => {
    const same = (a: Range<number>, b: Range<number>) => int4range().sqlType.equals(a, b);
    expect(same(new Range(1, 5, "[]"), new Range(0, 6, "()"))).toBe(true);
    expect(same(new Range(5, 5), Range.empty())).toBe(true);
    expect(same(new Range(1, 5), new Range(1, 6))).toBe(false);
    expect(same(new Range<number>(null, 5), new Range(1, 5))).toBe(false);
    expect(numrange().sqlType.equals(new Range("1.0", "2"), new Range("1", "2.00"))).toBe(true);
    expect(
      daterange().sqlType.equals(new Range("2023-12-31", "2024-02-29", "(]"), new Range("2024-01-01", "2024-03-01")),
    ).toBe(true);
  });

  it("names the bound that does not fit", () => {
    const reason = (value: unknown) => int4range().sqlType.validate(value);
    expect(reason(new Range(1, 2.5))).toBe("upper bound: expected a whole number, got the number 2.5");
    expect(reason([1, 2])).toBe("expected a Range, got an array");
    expect(tstzrange().sqlType.validate(new Range(new Date(Number.NaN), null))).toMatch(/^lower bound: /);
  });
});

describe("an Interval", () => {
  it("keeps months, days and microseconds apart", () => {
    const parts = new Interval({ years: 1, months: 2, days: 3, hours: -4, seconds: 0.000001 });
    expect([parts.months, parts.days, parts.microseconds]).toEqual([14, 3, -14_399_999_999]);
    expect(String(parts)).toBe("P14M3DT-14399.999999S");
    expect(String(new Interval({}))).toBe("PT0S");
    expect(() => new Interval({ days: 1.5 })).toThrow("whole months, days and microseconds");
  });

  it("is equal to others as PostgreSQL compares them", () => {
    const same = (a: Interval, b: Interval) => interval().sqlType.equals(a, b);
    expect(same(new Interval({ months: 1 }), new Interval({ days: 30 }))).toBe(true);
    expect(same(new Interval({ days: 1 }), new Interval({ hours: 24 }))).toBe(true);
    expect(same(new Interval({ days: 1 }), new Interval({ days: 1, microseconds: 1 }))).toBe(false);
  });
});

describe("types of PostgreSQL", () => {
  it.each([
    [inet(), "10.0.0.256"],
    [inet(), "10.0.0.1/33"],
    [inet(), "example.org"],
    [inet(), "1::2::3"],
    [cidr(), 5],
    [macaddr(), "08:00:2b:01:02"],
    [timestamptz(), "2024-05-01T12:00:00"],
    [timestamptz(), "2024-13-01T12:00:00Z"],
    [interval(), "1 day"],
    [citext(), "a\u0000"],
    [tsvector(), 5],
  ])("refuse what is none of their values: %#", (definition, value) => {
    expect(definition.sqlType.validate(value)).toMatch(/^expected /);
  });

  it("take all forms of a value for one", () => {
    const same = (definition: ReturnType<typeof inet>, a: string, b: string) => definition.sqlType.equals(a, b);
    expect(same(inet(), "10.0.0.1", "10.0.0.1/32")).toBe(true);
    expect(same(inet(), "2001:DB8::0:1", "2001:db8::1/128")).toBe(true);
    expect(same(inet(), "10.0.0.1/8", "10.0.0.1")).toBe(false);
    expect(same(macaddr(), "08002b:010203", "08:00:2B:01:02:03")).toBe(true);
    expect(same(citext(), "Ann", "ANN")).toBe(true);
    expect(same(timestamptz(), "2024-05-01T12:00:00.100+02:00", "2024-05-01T10:00:00.1Z")).toBe(true);
  });

  it("are refused by other databases before any SQL", async () => {
    const engine = createEngine("sqlite::memory:");
    const metadata = new MetaData();
    new Table("t", metadata, { id: integer().primaryKey(), at: interval() });
    const error = await metadata.createAll(engine).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(CompileError);
    expect(error).toHaveProperty(
      "message",
      expect.stringContaining("SQLite has no interval, which is a type of postgresql"),
    );
    await engine.dispose();
  });
});

describeOnPostgresql("columns of PostgreSQL's own types", () => {
  it("are mapped, have defaults, and are unique by what the database takes for equal", async () => {
    const Base = declarativeBase();
    class Booking extends Base("booking", {
      id: integer().primaryKey(),
      days: daterange()
        .notNull()
        .unique()
        .parkValue(() => new Range("0001-01-01", null)),
      term: interval()
        .notNull()
        .default(new Interval({ months: 1 })),
      extra: jsonb<{ a: number }>(),
    }) {}
    const engine = openPostgresql();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    const [one, two] = ["2024-01", "2024-02"].map(
      (month) => new Booking({ days: new Range(`${month}-01`, `${month}-10`, "[]"), extra: { a: 1 } }),
    ) as [Booking, Booking];
    session.addAll([one, two]);
    await session.commit();
    [one.days, two.days] = [two.days, one.days]; // unique values change hands
    await session.commit();
    one.days = new Range("2024-01-31", "2024-02-11", "()"); // the same days in another form
    await expect(session.flush()).resolves.toBeUndefined();
    one.days = new Range("2023-12-31", "2024-01-11", "()");
    await expect(session.flush()).rejects.toThrow(UniqueViolation);
    await session.rollback();
    expect(await session.all(select(Booking.c.term).limit(1))).toEqual([new Interval({ months: 1 })]);
  });

  it("can be asked with the operators of the database", async () => {
    const metadata = new MetaData();
    const shelf = new Table("shelf", metadata, { id: integer().primaryKey(), heights: int4range(), host: inet() });
    const engine = openPostgresql();
    await metadata.createAll(engine);
    await using connection = await engine.connect();
    await connection.execute(
      insert(shelf).values([
        { id: 1, heights: new Range(10, 20), host: "10.1.2.3" },
        { id: 2, heights: new Range(20, 30), host: "192.168.0.1" },
      ]),
    );
    const ids = async (condition: ReturnType<typeof sql>) =>
      (await connection.execute(select(shelf.c.id).where(condition as never))).scalars(); // raw SQL has no type
    expect(await ids(sql`${shelf.c.heights.op("&&", new Range(15, 18))}`)).toEqual([1]);
    expect(await ids(sql`${shelf.c.heights} @> ${25}`)).toEqual([2]);
    expect(await ids(sql`${shelf.c.host} << ${"10.0.0.0/8"}::inet`)).toEqual([1]);
  });

  it("citext ignores case in every comparison", async () => {
    const engine = openPostgresql();
    const metadata = new MetaData();
    const account = new Table("account", metadata, { id: integer().primaryKey(), email: citext().notNull().unique() });
    await using connection = await engine.connect();
    const available = await connection.execute(sql`SELECT 1 FROM pg_available_extensions WHERE name = 'citext'`);
    if (available.first() === null) return; // a server without its extensions
    const schema = (await connection.execute(sql`SELECT current_schema()`)).scalar();
    // In this transaction only; another schema may have it already.
    await connection.execute(text(`CREATE EXTENSION IF NOT EXISTS citext SCHEMA ${schema}`));
    await connection.execute(sql`SELECT set_config('search_path', current_setting('search_path') || ', public', true)`);
    await metadata.createAll(connection);
    await connection.execute(insert(account).values({ id: 1, email: "Ann@X.org" }));
    const found = await connection.execute(select(account.c.email).where(account.c.email.eq("aNN@x.ORG")));
    expect(found.scalars()).toEqual(["Ann@X.org"]);
    await expect(connection.execute(insert(account).values({ id: 2, email: "ANN@x.org" }))).rejects.toThrow(
      UniqueViolation,
    );
  });

  it("an interval that no number of microseconds holds is refused and not rounded", async () => {
    const metadata = new MetaData();
    const t = new Table("t", metadata, { id: integer().primaryKey(), term: interval() });
    const engine = openPostgresql();
    await metadata.createAll(engine);
    await using connection = await engine.connect();
    await connection.execute(sql`INSERT INTO t VALUES (1, '2562047788:00:54.775807')`);
    await expect(connection.execute(select(t.c.term))).rejects.toThrow(DataError);
  });
});
