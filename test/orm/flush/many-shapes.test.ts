import { type ColumnDefinition, declarativeBase, integer, Session, select } from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../../support/databases.ts";

onEveryDatabase("rows of many shapes", (database) => {
  // One more than a number has bits, with the key; and those around it.
  it.each([29, 30, 31, 40])("are written right, whichever of %i columns changed", async (COLUMNS) => {
    const Base = declarativeBase();
    const columns = Object.fromEntries(
      Array.from({ length: COLUMNS }, (_, i): [string, ColumnDefinition<number, true>] => [`c${i}`, integer()]),
    );
    class Wide extends Base("wide", { id: integer().primaryKey(), ...columns }) {}
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    const objects = Array.from({ length: 300 }, (_, i) => new Wide({ id: i }));
    session.addAll(objects);
    await session.commit();
    const expected = new Map<number, Record<string, number | null>>();
    for (const [i, object] of objects.entries()) {
      const values = object as unknown as Record<string, number | null>; // its columns are made by a loop
      const own: Record<string, number | null> = {};
      for (let bit = 0; bit < 9; bit++) if ((i >> bit) % 2 === 1) own[`c${(bit * 7) % COLUMNS}`] = i + bit;
      Object.assign(values, own);
      expected.set(i, own);
      if (i % 50 === 49) await session.flush();
    }
    await session.commit();
    session.clear();
    for (const object of await session.all(select(Wide))) {
      const values = object as unknown as Record<string, number | null>; // as above
      const own = expected.get(object.id) ?? {};
      for (const name of Object.keys(columns)) expect(values[name]).toBe(own[name] ?? null);
    }
  });
});
