import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { integer, varchar } from "../../../src/schema/index.ts";
import { FakeSession } from "./fake-session.ts";
import { Album, Base, Child, Employee, Parent } from "./models.ts";

describe("JSON.stringify", () => {
  it("shows what is loaded and leaves out what leads back", () => {
    const parent = new Parent({ id: 1, name: "p" });
    const child = new Child({ id: 2, parent });
    expect(JSON.parse(JSON.stringify(parent))).toEqual({ id: 1, name: "p", children: [{ id: 2, parentId: 1 }] });
    expect(JSON.parse(JSON.stringify(child))).toEqual({
      id: 2,
      parentId: 1,
      parent: { id: 1, name: "p", children: [] },
    });
    expect(JSON.parse(JSON.stringify(parent.children))).toEqual([
      { id: 2, parentId: 1, parent: { id: 1, name: "p", children: [] } },
    ]);
  });

  it("never loads, and does not mind what is not loaded", () => {
    const parent = new FakeSession().load(new Parent({ id: 1 }));
    parent.children.push(new Child());
    expect(JSON.parse(JSON.stringify(parent))).toEqual({ id: 1, name: null });
  });

  it("ends on objects that refer to themselves", () => {
    const boss = new Employee({ id: 1 });
    boss.boss = boss;
    expect(JSON.parse(JSON.stringify(boss))).toEqual({ id: 1, bossId: 1, reports: [] });
  });

  it("shows dates as text and large integers as text", () => {
    const album = new Album({ id: 1, released: new Date(0), plays: 2n ** 60n });
    expect(JSON.parse(JSON.stringify(album))).toEqual({
      id: 1,
      released: "1970-01-01T00:00:00.000Z",
      plays: "1152921504606846976",
    });
  });

  it("uses the method that a class has of its own", () => {
    class Secret extends Base("secret", { id: integer().primaryKey(), password: varchar(50) }) {
      toJSON(): object {
        return { id: this.id };
      }
    }
    expect(JSON.stringify(new Secret({ id: 1, password: "x" }))).toBe('{"id":1}');
  });
});

describe("console.log", () => {
  it("shows the class and what is loaded, and leaves out what leads back", () => {
    const parent = new Parent({ id: 1, name: "p" });
    new Child({ id: 2, parent });
    expect(inspect(parent)).toBe("Parent { id: 1, name: 'p', children: [ Child { id: 2, parentId: 1 } ] }");
  });

  it("says which object it is where it goes no deeper", () => {
    const parent = new Parent({ id: 1, children: [new Child({ id: 2 })] });
    expect(inspect({ a: { b: parent } }, { depth: 1 })).toContain("[Parent#1]");
  });
});
