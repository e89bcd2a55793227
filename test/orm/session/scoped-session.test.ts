import { InvalidStateError, inspect, Mapper, scopedSession, select, sessionmaker } from "alkahest";
import { describe, expect, it } from "vitest";
import { Group, openDatabase, Parent } from "./models.ts";

describe("a scoped session", () => {
  it("is one and the same within a scope, and another one in another scope", async () => {
    const { engine } = await openDatabase();
    const scoped = scopedSession(sessionmaker(engine));
    const sessions = await Promise.all(
      [1, 2].map(() =>
        scoped.run(async () => {
          const { session } = scoped;
          await new Promise((resolve) => setTimeout(resolve, 1));
          expect(scoped.session).toBe(session);
          return session;
        }),
      ),
    );
    expect(sessions[0]).not.toBe(sessions[1]);
  });

  it("is closed at the end of the scope", async () => {
    const { engine } = await openDatabase();
    const scoped = scopedSession(sessionmaker(engine));
    const session = await scoped.run(async () => {
      scoped.session.add(new Group());
      await scoped.session.commit();
      return scoped.session;
    });
    expect(() => session.add(new Group())).toThrow(/closed/);
    await scoped.run(async () => expect((await scoped.session.all(select(Group))).length).toBe(1));
  });

  it("does not exist outside of a scope", async () => {
    const { engine } = await openDatabase();
    const scoped = scopedSession(sessionmaker(engine));
    expect(() => scoped.session).toThrow(InvalidStateError);
    await expect(
      scoped.run(async () => {
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
  });
});

describe("inspect", () => {
  it("of a class is its mapper", () => {
    expect(inspect(Group)).toBeInstanceOf(Mapper);
    expect(inspect(Group).table.name).toBe("groups");
  });

  it("of an engine is the inspector of its schema", async () => {
    const { engine } = await openDatabase();
    expect(await inspect(engine).tableNames()).toContain("groups");
  });

  it("of an object tells what is loaded and what changed", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const group = new Group({ name: "a" });
    expect(inspect(group).isLoaded("name")).toBe(true);
    expect(inspect(group).history("name")).toEqual({ added: ["a"], unchanged: [], deleted: [] });
    session.add(group);
    await session.commit();
    group.name = "b";
    expect(inspect(group).history("name")).toEqual({ added: ["b"], unchanged: [], deleted: ["a"] });
    session.clear();
    const again = (await session.get(Group, group.gid))!;
    expect(inspect(again).isLoaded("users")).toBe(false);
    expect(() => inspect(again).isLoaded("nmae")).toThrow(/no attribute "nmae"/);
  });

  it("of an array sees what was written to an index", async () => {
    const { session: open } = await openDatabase();
    const session = open();
    const parent = new Parent();
    session.add(parent);
    await session.commit();
    const { Child } = await import("./models.ts");
    const child = new Child({ z: 1 });
    parent.children[0] = child;
    expect(inspect(parent).history("children").added).toEqual([child]);
  });
});
