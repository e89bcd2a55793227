import { inspect } from "node:util";
import { describe, expect, expectTypeOf, it } from "vitest";
import { ArgumentError } from "../../src/errors/index.ts";
import { type ColumnElement, equals, func, sql } from "../../src/expression/index.ts";
import {
  Column,
  check,
  columnOf,
  foreignKey,
  index,
  integer,
  MetaData,
  Table,
  tableOptions,
  text,
  timestamp,
  unique,
  varchar,
} from "../../src/schema/index.ts";

function shop() {
  const metadata = new MetaData();
  const orders = new Table("orders", metadata, { id: integer().primaryKey(), region: varchar(10).primaryKey() });
  const lines = new Table(
    "lines",
    metadata,
    {
      id: integer().primaryKey(),
      orderId: integer("order_id").notNull(),
      region: varchar(10).notNull(),
      position: integer(),
      sku: varchar(20).unique({ name: "lines_sku", nullsNotDistinct: true }),
      note: text().index(),
    },
    (c) => [
      foreignKey([c.orderId, c.region], [orders.c.id, orders.c.region], { name: "fk_order", onDelete: "cascade" }),
      unique("lines_position", c.orderId, c.position, { deferrable: true, initially: "deferred" }),
      index("lines_lower_note", func.lower(c.note), { unique: true, where: c.note.isNotNull() }),
      index("lines_newest", c.position.desc(), { unique: true }),
      check("positive", c.position.gt(0)),
      tableOptions({ comment: "Lines", mysqlEngine: "InnoDB" }),
    ],
  );
  return { metadata, orders, lines };
}

