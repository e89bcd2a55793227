import {
  CompileError,
  createEngine,
  declarativeBase,
  type Engine,
  ForeignKeyViolation,
  integer,
  MetaData,
  Session,
  Table,
  tableOptions,
  text,
  varchar,
} from "alkahest";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const Base = declarativeBase();
class Ticket extends Base("ticket", {
  number: integer().primaryKey(),
  seat: integer(),
  get tableArgs() {
    return [tableOptions({ sqliteAutoincrement: true, sqliteStrict: true })];
  },
}) {}
class _Word extends Base("word", {
  text: varchar(20).primaryKey(),
  get tableArgs() {
    return [tableOptions({ sqliteWithRowid: false })];
  },
}) {}

describe("tables with options of SQLite", () => {
  let engine: Engine;
  const ddl = async (name: string): Promise<string> => {
    await using connection = await engine.connect();
    const found = await connection.execute(text("select sql from sqlite_master where name = :name", { name }));
    return String(found.scalar());
  };

  beforeEach(() => {
    engine = createEngine("sqlite::memory:");
  });
  afterEach(() => engine.dispose());

  it("never give a key again with sqliteAutoincrement", async () => {
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    const [first, second] = [new Ticket({ seat: 1 }), new Ticket({ seat: 2 })];
    session.addAll([first, second]);
    await session.commit();
    session.delete(second);
    await session.commit();
    const third = new Ticket({ seat: 3 });
    session.add(third);
    await session.commit();
    expect([first.number, third.number]).toEqual([1, 3]);
    await session.close();
  });

  it("say STRICT and WITHOUT ROWID where that is asked for", async () => {
    await Base.metadata.createAll(engine);
    expect(await ddl("word")).toMatch(/PRIMARY KEY \(text\)\n\) WITHOUT ROWID$/);
    expect(await ddl("ticket")).toMatch(/ STRICT$/);
  });

  it("refuse sqliteAutoincrement for a key that the database does not fill", async () => {
    const Other = declarativeBase();
    class _Code extends Other("code", {
      code: varchar(5).primaryKey(),
      get tableArgs() {
        return [tableOptions({ sqliteAutoincrement: true })];
      },
    }) {}
    await expect(Other.metadata.createAll(engine)).rejects.toThrow(/primary key of one integer column.*"code"/);
  });
});

describe("tables of an attached database", () => {
  async function attached(): Promise<Engine> {
    const engine = createEngine("sqlite::memory:");
    await using connection = await engine.connect();
    await connection.execute(text("ATTACH DATABASE ':memory:' AS app"));
    return engine;
  }

  it("have foreign keys and indexes within it", async () => {
    const App = declarativeBase({ schema: "app" });
    class Owner extends App("owner", { id: integer().primaryKey() }) {}
    class Pet extends App("pet", {
      id: integer().primaryKey(),
      name: varchar(20).index(),
      get ownerId() {
        return integer().references(Owner.c.id);
      },
    }) {}
    await using engine = await attached();
    await App.metadata.createAll(engine);
    await using session = new Session(engine);
    session.add(new Pet({ id: 1, ownerId: 5 }));
    await expect(session.flush()).rejects.toThrow(ForeignKeyViolation);
    await session.rollback();
    expect((await session.execute(text("select name from app.sqlite_master where type = 'index'"))).all()).toEqual([
      ["ix_pet_name"],
    ]);
    await session.commit();
    await App.metadata.dropAll(engine);
  });

  it("refer to no table of another", async () => {
    const metadata = new MetaData();
    new Table("owner", metadata, { id: integer().primaryKey() });
    new Table("pet", metadata, { ownerId: integer().references("owner.id") }, undefined, { schema: "app" });
    await using engine = await attached();
    const failing = metadata.createAll(engine);
    await expect(failing).rejects.toThrow(CompileError);
    await expect(failing).rejects.toThrow('no foreign keys from one schema to another: "app.pet" refers to "owner"');
  });
});
