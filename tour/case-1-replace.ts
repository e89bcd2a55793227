import { declarativeBase, float, integer, manyToOne, oneToMany, Session, unique, varchar } from "alkahest";
import type { Stage } from "./stage.ts";

const Base = declarativeBase();

// show: the classes
// biome-ignore format: a getter a line, as it is read
class Parent extends Base("parent", {
  id: integer().primaryKey(),
  name: varchar(50),
  get children() { return oneToMany(Child, { backPopulates: "parent", cascade: "all, delete-orphan" }); },
}) {}

// biome-ignore format: a getter a line, as it is read
class Child extends Base("child", {
  id: integer().primaryKey(),
  get parentId() { return integer().notNull().references(Parent.c.id); },
  z: float(),
  get parent() { return manyToOne(Parent, { backPopulates: "children" }); },
  get tableArgs() { return [unique("child_uk", Child.c.parentId, Child.c.z)]; },
}) {}
// end

const CHILDREN = "SELECT z FROM child ORDER BY z";

/** Founding case 1: children replaced under a unique key. */
export async function replace(stage: Stage): Promise<void> {
  const { narrator, engine } = stage;
  narrator.title("Case 1: children replaced under a unique key");
  narrator.say(`A parent owns its children, and no two of its children may have the same z. Replacing the children frees
    a key and takes it again, in one flush.`);
  stage.show(import.meta.url, "the classes");
  await Base.metadata.createAll(engine);

  await using session = new Session(engine);
  const parent = new Parent({ name: "Datum", children: [2.5, 3.5, 5.5].map((z) => new Child({ z })) });
  session.add(parent);
  await session.commit();
  const before = [...parent.children];
  narrator.say("Stored: a parent with children of z = 2.5, 3.5 and 5.5.");

  narrator.part("Replace them, one of the new ones being equal to an old one");
  narrator.say(`An ORM that inserts before it deletes violates child_uk with the new 5.5 and asks for a flush in between.
    Here the unique constraint is part of the plan: the DELETE that gives a key up runs before the INSERT that takes it.`);
  stage.show(import.meta.url, "replacement");
  // show: replacement
  parent.children = [new Child({ z: 4.0 }), new Child({ z: 5.5 })];
  // end
  await stage.plan(session);
  const writes = await stage.echo(() => session.flush());
  narrator.check("one DELETE, then one INSERT", writes, ["DELETE child", "INSERT child"]);

  narrator.part("Take it back");
  narrator.say("rollback() restores the objects along with the rows.");
  await stage.play(import.meta.url, "rollback", async () => {
    // show: rollback
    await session.rollback();
    // end
  });
  narrator.check("the old children are back: the very same objects", isSame(parent.children, before), true);
  narrator.check("and the rows with them", await stage.rows(CHILDREN), [[2.5], [3.5], [5.5]]);

  narrator.part("Replace them for good, then let the two that are left change places");
  parent.children = [new Child({ z: 4.0 }), new Child({ z: 5.5 })];
  await stage.count(() => session.commit());
  narrator.say(`Two rows that exchange a unique value are a circle: neither UPDATE can go first. z may be NULL, and NULL
    takes no key, so one row waits there for a moment.`);
  stage.show(import.meta.url, "exchange");
  // show: exchange
  const [four, five] = [...parent.children] as [Child, Child];
  [four.z, five.z] = [five.z, four.z];
  // end
  await stage.plan(session);
  await stage.echo(() => session.commit());
  narrator.check(
    "the rows have changed places",
    await stage.rows(`SELECT CASE WHEN id = ${four.id} THEN 1 ELSE 0 END, z FROM child ORDER BY id`),
    [
      [1, 5.5],
      [0, 4],
    ],
  );
  await Base.metadata.dropAll(engine);
}

function isSame(some: readonly object[], others: readonly object[]): boolean {
  return some.length === others.length && some.every((one, index) => one === others[index]);
}
