import {
  AlkahestError,
  date,
  dateTime,
  insert,
  integer,
  literal,
  MetaData,
  select,
  sql,
  Table,
  time,
  timestamp,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";

const metadata = new MetaData();
const moments = new Table("moments", metadata, {
  id: integer().primaryKey(),
  at: timestamp(),
  local: dateTime(),
  day: date(),
  hour: time(),
  name: varchar(40),
});

onEveryDatabase("casts", (database) => {
  async function open() {
    const engine = database.open();
    await metadata.createAll(engine);
    const connection = await engine.connect();
    await connection.execute(
      insert(moments).values([
        {
          id: 1,
          at: new Date("2024-12-31T23:59:59.999Z"),
          local: "2024-02-29T10:20:30.123456",
          day: "2024-12-29",
          hour: "10:20:30.5",
          name: "2024-03-31 04:05:06",
        },
        { id: 2, at: new Date("2024-01-01T00:00:00.000Z"), local: "2024-01-01T00:00:00" },
        { id: 3 },
      ]),
    );
    return connection;
  }
  const { id, at, local, day, hour, name } = moments.c;

  it("of dates and times keep the part that the type has", async () => {
    await using connection = await open();
    const dates = select(at.cast(date()), local.cast(date()), day.cast(date()), name.cast(date())).orderBy(id);
    expect((await connection.execute(dates)).all()).toEqual([
      ["2024-12-31", "2024-02-29", "2024-12-29", "2024-03-31"],
      ["2024-01-01", "2024-01-01", null, null],
      [null, null, null, null],
    ]);
    const times = select(at.cast(time()), local.cast(time()), hour.cast(time()), name.cast(time())).orderBy(id);
    expect((await connection.execute(times)).all()).toEqual([
      ["23:59:59.999", "10:20:30.123456", "10:20:30.5", "04:05:06"],
      ["00:00:00", "00:00:00", null, null],
      [null, null, null, null],
    ]);
    const both = select(at.cast(dateTime()), local.cast(dateTime()), day.cast(dateTime()), name.cast(dateTime()));
    expect((await connection.execute(both.orderBy(id))).all()).toEqual([
      ["2024-12-31T23:59:59.999", "2024-02-29T10:20:30.123456", "2024-12-29T00:00:00", "2024-03-31T04:05:06"],
      ["2024-01-01T00:00:00", "2024-01-01T00:00:00", null, null],
      [null, null, null, null],
    ]);
    const instants = select(at.cast(timestamp()), day.cast(timestamp()), name.cast(timestamp())).orderBy(id).limit(1);
    expect((await connection.execute(instants)).one()).toEqual([
      new Date("2024-12-31T23:59:59.999Z"),
      new Date("2024-12-29T00:00:00.000Z"),
      new Date("2024-03-31T04:05:06.000Z"),
    ]);
  });

  it("compare with what is stored", async () => {
    await using connection = await open();
    const where = (condition: Parameters<ReturnType<typeof select>["where"]>[0]) =>
      connection.execute(select(id).where(condition).orderBy(id)).then((result) => result.scalars());
    expect(await where(at.cast(date()).eq("2024-12-31"))).toEqual([1]);
    expect(await where(literal("2024-01-01").cast(timestamp()).eq(at))).toEqual([2]);
    expect(await where(literal("2024-01-01").cast(dateTime()).eq(local))).toEqual([2]);
    expect(await where(sql`${literal("2024-12-29")}`.cast(date()).eq(day))).toEqual([1]);
  });

  it("from a day to a time and from a time to a day are refused", async () => {
    // MariaDB takes midnight, and today.
    if (database.name === "MariaDB") return;
    await using connection = await open();
    for (const cast of [day.cast(time()), hour.cast(date()), hour.cast(dateTime()), hour.cast(timestamp())]) {
      await expect(connection.execute(select(cast))).rejects.toThrow(AlkahestError);
      await connection.rollback();
    }
  });
});
