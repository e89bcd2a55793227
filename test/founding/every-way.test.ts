import { inspect, Session, select } from "alkahest";
import { describe, expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";
import { declare, type OnUpdate } from "./chain-models.ts";

// Two owners, three items and two parts, and every way to go from there to another state in one flush. All of them are tried
// with ALKAHEST_EVERY_WAY=1, which takes minutes; else a few of them, spread evenly.

type ItemName = "x" | "y" | "z" | "new";
type PartName = "of x" | "of y";

/** An owner and a number there: `"a0"`. */
type Place = `${"a" | "b"}${0 | 1 | 2}`;

interface PartPlace {
  readonly item: ItemName;
  readonly n: number;
}

interface Way {
  /** What becomes of the owners' codes: nothing; they are exchanged; b takes that of a, which is deleted. */
  readonly owners: "stay" | "exchange codes" | "b takes the code of a";
  /** Where the items are to be; null: nowhere. */
  readonly items: Readonly<Record<ItemName, Place | null>>;
  readonly parts: Readonly<Record<PartName, PartPlace | "replaced" | null>>;
}

const AT_FIRST: Way = {
  owners: "stay",
  items: { x: "a0", y: "a1", z: "b0", new: null },
  parts: { "of x": { item: "x", n: 1 }, "of y": { item: "y", n: 2 } },
};

const PLACES: readonly Place[] = ["a0", "a1", "a2", "b0", "b1", "b2"];

function areApart(places: readonly (Place | null)[]): boolean {
  const taken = places.filter((place) => place !== null);
  return new Set(taken).size === taken.length;
}

/** Items and parts go anywhere, parts exchange their numbers or keep them. */
function* moves(): Generator<Way> {
  for (const owners of ["exchange codes", "stay"] as const)
    for (const x of PLACES)
      for (const y of PLACES)
        for (const z of PLACES) {
          if (!areApart([x, y, z])) continue;
          for (const ofX of ["x", "y", "z"] as const)
            for (const ofY of ["x", "y", "z"] as const)
              for (const [n, m] of [[1, 2] as const, [2, 1] as const])
                yield {
                  owners,
                  items: { x, y, z, new: null },
                  parts: { "of x": { item: ofX, n }, "of y": { item: ofY, n: m } },
                };
        }
}

/** Item x goes, a new one may come; parts go, go anywhere, or are replaced. */
function* replacements(): Generator<Way> {
  for (const owners of ["stay", "exchange codes", "b takes the code of a"] as const)
    for (const y of PLACES)
      for (const z of PLACES)
        for (const fresh of [...PLACES, null]) {
          if (!areApart([y, z, fresh])) continue;
          if (owners === "b takes the code of a" && [y, z, fresh].some((place) => place?.startsWith("a") === true))
            continue;
          const items = { x: null, y, z, new: fresh };
          for (const ofX of partPlaces(fresh))
            for (const ofY of partPlaces(fresh, 2))
              yield* withParts({ owners, items, parts: { "of x": ofX, "of y": ofY } });
        }
}

function partPlaces(fresh: Place | null, n?: number): readonly (PartPlace | "replaced" | null)[] {
  const items: readonly ItemName[] = fresh === null ? ["y", "z"] : ["y", "z", "new"];
  if (n !== undefined) return [...items.map((item) => ({ item, n })), null, "replaced"];
  return [...items.flatMap((item) => [1, 2].map((own) => ({ item, n: own }))), null];
}

/** Not if both have one key. */
function* withParts(way: Way): Generator<Way> {
  const [ofX, ofY] = [way.parts["of x"], way.parts["of y"]];
  const at = ofY === "replaced" ? { item: "y", n: 2 } : ofY;
  const isSame = ofX !== null && ofX !== "replaced" && at !== null && ofX.item === at.item && ofX.n === at.n;
  if (!isSame) yield way;
}

/** The rows of items and parts, by name. */
function rowsAfter({ owners, items, parts }: Way): readonly (readonly unknown[])[] {
  const codes = { stay: "ab", "exchange codes": "ba", "b takes the code of a": "-a" }[owners];
  const itemKey = (name: ItemName): readonly unknown[] => {
    const place = items[name] as Place; // a part is of an item that is there
    return [codes["ab".indexOf(place.charAt(0))], Number(place.charAt(1))];
  };
  const names = (["new", "x", "y", "z"] as const).filter((name) => items[name] !== null);
  const ofParts = (["of x", "of y"] as const).flatMap((name) => {
    const place = parts[name];
    if (place === null) return [];
    return [place === "replaced" ? [name, ...itemKey("y"), 2] : [name, ...itemKey(place.item), place.n]];
  });
  return [...names.map((name) => [name, ...itemKey(name)]), ...ofParts];
}

/** @param isLoaded all objects are in the session; else those alone that change */
async function rowsBy(database: TestDatabase, options: OnUpdate, way: Way, isLoaded: boolean) {
  const { Base, Owner, Item, Part } = declare(options);
  const engine = database.open();
  try {
    await Base.metadata.createAll(engine);
    const settings = { autoflush: false, suspendForeignKeyChecks: !database.capabilities.keysFollow };
    await using first = new Session(engine, settings);
    const owners = { a: new Owner({ code: "a" }), b: new Owner({ code: "b" }) };
    const stored = {
      x: new Item({ name: "x", owner: owners.a, position: 0 }),
      y: new Item({ name: "y", owner: owners.a, position: 1 }),
      z: new Item({ name: "z", owner: owners.b, position: 0 }),
    };
    const parts = [new Part({ name: "of x", item: stored.x, n: 1 }), new Part({ name: "of y", item: stored.y, n: 2 })];
    first.addAll([...Object.values(stored), ...parts]);
    await first.commit();

    await using other = new Session(engine, settings);
    const session = isLoaded ? first : other;
    const a = await session.one(select(Owner).where(Owner.c.code.eq("a")));
    const b = await session.one(select(Owner).where(Owner.c.code.eq("b")));
    const added = new Item({ name: "new" });
    const seen = new Set<InstanceType<typeof Item> | InstanceType<typeof Part>>(
      isLoaded ? [...Object.values(stored), ...parts] : [],
    );
    const item = async (name: ItemName) =>
      name === "new" ? added : session.one(select(Item).where(Item.c.name.eq(name)));
    for (const name of ["x", "y", "z", "new"] as const) {
      const place = way.items[name];
      if (place === AT_FIRST.items[name]) continue;
      const one = await item(name);
      seen.add(one);
      if (place === null) session.delete(one);
      else [one.owner, one.position] = [place.startsWith("a") ? a : b, Number(place.charAt(1))];
      if (one === added) session.add(one);
    }
    for (const name of ["of x", "of y"] as const) {
      const [place, was] = [way.parts[name], AT_FIRST.parts[name] as PartPlace]; // they are there at first
      if (place !== null && place !== "replaced" && place.item === was.item && place.n === was.n) continue;
      const one = await session.one(select(Part).where(Part.c.name.eq(name)));
      seen.add(one);
      if (place === null || place === "replaced") session.delete(one);
      else if (place.item !== was.item) one.item = await item(place.item);
      if (place === "replaced") session.add(new Part({ name, item: await item("y"), n: 2 }));
      else if (place !== null && place.n !== was.n) one.n = place.n;
    }
    if (way.owners === "exchange codes") [a.code, b.code] = ["b", "a"];
    else if (way.owners === "b takes the code of a") {
      session.delete(a);
      b.code = "a";
    }
    await session.commit();
    const items = await rowsOf(engine, "select name, owner_code, position from item order by name");
    const ofParts = await rowsOf(engine, "select name, owner_code, position, n from part order by name");
    const shown = [...seen].flatMap((one) => {
      if (inspect(one).state !== "persistent") return [];
      return one instanceof Part
        ? [[one.name, one.ownerCode, one.position, one.n]]
        : [[one.name, one.ownerCode, one.position]];
    });
    expect([...items, ...ofParts], "rows").toEqual(expect.arrayContaining(shown));
    return [...items, ...ofParts];
  } finally {
    await engine.dispose();
  }
}

/** How many of the ways are tried on a database. */
function numberOf({ name }: TestDatabase, ways: readonly Way[]): number {
  if (process.env.ALKAHEST_EVERY_WAY !== undefined) return ways.length;
  return name === "SQLite" ? 500 : 40; // a server takes ten times as long
}

onEveryDatabase("every way", (database) => {
  describe.each<OnUpdate>([{}, { onUpdate: "cascade" }])("%o", (options) => {
    it.each([
      ["to move rows of three levels", [...moves()]],
      ["to replace some of them", [...replacements()]],
    ])(
      "%s",
      async (_, ways) => {
        const step = ways.length / numberOf(database, ways);
        for (let i = 0; i < ways.length; i += step) {
          const way = ways[Math.floor(i)] as Way; // `i` counts them
          const isLoaded = Math.floor(i / step) % 2 === 0;
          const rows = await rowsBy(database, options, way, isLoaded);
          expect(rows, JSON.stringify({ ...way, isLoaded })).toEqual(rowsAfter(way));
        }
      },
      3_600_000,
    );
  });
});
