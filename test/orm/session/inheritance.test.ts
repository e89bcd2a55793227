import { createEngine, declarativeBase, integer, manyToOne, oneToMany, Session, select, varchar } from "alkahest";
import { describe, expect, it, onTestFinished } from "vitest";

const Base = declarativeBase();

class Employee extends Base("employee", {
  id: integer().primaryKey(),
  name: varchar(50).notNull(),
  kind: varchar(10),
  get bossId() {
    return integer().references(Employee.c.id);
  },
  get boss() {
    return manyToOne(Employee, { remoteSide: [Employee.c.id], backPopulates: "reports" });
  },
  get reports() {
    return oneToMany(Employee, { backPopulates: "boss" });
  },
  get mapperArgs() {
    return { polymorphicOn: Employee.c.kind, polymorphicMap: { manager: Manager, engineer: Engineer } };
  },
}) {}
class Manager extends Base.inherit(Employee, "manager", {
  get id() {
    return integer().primaryKey().references(Employee.c.id);
  },
  level: integer().notNull(),
}) {}
class Engineer extends Base.inherit(Employee, null, { language: varchar(10) }) {}

async function setUp() {
  const engine = createEngine("sqlite::memory:");
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  onTestFinished(async () => {
    await session.close();
    await engine.dispose();
  });
  session.add(
    new Manager({ id: 1, name: "m", level: 3, reports: [new Engineer({ id: 2, name: "e", language: "ts" })] }),
  );
  await session.commit();
  session.clear();
  const statements: string[] = [];
  engine.on("statement", ({ sql }) => statements.push(sql));
  return { session, statements };
}

describe("a session with classes of one family", () => {
  it("gets an object by any class that it is of, and null by others", async () => {
    const { session } = await setUp();
    const manager = await session.get(Employee, 1);
    expect(manager).toBeInstanceOf(Manager);
    expect((manager as Manager).level).toBe(3);
    expect(await session.get(Manager, 1)).toBe(manager);
    expect(await session.get(Engineer, 1)).toBeNull();
    expect((await session.get(Engineer, 2))?.language).toBe("ts");
  });

  it("merges a mixed graph with one statement for its rows and one for the collection", async () => {
    const { session, statements } = await setUp();
    const merged = await session.merge(
      new Manager({
        id: 1,
        name: "m2",
        reports: [new Engineer({ id: 2, name: "e2" }), new Employee({ id: 3, name: "x" })],
      }),
    );
    expect(merged.level).toBe(3);
    expect(statements.length).toBe(2); // the rows of the family, and the reports that are replaced
    await session.commit();
    session.clear();
    const all = await session.all(select(Employee).orderBy(Employee.c.id));
    expect(all.map((one) => [one.constructor.name, one.name, one.bossId])).toEqual([
      ["Manager", "m2", null],
      ["Engineer", "e2", 1],
      ["Employee", "x", 1],
    ]);
  });

  it("merges a tree of any depth with as many statements as one of depth one", async () => {
    const { session, statements } = await setUp();
    let tree = new Employee({ id: 100, name: "leaf" });
    for (let id = 101; id < 110; id++) tree = new Employee({ id, name: `n${id}`, reports: [tree] });
    await session.merge(tree);
    expect(statements.length).toBe(1);
    await session.commit();
    session.clear();
    statements.length = 0;
    await session.merge(tree);
    expect(statements.length).toBe(2);
    expect(session.dirty.size).toBe(0);
  });

  it("refuses to merge an object onto a row of another class", async () => {
    const { session } = await setUp();
    await session.get(Employee, 2);
    await expect(session.merge(new Manager({ id: 2, name: "no" }))).rejects.toThrow(/Employee|Engineer#2.*no Manager/);
  });
});
