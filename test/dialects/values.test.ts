import { readFileSync } from "node:fs";
import {
  DataError,
  declarativeBase,
  type Engine,
  insert,
  integer,
  joinedLoad,
  MetaData,
  manyToOne,
  oneToMany,
  Session,
  select,
  selectinLoad,
  Table,
  text,
  update,
} from "alkahest";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { databases } from "../support/databases.ts";
import { mariadb, openMysql2 } from "../support/mariadb.ts";
import { Becomes, type DialectName, VALUE_CASES, type ValueCase } from "./value-cases.ts";

const given = (value: unknown): unknown => (value instanceof Becomes ? value.given : value);
const read = (value: unknown): unknown => (value instanceof Becomes ? value.read : value);

/** What the dialect stores of a case, and what it refuses. */
function valuesFor({ values, only = [] }: ValueCase, dialect: DialectName) {
  const [stored, refused] = [true, false].map((holds) =>
    only.filter((one) => one.in.includes(dialect) === holds).flatMap((one) => one.values),
  );
  return { stored: [...values, ...(stored ?? [])], refused: refused ?? [] };
}

/** Two classes with a table each, so that values can be loaded through a relationship. */
function modelsOf({ column }: ValueCase, number: number) {
  const Base = declarativeBase();
  class Holder extends Base(`holder_${number}`, {
    id: integer().primaryKey(),
    get samples() {
      return oneToMany(Sample, { backPopulates: "holder", orderBy: Sample.c.id });
    },
  }) {}
  class Sample extends Base(`sample_${number}`, {
    id: integer().primaryKey(),
    value: column(),
    get holderId() {
      return integer().references(Holder.c.id);
    },
    get holder() {
      return manyToOne(Holder, { backPopulates: "samples" });
    },
  }) {}
  return { Base, Holder, Sample };
}

type Models = ReturnType<typeof modelsOf>;

/** A way in which values come from the database: all of them, in the order of their keys. */
/** Rows that are inserted otherwise than few: from arrays on PostgreSQL, by `batch()` on MariaDB. */
const MANY = 50;

type Way = (session: Session, models: Models) => Promise<readonly unknown[]>;

const valuesOf = (samples: readonly { readonly value: unknown }[]) => samples.map(({ value }) => value);

/** The ways of loading, as docs/values.md lists them. */
const WAYS: Readonly<Record<string, Way>> = {
  "a query of entities": async (session, { Sample }) =>
    valuesOf(await session.all(select(Sample).orderBy(Sample.c.id))),
  "`session.get`": async (session, { Sample }) => {
    const ids = await session.all(select(Sample.c.id).orderBy(Sample.c.id));
    const samples = [];
    for (const id of ids) samples.push((await session.get(Sample, id))!);
    return valuesOf(samples);
  },
  "`session.refresh`": async (session, { Sample }) => {
    const samples = await session.all(select(Sample).orderBy(Sample.c.id));
    for (const sample of samples) {
      session.expire(sample);
      await session.refresh(sample);
    }
    return valuesOf(samples);
  },
  "`joinedLoad`": async (session, { Holder }) =>
    valuesOf((await session.one(select(Holder).options(joinedLoad(Holder.c.samples)))).samples),
  "`selectinLoad`": async (session, { Holder }) =>
    valuesOf((await session.one(select(Holder).options(selectinLoad(Holder.c.samples)))).samples),
  columns: async (session, { Sample }) => session.all(select(Sample.c.value).orderBy(Sample.c.id)),
  "a stream": async (session, { Sample }) => {
    const values: unknown[] = [];
    for await (const value of session.stream(select(Sample.c.value).orderBy(Sample.c.id))) values.push(value);
    return values;
  },
  "a subquery": async (session, { Sample }) => {
    const inner = select({ id: Sample.c.id, value: Sample.c.value }).subquery("s");
    return session.all(select(inner.c.value).orderBy(inner.c.id));
  },
  "a connection": async (session, { Sample }) => {
    const result = await session.execute(select(Sample.c.value).orderBy(Sample.c.id));
    return result.scalars();
  },
};

describe("docs/values.md", () => {
  const page = readFileSync(new URL("../../docs/values.md", import.meta.url), "utf8");

  it("has a row for each type that is tested here", () => {
    const cell = (text: string | undefined) => (text === undefined ? "–" : `\`${text}\``);
    const rows = VALUE_CASES.map(({ written, javascript, stored, note = "" }) =>
      [cell(written), cell(javascript), cell(stored.sqlite), cell(stored.postgresql), cell(stored.mysql), note].join(
        " | ",
      ),
    );
    expect(page).toContain(rows.map((row) => `| ${row} |\n`.replace("  |", " |")).join(""));
  });

  it("lists the ways of loading that are tested here", () => {
    expect(page.replaceAll("\n", " ")).toContain(Object.keys(WAYS).join(", "));
  });
});

const targets = [...databases];
if (mariadb !== null) targets.push({ ...mariadb, name: "MariaDB by mysql2", open: () => openMysql2() });