describe("Table", () => {
  it("makes a column of each definition, named by its key or by itself", () => {
    const { lines } = shop();
    expect(lines.columns.map(({ name }) => name)).toEqual(["id", "order_id", "region", "position", "sku", "note"]);
    expect(lines.columns.map(({ key }) => key)).toEqual(["id", "orderId", "region", "position", "sku", "note"]);
    expect(lines.columns.map(({ index: position }) => position)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(lines.c.orderId).toBe(lines.column("order_id"));
    expect(lines.c.orderId).toBeInstanceOf(Column);
    expect(lines.c.orderId).toMatchObject({
      table: lines,
      nullable: false,
      primaryKey: false,
      fullName: "lines.order_id",
    });
    expect(lines.primaryKey).toEqual([lines.c.id]);
  });

  it("names the columns by a rule if one is given", () => {
    const table = new Table("t", new MetaData(), { someKey: integer(), other: integer("x") }, undefined, {
      columnName: (key) => key.toUpperCase(),
    });
    expect(table.columns.map(({ name }) => name)).toEqual(["SOMEKEY", "x"]);
  });

  it("types its columns by their definitions", () => {
    const { lines } = shop();
    expectTypeOf(lines.c.id).toEqualTypeOf<Column<number>>();
    expectTypeOf(lines.c.orderId).toEqualTypeOf<Column<number>>();
    expectTypeOf(lines.c.position).toEqualTypeOf<Column<number | null>>();
    expectTypeOf(lines).toExtend<Table>();
    // @ts-expect-error: there is no such column
    expect(lines.c.missing).toBeUndefined();
  });

  it("can be told apart from others by its schema", () => {
    const metadata = new MetaData({ schema: "shop" });
    const a = new Table("t", metadata, { id: integer() });
    const b = new Table("t", metadata, { id: integer() }, undefined, { schema: "other" });
    const plain = new Table("t", metadata, { id: integer() }, undefined, { schema: null });
    expect([a, b, plain].map(({ fullName }) => fullName)).toEqual(["shop.t", "other.t", "t"]);
    expect([...metadata.tables.values()]).toEqual([a, b, plain]);
  });

  it("is short in logs, as its columns are", () => {
    const { orders } = shop();
    expect(inspect([orders, orders.c.id])).toBe("[ Table(orders), Column(orders.id) ]");
  });

  it("knows its foreign keys", () => {
    const { lines, orders } = shop();
    const [key] = lines.foreignKeys;
    expect(key).toMatchObject({
      name: "fk_order",
      table: lines,
      columns: [lines.c.orderId, lines.c.region],
      onDelete: "cascade",
      onUpdate: null,
      deferrable: false,
    });
    expect(key?.referredTable).toBe(orders);
    expect(key?.referredColumns).toEqual([orders.c.id, orders.c.region]);
    expect(lines.c.region.foreignKeys).toEqual([key]);
    expect(lines.c.id.foreignKeys).toEqual([]);
    expect(key?.describe()).toBe("lines.order_id, lines.region -> orders.id, orders.region");
  });

  it("has one view of all that is unique in it", () => {
    const { lines } = shop();
    const { c } = lines;
    const view = lines.uniqueKeys.map(({ name, kind, columns, deferrable, nullsNotDistinct }) => {
      return { name, kind, columns: columns?.map((column) => column.key) ?? null, deferrable, nullsNotDistinct };
    });
    expect(view).toEqual([
      { name: null, kind: "primaryKey", columns: ["id"], deferrable: false, nullsNotDistinct: false },
      { name: "lines_sku", kind: "unique", columns: ["sku"], deferrable: false, nullsNotDistinct: true },
      {
        name: "lines_position",
        kind: "unique",
        columns: ["orderId", "position"],
        deferrable: true,
        nullsNotDistinct: false,
      },
      { name: "lines_lower_note", kind: "index", columns: null, deferrable: false, nullsNotDistinct: false },
      { name: "lines_newest", kind: "index", columns: ["position"], deferrable: false, nullsNotDistinct: false },
    ]);
    const partial = lines.uniqueKeys[3]!;
    expect(equals(partial.expressions[0]!, func.lower(c.note))).toBe(true);
    expect(equals(partial.where!, c.note.isNotNull())).toBe(true);
    expect(lines.uniqueKeys[1]?.expressions).toEqual([c.sku]);
  });

  it("keeps checks, indexes and options", () => {
    const { lines } = shop();
    expect(lines.checks).toMatchObject([{ name: "positive" }]);
    expect(equals(lines.checks[0]!.condition, lines.c.position.gt(0))).toBe(true);
    expect(lines.indexes.map(({ name, unique: isUnique }) => [name, isUnique])).toEqual([
      ["ix_lines_note", false],
      ["lines_lower_note", true],
      ["lines_newest", true],
    ]);
    expect(lines.indexes[2]?.expressions[0]?.kind).toBe("orderBy");
    expect(lines.options).toEqual({ comment: "Lines", mysqlEngine: "InnoDB" });
  });

  it("makes its constraints when they are first asked for", () => {
    let asked = 0;
    const table = new Table("t", new MetaData(), { id: integer() }, (c) => {
      asked++;
      return [unique("u", c.id)];
    });
    expect(asked).toBe(0);
    expect(table.uniques).toHaveLength(1);
    expect(table.indexes).toHaveLength(0);
    expect(asked).toBe(1);
  });

  it.each<[string, () => unknown]>([
    [
      '"a" and "b" of table "t" are both the column "x".',
      () => new Table("t", new MetaData(), { a: integer("x"), b: integer("x") }),
    ],
    ['Table "t" has no columns.', () => new Table("t", new MetaData(), {})],
    [
      '"id" of table "t" is no column: write integer(), varchar(50) or the like.',
      // @ts-expect-error: a function that makes a column is none
      () => new Table("t", new MetaData(), { id: integer }),
    ],
    [
      'unique() of table "t" names orders.id, a column of another table.',
      () => new Table("t", new MetaData(), { id: integer() }, () => [unique("u", shop().orders.c.id)]).uniques,
    ],
    [
      'unique() of table "t" takes columns, no other expressions.',
      () => new Table("t", new MetaData(), { id: text() }, (c) => [unique("u", func.lower(c.id))]).uniques,
    ],
    [
      'A foreign key of table "t" has 1 columns and refers to 2: both must be the same number, at least one.',
      () => {
        const { orders } = shop();
        const args = (c: { id: Column<number | null> }) => [foreignKey([c.id], [orders.c.id, orders.c.region])];
        return new Table("t", new MetaData(), { id: integer() }, args).foreignKeys;
      },
    ],
    [
      'A foreign key of table "t" refers to several tables: "orders", "lines".',
      () => {
        const { orders, lines } = shop();
        return new Table("t", new MetaData(), { a: integer(), b: integer() }, (c) => [
          foreignKey([c.a, c.b], [orders.c.id, lines.c.id]),
        ]).foreignKeys[0]?.referredColumns;
      },
    ],
    ["unique() takes at least one column after the name.", () => unique("u")],
    ["unique() takes columns, and options as its last argument.", () => unique("u", {}, shop().orders.c.id)],
  ])("refuses what makes no sense: %s", (message, make) => {
    expect(make).toThrow(ArgumentError);
    expect(make).toThrow(message);
  });

  it("says which columns there are when asked for another", () => {
    expect(() => shop().orders.column("x")).toThrow('There is no column "x"; there are "id", "region".');
  });
});

describe("autoincrement", () => {
  const metadata = () => new MetaData();
  const of = (table: Table) => table.columns.filter(({ autoincrement }) => autoincrement).map(({ key }) => key);

  it("is what a primary key of one whole number does", () => {
    expect(of(new Table("t", metadata(), { id: integer().primaryKey(), n: integer() }))).toEqual(["id"]);
    expect(of(new Table("t", metadata(), { id: varchar(5).primaryKey() }))).toEqual([]);
    expect(of(new Table("t", metadata(), { a: integer().primaryKey(), b: integer().primaryKey() }))).toEqual([]);
    expect(of(new Table("t", metadata(), { n: integer() }))).toEqual([]);
  });

  it("is not what one does that gets its value from elsewhere", () => {
    expect(of(new Table("t", metadata(), { id: integer().primaryKey().default(5) }))).toEqual([]);
    expect(of(new Table("t", metadata(), { id: integer().serverDefault(sql`f()`).primaryKey() }))).toEqual([]);
    expect(of(new Table("t", metadata(), { id: integer().autoincrement(false).primaryKey() }))).toEqual([]);
    const shared = metadata();
    const parent = new Table("p", shared, { id: integer().primaryKey() });
    expect(of(new Table("a", shared, { id: integer().primaryKey().references(parent.c.id) }))).toEqual([]);
    expect(
      of(new Table("b", shared, { id: integer().primaryKey() }, (c) => [foreignKey([c.id], [parent.c.id])])),
    ).toEqual([]);
  });

  it("can be asked for, also of a foreign key", () => {
    const shared = metadata();
    const parent = new Table("p", shared, { id: integer().primaryKey() });
    const args = (c: { id: Column<number> }) => [foreignKey([c.id], [parent.c.id])];
    expect(of(new Table("a", shared, { id: integer().autoincrement("ignoreFk").primaryKey() }, args))).toEqual(["id"]);
    expect(of(new Table("b", shared, { id: integer().primaryKey().autoincrement(), x: text().primaryKey() }))).toEqual([
      "id",
    ]);
  });

  it("makes the column generated, as server defaults and computed columns are", () => {
    const table = new Table("t", metadata(), {
      id: integer().primaryKey(),
      made: timestamp().serverDefault(func.now()),
      twice: integer().computed(sql`id * 2`, { stored: true }),
      counted: integer().identity({ always: true }),
      plain: integer().default(5),
    });
    expect(table.columns.filter(({ generated }) => generated).map(({ key }) => key)).toEqual([
      "id",
      "made",
      "twice",
      "counted",
    ]);
    expect(table.c.twice.computed).toMatchObject({ stored: true });
  });
});

describe("columnOf", () => {
  it("finds the schema column behind a column", () => {
    const { id } = shop().orders.c;
    expect(columnOf(id)).toBe(id);
    // As far as it matters here, an attribute of a mapped class.
    expect(columnOf({ name: "id", origin: id } as unknown as ColumnElement<unknown>)).toBe(id);
  });

  it("says so when there is none", () => {
    const computed = { name: "total" } as { name: string; origin?: unknown };
    computed.origin = computed;
    expect(() => columnOf(computed as unknown as ColumnElement<unknown>)).toThrow('"total" is computed');
  });
});
