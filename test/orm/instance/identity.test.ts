import { describe, expect, it } from "vitest";
import { entityOf, IdentityMap, identityKeyFrom } from "../../../src/orm/instance/index.ts";
import { mapperOf } from "../../../src/orm/mapping/index.ts";
import { bigint, integer, varchar } from "../../../src/schema/index.ts";
import { Base, Member, Parent } from "./models.ts";

class Big extends Base("big", { id: bigint().primaryKey() }) {}
class Pair extends Base("pair", { left: varchar(10).primaryKey(), right: varchar(10).primaryKey() }) {}
class Mixed extends Base("mixed", { left: varchar(10).primaryKey(), right: integer().primaryKey() }) {}

describe("identity keys", () => {
  it("are the value itself for one column", () => {
    expect(identityKeyFrom(mapperOf(Parent), [5])).toBe(5);
    expect(identityKeyFrom(mapperOf(Big), [5n])).toBe(identityKeyFrom(mapperOf(Big), [5]));
  });

  it("are null when a part is missing", () => {
    expect(identityKeyFrom(mapperOf(Parent), [null])).toBeNull();
    expect(identityKeyFrom(mapperOf(Member), [1, undefined])).toBeNull();
  });

  it("of several columns never mean two rows", () => {
    const key = (...values: unknown[]) => identityKeyFrom(mapperOf(Pair), values);
    const keys = [
      key("a", "b"),
      key("ab", ""),
      key("", "ab"),
      key("a;", "b"),
      key("a", ";b"),
      key("s1:a", "b"),
      key("a", "s1:b"),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(identityKeyFrom(mapperOf(Mixed), ["1", 1])).not.toBe(identityKeyFrom(mapperOf(Mixed), ["11", 1]));
  });
});

describe("the identity map", () => {
  const parent = (id: number) => entityOf(new Parent({ id }));

  it("has one object for a key", () => {
    const map = new IdentityMap();
    const [one, two] = [parent(1), parent(2)];
    map.add(one, 1);
    map.add(two, 2);
    expect(map.get(mapperOf(Parent), 1)).toBe(one);
    expect([...map.entities()]).toEqual([one, two]);
    expect(map.size).toBe(2);
    map.delete(two, 1);
    expect(map.get(mapperOf(Parent), 1)).toBe(one);
    map.rekey(one, 1, 7);
    expect(map.get(mapperOf(Parent), 1)).toBeUndefined();
    expect(map.get(mapperOf(Parent), 7)).toBe(one);
    map.clear();
    expect(map.size).toBe(0);
  });

  it("finds new objects by their key, the first one if there are several", () => {
    const map = new IdentityMap();
    const [one, two] = [parent(1), parent(1)];
    map.addPending(one, 1);
    map.addPending(two, 1);
    expect(map.getPending(mapperOf(Parent), 1)).toBe(one);
    map.addPending(one, 2);
    expect(map.getPending(mapperOf(Parent), 1)).toBe(two);
    expect(map.getPending(mapperOf(Parent), 2)).toBe(one);
    map.removePending(one);
    map.removePending(two);
    expect(map.getPending(mapperOf(Parent), 1)).toBeUndefined();
  });
});
