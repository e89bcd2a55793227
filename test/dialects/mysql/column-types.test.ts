import { ArgumentError, declarativeBase, insert, integer, MetaData, Session, select, Table } from "alkahest";
import { mediumint, plainText, set, tinyint, unsignedBigint, unsignedTinyint, varbinary, year } from "alkahest/mysql";
import { describe, expect, it } from "vitest";
import { describeOnMariadb, openMariadb } from "../../support/mariadb.ts";

describe("types of MariaDB and MySQL", () => {
  it.each([
    [tinyint(), 128, "expected a whole number between -128 and 127, got the number 128"],
    [unsignedTinyint(), -1, "expected a whole number between 0 and 255, got the number -1"],
    [mediumint(), 2 ** 23, "expected a whole number between -8388608 and 8388607, got the number 8388608"],
    [unsignedBigint(), -1n, "expected a bigint between 0 and 18446744073709551615, got the bigint -1"],
    [unsignedBigint(), 5, "expected a bigint, got the number 5; write 5n"],
    [year(), 1900, "expected a whole number between 1901 and 2155, got the number 1900"],
    [varbinary(2), new Uint8Array(3), "expected at most 2 bytes, got 3"],
    [set(["a", "b"]), ["a", "c"], 'expected some of "a", "b", got the string "c"'],
    [set(["a", "b"]), "a", 'expected an array, got the string "a"'],
  ])("refuse what is none of their values: %#", (definition, value, expected) => {
    expect(definition.sqlType.validate(value)).toBe(expected);
  });

  it("refuse parameters without sense", () => {
    for (const values of [[], ["a,b"], ["a", "a"], ["blank "], [""], Array.from({ length: 65 }, (_, i) => `v${i}`)]) {
      expect(() => set(values)).toThrow(ArgumentError);
    }
    expect(() => varbinary(0)).toThrow("varbinary() takes a length from 1 to 65535, not 0.");
  });

  it("are equal whatever the order of the members of a set", () => {
    expect(set(["a", "b"]).sqlType.equals(["b", "a"], ["a", "b"])).toBe(true);
    expect(set(["a", "b"]).sqlType.equals(["a"], ["a", "b"])).toBe(false);
  });
});

describeOnMariadb("columns of MariaDB's and MySQL's own types", () => {
  it("without a sign are keys that count up, and hold values beyond 2^63", async () => {
    const Base = declarativeBase();
    class Big extends Base("big", { id: unsignedBigint().primaryKey(), tags: set(["x", "y", "z"]).notNull() }) {}
    const engine = openMariadb();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    const [first, last] = [new Big({ tags: ["z", "x"] }), new Big({ id: 2n ** 64n - 2n, tags: [] })];
    session.addAll([first, last]);
    await session.commit();
    expect(first.id).toBe(1n);
    first.tags.push("y"); // a change inside of the value is noticed
    await session.commit();
    session.clear();
    expect((await session.get(Big, 2n ** 64n - 2n))?.tags).toEqual([]);
    expect((await session.get(Big, 1n))?.tags).toEqual(["x", "y", "z"]);
  });

  it("can be keys where they have a length, and cannot where they have none", async () => {
    const metadata = new MetaData();
    const digest = new Table("digest", metadata, { hash: varbinary(32).primaryKey(), n: integer() });
    const engine = openMariadb();
    await metadata.createAll(engine);
    await using connection = await engine.connect();
    const hash = new Uint8Array([0, 255, 39]);
    await connection.execute(insert(digest).values({ hash, n: 1 }));
    expect((await connection.execute(select(digest.c.n).where(digest.c.hash.eq(hash)))).scalars()).toEqual([1]);
    const other = new MetaData();
    new Table("note", other, { body: plainText().primaryKey() });
    await expect(other.createAll(engine)).rejects.toThrow("index no text without a length");
  });
});
