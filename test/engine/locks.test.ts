import { type Connection, type Engine, insert, integer, MetaData, select, Table, TimeoutError } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { describeOnPostgresqlServer, openPostgresql } from "../support/postgresql.ts";

const metadata = new MetaData();
const job = new Table("job", metadata, { id: integer().primaryKey(), state: integer() });
const part = new Table("part", metadata, {
  id: integer().primaryKey(),
  jobId: integer().references(job.c.id),
});
const jobs = select(job.c.id).orderBy(job.c.id);

async function fill(engine: Engine): Promise<Engine> {
  await metadata.createAll(engine);
  await engine.begin((connection) => connection.execute(insert(job).values([1, 2, 3].map((id) => ({ id, state: 0 })))));
  return engine;
}

async function idsOf(connection: Connection, query: typeof jobs): Promise<unknown[]> {
  return [...(await connection.execute(query))].flat();
}

onEveryDatabase("rows that a query locks", (database) => {
  it.runIf(database.capabilities.concurrentWriters)("are skipped by those who take others", async () => {
    const engine = await fill(database.open());
    await using one = await engine.connect();
    await using other = await engine.connect();
    expect(await idsOf(one, jobs.where(job.c.id.eq(1)).forUpdate())).toEqual([1]);
    expect(await idsOf(other, jobs.forUpdate({ skipLocked: true }))).toEqual([2, 3]);
  });

  it.runIf(database.capabilities.concurrentWriters)("are a TimeoutError to those who do not wait", async () => {
    const engine = await fill(database.open());
    await using one = await engine.connect();
    await using other = await engine.connect();
    await idsOf(one, jobs.where(job.c.id.eq(1)).forUpdate({ keyShare: true }));
    await expect(idsOf(other, jobs.forUpdate({ nowait: true }))).rejects.toThrow(TimeoutError);
  });

  it.runIf(database.capabilities.concurrentWriters)("can be shared", async () => {
    const engine = await fill(database.open());
    await using one = await engine.connect();
    await using other = await engine.connect();
    for (const connection of [one, other]) {
      expect(await idsOf(connection, jobs.forUpdate({ share: true, nowait: true, of: [job] }))).toEqual([1, 2, 3]);
    }
  });

  it.runIf(!database.capabilities.concurrentWriters)("need no lock where one writes at a time", async () => {
    const engine = await fill(database.open());
    await using connection = await engine.connect();
    expect(await idsOf(connection, jobs.forUpdate({ nowait: true }))).toEqual([1, 2, 3]);
  });
});

describeOnPostgresqlServer("a lock that leaves the key alone", () => {
  it("lets others refer to the row", async () => {
    const engine = await fill(openPostgresql());
    await using one = await engine.connect();
    await idsOf(one, jobs.forUpdate({ keyShare: true }));
    await engine.begin((connection) => connection.execute(insert(part).values({ id: 1, jobId: 1 })));
    await using other = await engine.connect();
    expect(await idsOf(other, jobs.forUpdate({ share: true, keyShare: true, nowait: true }))).toEqual([1, 2, 3]);
  });
});
