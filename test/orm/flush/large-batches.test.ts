import {
  boolean,
  bytes,
  date,
  declarativeBase,
  double,
  func,
  integer,
  json,
  numeric,
  Session,
  select,
  timestamp,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../../support/databases.ts";
import { StatementLog } from "../../support/statements.ts";

const Base = declarativeBase();

class Wide extends Base("wide", {
  id: integer().primaryKey(),
  name: varchar(20).notNull(),
  a: integer(),
  b: numeric(10, 2),
  c: double(),
  d: boolean(),
  e: date(),
  f: timestamp(),
  g: json<{ n: number } | null>(),
  h: bytes(),
  i: varchar(5).serverDefault("x"),
}) {}

/** With ten columns each, more parameters than any of the databases takes in one statement. */
const ROWS = 10_000;
const instant = new Date("2024-05-01T10:00:00Z");

onEveryDatabase("a flush of more values than one statement has room for", (database) => {
  it("inserts, updates and deletes all rows in few statements", async () => {
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    const log = new StatementLog(engine);
    const rows = Array.from(
      { length: ROWS },
      (_, n) =>
        new Wide({
          name: `n${n}`,
          a: n % 7 === 0 ? null : n,
          b: "1.50",
          c: n / 4,
          d: n % 2 === 0,
          e: "2024-02-29",
          f: instant,
          g: { n },
          h: new Uint8Array([n % 256, 0]),
        }),
    );
    session.addAll(rows);
    await session.commit();
    expect(log.writes.length).toBeLessThan(10);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(ROWS);
    expect(rows.every(({ i }) => i === "x")).toBe(true);
    {
      await using other = new Session(engine);
      for (const n of [0, 1, 4999, ROWS - 1]) {
        const [stored] = await other.all(select(Wide).where(Wide.c.id.eq(rows[n]!.id)));
        expect(JSON.stringify(stored)).toBe(JSON.stringify(rows[n]));
      }
    }

    log.clear();
    for (const row of rows) {
      row.name = `${row.name}!`;
      row.b = "2.25";
    }
    await session.commit();
    expect(log.writes.length).toBeLessThan(10);
    const changed = select(func.count()).where(Wide.c.b.eq("2.25"), Wide.c.name.like("n%!"));
    expect(await session.all(changed)).toEqual([ROWS]);

    log.clear();
    for (const row of rows) session.delete(row);
    await session.commit();
    expect(log.writes.length).toBeLessThan(10);
    expect(await session.all(select(func.count(Wide.c.id)))).toEqual([0]);
    await engine.dispose();
  });
});
