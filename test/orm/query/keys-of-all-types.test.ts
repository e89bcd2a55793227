import {
  bigint,
  boolean,
  bytes,
  type ColumnDefinition,
  char,
  date,
  dateTime,
  declarativeBase,
  enumeration,
  integer,
  manyToOne,
  numeric,
  oneToMany,
  Session,
  select,
  selectinLoad,
  text,
  timestamp,
  uuid,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../../support/databases.ts";
import { StatementLog } from "../../support/statements.ts";

/** A type of key, and two values of it. */
type Case = readonly [name: string, column: () => ColumnDefinition<unknown>, first: unknown, second: unknown];

const CASES: readonly Case[] = [
  ["integer", () => integer(), 1, -2],
  ["bigint", () => bigint(), 9_007_199_254_740_993n, -1n],
  ["varchar", () => varchar(40), `it's "{a,b}" \\ NULL`, ""],
  ["char", () => char(3), "ab", "abc"],
  ["uuid", () => uuid(), "3f333df6-90a4-4fda-8dd3-9485d27cee36", "00000000-0000-0000-0000-000000000000"],
  ["numeric", () => numeric(12, 3), "12345.678", "-0.500"],
  ["date", () => date(), "2026-11-27", "1999-12-31"],
  ["dateTime", () => dateTime(), "2026-11-27T10:20:30.123456", "1999-12-31T00:00:00"],
  ["timestamp", () => timestamp(), new Date("2026-11-27T10:20:30.123Z"), new Date(0)],
  ["boolean", () => boolean(), true, false],
  ["enumeration", () => enumeration(["red", "it's"]), "red", "it's"],
  ["bytes", () => bytes(), new Uint8Array([0, 255, 39]), new Uint8Array([1])],
];

onEveryDatabase("related rows, found by keys of any type", (database) => {
  // MariaDB has no keys of BLOBs.
  const cases = database.name === "MariaDB" ? CASES.filter(([name]) => name !== "bytes") : CASES;
  it.each(cases)("%s", async (_name, column, first, second) => {
    const Base = declarativeBase();
    class Owner extends Base("owners", {
      key: column().primaryKey(),
      get parts() {
        return oneToMany(Part, { backPopulates: "owner" });
      },
    }) {}
    class Part extends Base("parts", {
      id: integer().primaryKey(),
      get ownerKey() {
        return column().references(Owner.c.key);
      },
      get owner() {
        return manyToOne(Owner, { backPopulates: "parts" });
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await using writer = new Session(engine);
    for (const key of [first, second]) writer.add(new Owner({ key, parts: [new Part({}), new Part({})] }));
    await writer.commit();

    await using session = new Session(engine);
    const log = new StatementLog(engine);
    const owners = await session.all(select(Owner).options(selectinLoad(Owner.c.parts)));
    expect(owners.map(({ parts }) => parts.length)).toEqual([2, 2]);
    expect(log.all).toHaveLength(2);
    session.clear();
    const parts = await session.all(select(Part).options(selectinLoad(Part.c.owner)));
    expect(new Set(parts.map(({ owner }) => owner)).size).toBe(2);
    for (const { owner, ownerKey } of parts) expect(owner?.key).toEqual(ownerKey);
  });
});

onEveryDatabase("related rows of many owners", (database) => {
  it("are one statement, and on PostgreSQL the same one for any number", async () => {
    const Base = declarativeBase();
    class Owner extends Base("owners", {
      id: integer().primaryKey(),
      name: text(),
      get parts() {
        return oneToMany(Part, { backPopulates: "owner" });
      },
    }) {}
    class Part extends Base("parts", {
      id: integer().primaryKey(),
      get ownerId() {
        return integer().references(Owner.c.id);
      },
      get owner() {
        return manyToOne(Owner, { backPopulates: "parts" });
      },
    }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    session.addAll(Array.from({ length: 50 }, (_, i) => new Owner({ name: `o${i}`, parts: [new Part({})] })));
    await session.commit();
    const log = new StatementLog(engine);
    const texts = new Set<string>();
    for (const count of [2, 3, 50]) {
      session.clear();
      log.clear();
      const owners = await session.all(select(Owner).limit(count).options(selectinLoad(Owner.c.parts)));
      expect(owners.map(({ parts }) => parts.length)).toEqual(Array(count).fill(1));
      expect(log.all).toHaveLength(2);
      texts.add(log.all[1]?.sql ?? "");
    }
    expect(texts.size).toBe(/^P(ostgreSQL|Glite)$/.test(database.name) ? 1 : 3);
  });
});
