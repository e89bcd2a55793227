import { declarativeBase, integer, manyToOne, Session, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

// Merges while primary keys are changing: by which key is an object found?

async function setUp(database: TestDatabase, options: { readonly autoflush?: boolean } = {}) {
  const Base = declarativeBase();
  class Product extends Base("product", { code: varchar(10).primaryKey(), name: varchar(10) }) {}
  class Part extends Base("part", {
    get productCode() {
      return varchar(10).primaryKey().references(Product.c.code, { onUpdate: "cascade" });
    },
    number: integer().primaryKey(),
    name: varchar(10),
    get product() {
      return manyToOne(Product);
    },
  }) {}
  const engine = database.open();
  await Base.metadata.createAll(engine);
  const session = new Session(engine, options);
  const product = new Product({ code: "a", name: "old" });
  session.add(product);
  await session.commit();
  const products = () => rowsOf(engine, "select code, name from product order by code");
  const parts = () => rowsOf(engine, "select product_code, number, name from part order by product_code, number");
  const close = async () => {
    await session.close();
    await engine.dispose();
  };
  return { Product, Part, engine, session, product, products, parts, close };
}

onEveryDatabase("merge finds an object by the key that it has", (database) => {
  it("that was set and is not flushed yet", async () => {
    const { Product, session, product, products, close } = await setUp(database);
    product.code = "b";
    expect(await session.merge(new Product({ code: "b", name: "new" }))).toBe(product);
    await session.commit();
    expect(await products()).toEqual([["b", "new"]]);
    await close();
  });

  it("and not by the one that it gives up", async () => {
    const { Product, session, product, products, close } = await setUp(database);
    product.code = "b";
    const other = await session.merge(new Product({ code: "a", name: "new" }));
    expect(other).not.toBe(product);
    await session.commit();
    expect(await products()).toEqual([
      ["a", "new"],
      ["b", "old"],
    ]);
    expect(await session.get(Product, "a")).toBe(other);
    await close();
  });

  it("that comes from another owner, or from an owner whose key was set", async () => {
    const { Product, Part, session, product, parts, close } = await setUp(database);
    const other = new Product({ code: "o" });
    const part = new Part({ product, number: 1, name: "old" });
    session.addAll([other, part]);
    await session.commit();
    part.product = other;
    expect(await session.merge(new Part({ productCode: "o", number: 1, name: "moved" }))).toBe(part);
    other.code = "p";
    expect(await session.merge(new Part({ productCode: "p", number: 1, name: "followed" }))).toBe(part);
    await session.commit();
    expect(await parts()).toEqual([["p", 1, "followed"]]);
    await close();
  });

  it("of an object that came to the session with it", async () => {
    const { Product, session, product, products, close } = await setUp(database);
    session.expunge(product);
    product.code = "b";
    session.add(product);
    expect(await session.merge(new Product({ code: "b", name: "new" }))).toBe(product);
    await session.commit();
    expect(await products()).toEqual([["b", "new"]]);
    await close();
  });

  it("and flushes nothing else for that, and nothing at all without autoflush", async () => {
    const { Product, engine, session, product, products, close } = await setUp(database);
    const log = new StatementLog(engine);
    product.name = "changed";
    session.add(new Product({ code: "n" }));
    await session.merge(new Product({ code: "a" }));
    expect(log.writes).toEqual([]);
    await session.noAutoflush(async () => {
      product.code = "b";
      expect(await session.merge(new Product({ code: "a", name: "new" }))).toBe(product);
    });
    expect(log.writes).toEqual([]);
    await session.commit();
    expect(await products()).toEqual([
      ["a", "new"],
      ["n", null],
    ]);
    await close();
  });

  it("whose row it has, if the object is detached and its key was set", async () => {
    const { Product, Part, session, product, products, parts, close } = await setUp(database);
    const part = new Part({ product, number: 1, name: "old" });
    session.add(part);
    await session.commit();
    session.clear();
    product.code = "b";
    part.number = 2;
    const merged = await session.merge(part);
    await session.commit();
    expect([await products(), await parts()]).toEqual([[["b", "old"]], [["b", 2, "old"]]]);
    expect(await session.get(Part, { productCode: "b", number: 2 })).toBe(merged);
    expect(await session.get(Product, "b")).toBe(merged.product);
    await close();
  });

  it("whose row it has, if the object is another session's and got another owner there", async () => {
    const { Product, Part, engine, session, product, parts, close } = await setUp(database);
    const other = new Product({ code: "o" });
    const part = new Part({ product, number: 1, name: "old" });
    session.addAll([other, part]);
    await session.commit();
    part.product = other;
    const second = new Session(engine);
    const merged = await second.merge(part);
    await second.commit();
    expect(await parts()).toEqual([["o", 1, "old"]]);
    expect(await second.get(Part, { productCode: "o", number: 1 })).toBe(merged);
    await second.close();
    await close();
  });
});
