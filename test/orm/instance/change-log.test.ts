import { declarativeBase, integer, varchar } from "alkahest";
import { expect, it } from "vitest";
import { ChangeLog } from "../../../src/orm/instance/change-log.ts";
import { mapperOf } from "../../../src/orm/mapping/index.ts";

const Base = declarativeBase();
class Note extends Base("notes", { id: integer().primaryKey(), title: varchar(20), body: varchar(20) }) {}

const property = (name: string) => mapperOf(Note).property(name);
const [title, body] = [property("title"), property("body")];

it("a log of changes keeps one committed value for each attribute, in the order in which they changed", () => {
  const log = new ChangeLog(body, "old body");
  log.set(title, undefined);
  log.set(body, "older body");
  expect([log.size, log.propertyAt(0), log.propertyAt(1)]).toEqual([2, body, title]);
  expect([log.valueAt(0), log.valueAt(1)]).toEqual(["older body", undefined]);
  expect([log.has(title), log.get(title), log.get(body)]).toEqual([true, undefined, "older body"]);
  expect([log.has(property("id")), log.get(property("id"))]).toEqual([false, undefined]);
  expect(log.flat()).toEqual([body, "older body", title, undefined]);
});

it("a log of changes forgets an attribute, and lists that it gave out stay as they are", () => {
  const log = new ChangeLog(body, "old body");
  log.set(title, null);
  const [properties, flat] = [log.properties(), log.flat()];
  expect([log.delete(body), log.delete(body)]).toEqual([true, false]);
  expect([log.size, log.propertyAt(0), log.has(body)]).toEqual([1, title, false]);
  expect([properties, flat]).toEqual([
    [body, title],
    [body, "old body", title, null],
  ]);
});
