import { declarativeBase, type Engine, InvalidStateError, integer, Session, text, varchar } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";

type Action = "update" | "nothing";

function familyModels(action: Action, isJoined: boolean) {
  const Base = declarativeBase();
  class Employee extends Base("employees", {
    id: integer().primaryKey(),
    kind: varchar(20).notNull(),
    email: varchar(50).notNull().unique(),
    name: varchar(50),
    version: integer().notNull(),
    get mapperArgs() {
      return {
        polymorphicOn: Employee.c.kind,
        polymorphicMap: { employee: Employee, manager: Manager },
        onConflict: { target: [Employee.c.email], do: action },
        versionId: Employee.c.version,
      };
    },
  }) {}
  const joined = () =>
    class extends Base.inherit(Employee, "managers", {
      get id() {
        return integer().primaryKey().references(Employee.c.id);
      },
      level: integer(),
      office: varchar(20),
    }) {};
  const single = () => class extends Base.inherit(Employee, null, { level: integer(), office: varchar(20) }) {};
  // Both have the same attributes.
  const Manager = (isJoined ? joined() : single()) as ReturnType<typeof joined>;
  return { Base, Employee, Manager };
}

const run = (engine: Engine, statement: string) => engine.begin((connection) => connection.execute(text(statement)));

onEveryDatabase("onConflict and inheritance", (database) => {
  it.each([
    ["update", true],
    ["update", false],
    ["nothing", true],
    ["nothing", false],
  ] as const)(
    "upserts the row of the root, and that of the subclass with it (%s, joined %s)",
    async (action, isJoined) => {
      const { Base, Manager } = familyModels(action, isJoined);
      const engine = database.open();
      await Base.metadata.createAll(engine);
      if (isJoined) {
        await run(
          engine,
          "insert into employees (id, kind, email, name, version) values (7, 'manager', 'm@x', 'Mia', 3)",
        );
        await run(engine, "insert into managers values (7, 2, 'B1')");
      } else {
        await run(
          engine,
          "insert into employees (id, kind, email, name, version, level, office) values (7, 'manager', 'm@x', 'Mia', 3, 2, 'B1')",
        );
      }
      const log = new StatementLog(engine);
      const session = new Session(engine);
      const managers = [
        new Manager({ id: 30, email: "m@x", level: 5 }),
        new Manager({ email: "n@x", level: 6 }),
        new Manager({ email: "n@x", office: "B2" }),
      ] as const;
      session.addAll(managers);
      await session.commit();
      const [mia, nina, second] = managers;
      const kept = action === "update";
      expect([mia.id, mia.kind, mia.name, mia.level, mia.office]).toEqual([7, "manager", "Mia", kept ? 5 : 2, "B1"]);
      expect(mia.version).toBe(kept ? 4 : 3);
      expect([nina.level, nina.office, nina.version]).toEqual([6, "B2", 1]);
      expect(second.version).toBe(null);
      const source = isJoined ? "employees e join managers m on m.id = e.id" : "employees e";
      expect(await rowsOf(engine, `select e.id, name, level, office, version from ${source} order by email`)).toEqual([
        [7, "Mia", kept ? 5 : 2, "B1", kept ? 4 : 3],
        [nina.id, null, 6, "B2", 1],
      ]);
      expect(new Set(log.writes)).toEqual(new Set(["INSERT employees", ...(isJoined ? ["INSERT managers"] : [])]));
      mia.office = "B9";
      mia.name = "M";
      await session.commit();
      expect(await rowsOf(engine, `select name, office from ${source} where e.id = 7`)).toEqual([["M", "B9"]]);
      await session.close();
      await engine.dispose();
    },
  );

  it.each([true, false])("refuses to make a row one of another class (joined %s)", async (isJoined) => {
    const { Base, Manager } = familyModels("update", isJoined);
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await run(engine, "insert into employees (id, kind, email, name, version) values (7, 'employee', 'm@x', 'Mia', 3)");
    const session = new Session(engine);
    session.add(new Manager({ email: "m@x", level: 1 }));
    const error = await session.flush().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidStateError);
    expect(String(error)).toMatch(/row that onConflict found for it is Employee, not/);
    await session.rollback();
    expect(await rowsOf(engine, "select kind, version from employees")).toEqual([["employee", 3]]);
    await session.close();
    await engine.dispose();
  });

  it("unites objects of a class and of one that extends it, but not the other way round", async () => {
    const { Base, Employee, Manager } = familyModels("update", true);
    const engine = database.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    const manager = new Manager({ email: "m@x", level: 1 });
    session.addAll([manager, new Employee({ email: "m@x", name: "Mia" })]);
    await session.commit();
    expect([manager.name, manager.level]).toEqual(["Mia", 1]);
    session.addAll([new Employee({ email: "n@x" }), new Manager({ email: "n@x" })]);
    await expect(session.flush()).rejects.toThrow(/stand for the same row by onConflict/);
    await session.rollback();
    await session.close();
    await engine.dispose();
  });
});
