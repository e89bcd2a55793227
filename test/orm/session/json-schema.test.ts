import { DataError, declarativeBase, insert, integer, json, Session, select, update } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../../support/databases.ts";

interface Settings {
  theme: string;
  size?: number | undefined;
}

/** A Standard Schema, as validators make them: trims, has a default, leaves out what it does not know. */
function schemaOf(fallback: number) {
  type Outcome = { readonly value: Settings } | { readonly issues: readonly { readonly message: string }[] };
  const validate = (value: unknown): Outcome => {
    const { theme, size = fallback } = value as Partial<Settings>;
    if (typeof theme !== "string") return { issues: [{ message: "theme is missing" }] };
    return { value: { theme: theme.trim(), size } };
  };
  return { "~standard": { version: 1, vendor: "test", validate } } as const;
}

const Base = declarativeBase();

class Page extends Base("page", {
  id: integer().primaryKey(),
  settings: json(schemaOf(10)),
  other: json(schemaOf(20)),
  plain: json<Settings>(),
}) {}

const given = (): Settings => JSON.parse('{ "theme": " dark ", "more": true }') as Settings;

onEveryDatabase("what a schema gives out", (database) => {
  async function open() {
    const engine = database.open();
    await Base.metadata.createAll(engine);
    return new Session(engine);
  }
  const made = [{ theme: "dark", size: 10 }, { theme: "dark", size: 20 }, given()];

  it("is written by a flush, for one row and for many", async () => {
    await using session = await open();
    const pages = Array.from(
      { length: 60 },
      (_, n) => new Page({ id: n, settings: given(), other: given(), plain: given() }),
    );
    session.addAll(pages);
    await session.commit();
    const rows = await session.all(select(Page.c.settings, Page.c.other, Page.c.plain));
    expect(rows).toEqual(pages.map(() => made));
    pages[0]!.settings = { theme: "light  " };
    await session.commit();
    await session.refresh(pages[0]!);
    expect(pages[0]!.settings).toEqual({ theme: "light", size: 10 });
  });

  it("is written by statements", async () => {
    await using session = await open();
    await session.execute(insert(Page).values({ id: 1, settings: given(), other: given(), plain: given() }));
    expect(await session.all(select(Page.c.settings, Page.c.other, Page.c.plain))).toEqual([made]);
    await session.execute(update(Page).set({ other: { theme: " x" } }));
    expect(await session.all(select(Page.c.other))).toEqual([{ theme: "x", size: 20 }]);
  });

  it("is refused if it does not accept the value", async () => {
    await using session = await open();
    session.add(new Page({ id: 1, settings: {} as Settings }));
    await expect(session.flush()).rejects.toThrow(DataError);
  });
});