describe.each(targets)("values of $name", (database) => {
  let engine: Engine;
  let dialect: DialectName;

  beforeAll(() => {
    engine = database.open();
    // The dialects that there are.
    dialect = engine.dialect.name as DialectName;
  });
  afterAll(() => engine.dispose());

  VALUE_CASES.forEach((one, number) => {
    it(`${one.written} are the same whichever way they are loaded`, async () => {
      const models = modelsOf(one, number);
      const { Base, Holder, Sample } = models;
      if (one.stored[dialect] === undefined) {
        await expect(Base.metadata.createAll(engine)).rejects.toThrow(/ has no /);
        return;
      }
      await Base.metadata.createAll(engine);
      const { stored, refused } = valuesFor(one, dialect);
      const expected = [...stored.map(read), null];

      // INSERT by the flush.
      {
        await using session = new Session(engine);
        session.add(new Holder({ samples: [...stored.map(given), null].map((value) => new Sample({ value })) }));
        await session.commit();
      }
      for (const [name, load] of Object.entries(WAYS)) {
        await using session = new Session(engine);
        expect(await load(session, models), name).toStrictEqual(expected);
      }

      // Each value finds its rows again.
      await using session = new Session(engine);
      for (const [index, value] of stored.entries()) {
        if (one.incomparable?.includes(dialect) === true) break;
        for (const side of [given(value), read(value)]) {
          const found = await session.all(select(Sample.c.id).where(Sample.c.value.eq(side)));
          expect(found, `= ${String(side)}`).toContain(index + 1);
          const listed = await session.all(select(Sample.c.id).where(Sample.c.value.in([side])));
          expect(listed, `IN ${String(side)}`).toContain(index + 1);
        }
      }
      expect(await session.all(select(Sample.c.id).where(Sample.c.value.isNull()))).toEqual([expected.length]);

      // UPDATE of many rows with values of their own: each row gets the value of the next.
      const samples = await session.all(select(Sample).orderBy(Sample.c.id));
      const shifted = [...expected.slice(1), expected[0]];
      for (const [index, sample] of samples.entries()) sample.value = shifted[index];
      await session.commit();
      expect(await WAYS.columns!(session, models), "UPDATE of the flush").toStrictEqual(shifted);

      // INSERT of as many rows as databases have ways of their own for.
      const written = [null, ...stored.map(given)];
      const many = Array.from({ length: MANY }, (_, index) => index % written.length);
      session.addAll(many.map((index) => new Sample({ value: written[index] })));
      const inserted = await session.all(
        select(Sample.c.value).where(Sample.c.id.gt(expected.length)).orderBy(Sample.c.id),
      );
      expect(inserted, "INSERT of many rows").toStrictEqual(many.map((index) => [null, ...stored.map(read)][index]));
      await session.rollback();

      // UPDATE and INSERT of Core, RETURNING.
      for (const value of stored) {
        await session.execute(
          update(Sample)
            .set({ value: given(value) })
            .where(Sample.c.id.eq(1)),
        );
        const [set] = await session.all(select(Sample.c.value).where(Sample.c.id.eq(1)));
        expect(set, "UPDATE").toStrictEqual(read(value));
        if (!engine.dialect.capabilities.returning) continue;
        const returned = await session.execute(
          insert(Sample)
            .values({ value: given(value) })
            .returning(Sample.c.value),
        );
        expect(returned.scalar(), "RETURNING").toStrictEqual(read(value));
      }
      await session.rollback();

      // What the database cannot hold is refused by name, and nothing is written.
      for (const value of refused) {
        await using other = new Session(engine);
        other.add(new Sample({ value }));
        const error = await other.flush().then(
          () => null,
          (cause: unknown) => cause,
        );
        expect(error).toBeInstanceOf(DataError);
        expect(error).toMatchObject({ className: "Sample", property: "value", sql: null });
        await other.rollback();
        await expect(other.execute(insert(Sample).values({ value }))).rejects.toThrow(
          /^Sample\.value cannot be stored/,
        );
      }
    });

    it(`${one.written} can be the default that the database gives`, async () => {
      if (one.stored[dialect] === undefined) return;
      const { stored } = valuesFor(one, dialect);
      const values = stored.filter((value) => !(typeof value === "string" && value.length > 1000));
      const metadata = new MetaData();
      const columns = values.map((value, index) => [`v${index}`, one.column().serverDefault(given(value))] as const);
      const table = new Table(`defaults_${number}`, metadata, {
        id: integer().primaryKey(),
        ...Object.fromEntries(columns),
      });
      await metadata.createAll(engine);
      await using connection = await engine.connect();
      await connection.execute(insert(table).values({ id: 1 }));
      const row = await connection.execute(select(...table.columns.slice(1)));
      expect(row.first()).toStrictEqual(values.map(read));
    });

    it(`${one.written} have a type that the inspector reads as it was declared`, async () => {
      if (one.stored[dialect] === undefined) return;
      const { Base, Sample } = modelsOf(one, number);
      await Base.metadata.createAll(engine);
      await using connection = await engine.connect();
      const inspected = async (table: string) =>
        (await connection.inspect().columns(table)).find(({ name }) => name === "value")?.type;
      const type = await inspected(`sample_${number}`);
      const declared = engine.dialect.typeDdl(Sample.c.value.sqlType);
      const pattern = one.stored[dialect]!.replace(/[()[\]]/g, "\\$&").replace(/\.\.\.|\bn\b/, ".*");
      expect(declared).toMatch(new RegExp(`^${pattern}$`));
      // The database's own name for it makes the same type again, and so does ours.
      for (const [name, ddl] of Object.entries({ copied: type, declared })) {
        await connection.execute(text(`CREATE TABLE ${name}_${number} (value ${ddl?.replaceAll(":", "\\:")})`));
        expect(await inspected(`${name}_${number}`)).toBe(type);
      }
      await connection.rollback();
    });
  });
});
