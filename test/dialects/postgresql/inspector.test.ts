import {
  check,
  type Engine,
  foreignKey,
  func,
  index,
  integer,
  literal,
  MetaData,
  NoSuchTableError,
  numeric,
  sql,
  Table,
  unique,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { describeOnPostgresql, openPostgresql } from "../../support/postgresql.ts";

const metadata = new MetaData();
const owner = new Table("owner", metadata, { a: integer().primaryKey(), b: varchar(5).primaryKey() });
new Table(
  "Thing",
  metadata,
  {
    id: integer().primaryKey(),
    name: varchar(20).notNull().serverDefault(literal("new")),
    price: numeric(10, 2),
    double: numeric().computed(sql`price * 2`),
    ownerA: integer("owner_a"),
    ownerB: varchar(5, "owner_b"),
  },
  (c) => [
    foreignKey([c.ownerA, c.ownerB], [owner.c.a, owner.c.b], {
      name: "thing_owner",
      onUpdate: "cascade",
      onDelete: "set null",
    }),

    unique("thing_name", c.name, { nullsNotDistinct: true }),
    check("positive", c.price.gt("0")),
    index("thing_lower", func.lower(c.name)),
    index("thing_cheap", c.price.desc(), { where: c.price.lt("10"), include: [c.name], using: "btree" }),
  ],
);

async function setUp(): Promise<Engine> {
  const engine = openPostgresql();
  await metadata.createAll(engine);
  await engine.begin((connection) => connection.execute(sql`CREATE VIEW overview AS SELECT * FROM "Thing"`));
  return engine;
}

describeOnPostgresql("the inspector of PostgreSQL", () => {
  it("lists tables and views of the schema that is searched first", async () => {
    const inspector = (await setUp()).inspect();
    expect(await inspector.tableNames()).toEqual(["Thing", "owner"]);
    expect(await inspector.viewNames()).toEqual(["overview"]);
    expect(await inspector.hasTable("Thing")).toBe(true);
    expect(await inspector.hasTable("thing")).toBe(false);
    expect(await inspector.tableNames("information_schema")).toContain("sql_features");
  });

  it("describes columns", async () => {
    const inspector = (await setUp()).inspect();
    const none = { identity: null, computed: null, collation: null, comment: null };
    const column = { nullable: true, default: null, primaryKeyPosition: 0, ...none };
    expect(await inspector.columns("Thing")).toEqual([
      { ...column, name: "id", type: "integer", nullable: false, primaryKeyPosition: 1, identity: "by default" },
      {
        ...column,
        name: "name",
        type: "character varying(20)",
        nullable: false,
        default: "'new'::character varying",
      },
      { ...column, name: "price", type: "numeric(10,2)" },
      {
        ...column,
        name: "double",
        type: "numeric",
        computed: { expression: expect.stringContaining("price"), stored: true },
      },
      { ...column, name: "owner_a", type: "integer" },
      { ...column, name: "owner_b", type: "character varying(5)" },
    ]);
  });

  it("describes keys and constraints", async () => {
    const inspector = (await setUp()).inspect();
    expect(await inspector.primaryKey("owner")).toEqual(["a", "b"]);
    expect(await inspector.foreignKeys("Thing")).toEqual([
      {
        name: "thing_owner",
        columns: ["owner_a", "owner_b"],
        referredSchema: null,
        referredTable: "owner",
        referredColumns: ["a", "b"],
        onUpdate: "CASCADE",
        onDelete: "SET NULL",
        deferrable: false,
        initiallyDeferred: false,
      },
    ]);
    expect(await inspector.uniqueConstraints("Thing")).toEqual([
      { name: "thing_name", columns: ["name"], deferrable: false, initiallyDeferred: false },
    ]);
    expect(await inspector.checks("Thing")).toEqual([{ name: "positive", expression: "(price > '0'::numeric)" }]);
  });

  it("describes indexes: partial ones, and those over expressions", async () => {
    const inspector = (await setUp()).inspect();
    expect(await inspector.indexes("Thing")).toEqual([
      { name: "thing_cheap", unique: false, columns: ["price"], expressions: [], where: "price < '10'::numeric" },
      { name: "thing_lower", unique: false, columns: [null], expressions: ["lower(name::text)"], where: null },
    ]);
  });

  it("says that there is no such table", async () => {
    const inspector = (await setUp()).inspect();
    await expect(inspector.columns("nowhere")).rejects.toThrow(NoSuchTableError);
    await expect(inspector.indexes("nowhere")).rejects.toThrow(NoSuchTableError);
  });
});
