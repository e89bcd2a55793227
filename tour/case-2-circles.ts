import { declarativeBase, foreignKey, integer, manyToOne, oneToMany, Session, unique, varchar } from "alkahest";
import type { Stage } from "./stage.ts";

/** Founding case 2, first half: rows that point at themselves and at each other. */
export async function circles(stage: Stage): Promise<void> {
  stage.narrator.title("Case 2: rows that point at each other");
  stage.narrator.say(`A foreign key needs the key of a row that does not exist yet. SQLAlchemy wants to be told, with the flag
    post_update. Here the flush sees the circle in the rows, and takes it apart at a foreign key that may be NULL.`);
  await itself(stage);
  await eachOther(stage);
  await compositeKey(stage);
}

async function itself(stage: Stage): Promise<void> {
  const { narrator, engine } = stage;
  const Base = declarativeBase();
  narrator.part("A row that points at itself");
  // show: itself
  // biome-ignore format: a getter a line, as it is read
  class Person extends Base("person", {
    id: integer().primaryKey(),
    name: varchar(50),
    get mentorId() { return integer().references(Person.c.id); },
    get mentor() { return manyToOne(Person, { remoteSide: [Person.c.id] }); },
  }) {}
  const ed = new Person({ name: "ed" });
  ed.mentor = ed;
  // end
  stage.show(import.meta.url, "itself");
  await Base.metadata.createAll(engine);
  await using session = new Session(engine);
  session.add(ed);
  const generated = await stage.echo(() => session.commit());
  if (engine.dialect.capabilities.sequences) {
    narrator.check("a key drawn from a sequence: one INSERT", generated, ["INSERT person"]);
  } else {
    narrator.check("a key that the database makes: INSERT, then UPDATE", generated, ["INSERT person", "UPDATE person"]);
  }

  narrator.say("With a key that is known beforehand, one INSERT is enough.");
  const known = await stage.play(import.meta.url, "known key", async () => {
    // show: known key
    const wendy = new Person({ id: 7, name: "wendy" });
    wendy.mentor = wendy;
    session.add(wendy);
    await session.commit();
    // end
  });
  narrator.check("one INSERT", known, ["INSERT person"]);
  narrator.check("both point at themselves", await stage.rows("SELECT id, mentor_id FROM person ORDER BY id"), [
    [1, 1],
    [7, 7],
  ]);
  await Base.metadata.dropAll(engine);
}

async function eachOther(stage: Stage): Promise<void> {
  const { narrator, engine } = stage;
  const Base = declarativeBase();
  // show: widget and entry
  // biome-ignore format: a getter a line, as it is read
  class Entry extends Base("entry", {
    entryId: integer().primaryKey(),
    name: varchar(50),
    get widgetId() { return integer().references(Widget.c.widgetId); },
  }) {}
  // biome-ignore format: a getter a line, as it is read
  class Widget extends Base("widget", {
    widgetId: integer().primaryKey(),
    name: varchar(50),
    get favoriteEntryId() { return integer().references(Entry.c.entryId, { name: "fk_favorite_entry" }); },
    get entries() { return oneToMany(Entry, { foreignKeys: [Entry.c.widgetId] }); },
    get favoriteEntry() { return manyToOne(Entry, { foreignKeys: [Widget.c.favoriteEntryId] }); },
  }) {}
  // end

  narrator.part("A widget has entries, and one of them is its favourite");
  narrator.say("Each of the two rows needs the key of the other.");
  stage.show(import.meta.url, "widget and entry");
  await Base.metadata.createAll(engine);
  await using session = new Session(engine);
  const widget = new Widget({ name: "somewidget" });
  const entry = new Entry({ name: "someentry" });
  stage.show(import.meta.url, "favourite");
  // show: favourite
  widget.entries.push(entry);
  widget.favoriteEntry = entry;
  session.add(widget);
  // end
  await stage.plan(session);
  const linked = await stage.echo(() => session.commit());
  narrator.check("INSERT, INSERT, UPDATE", linked, ["INSERT widget", "INSERT entry", "UPDATE widget"]);
  narrator.check("each row has the other's key", await stage.rows(FAVOURITES), [[1, 1, 1]]);

  narrator.say("Deleting them takes the circle apart again. Both go in one flush:");
  const unlinked = await stage.play(import.meta.url, "delete both", async () => {
    // show: delete both
    session.delete(widget);
    session.delete(entry);
    await session.commit();
    // end
  });
  narrator.check(
    "UPDATE, DELETE, DELETE",
    unlinked.map((write) => write.split(" ")[0]),
    ["UPDATE", "DELETE", "DELETE"],
  );
  narrator.check("nothing is left", await stage.rows("SELECT * FROM widget"), []);

  const few = await store(10);
  const many = await store(1000);
  narrator.say(`Rows that are written alike share a statement: 10 such pairs take ${few.length} statements, and 1,000 pairs
    take ${many.length}.`);
  narrator.check("as many statements for 1,000 pairs as for 10", many, few);
  await Base.metadata.dropAll(engine);

  function store(pairs: number): Promise<readonly string[]> {
    for (let i = 0; i < pairs; i++) {
      const favorite = new Entry({ name: `entry ${i}` });
      session.add(new Widget({ name: `widget ${i}`, entries: [favorite], favoriteEntry: favorite }));
    }
    return stage.count(() => session.commit());
  }
}

const FAVOURITES = `SELECT w.widget_id, w.favorite_entry_id, e.widget_id
  FROM widget w JOIN entry e ON e.entry_id = w.favorite_entry_id`;

async function compositeKey(stage: Stage): Promise<void> {
  const { narrator, engine } = stage;
  const Base = declarativeBase();
  // show: composite
  // biome-ignore format: a getter a line, as it is read
  class Entry extends Base("entry", {
    entryId: integer().primaryKey(),
    name: varchar(50),
    get widgetId() { return integer().references(Widget.c.widgetId); },
    get tableArgs() { return [unique("entry_uk", Entry.c.widgetId, Entry.c.entryId)]; },
  }) {}
  // biome-ignore format: a getter a line, as it is read
  class Widget extends Base("widget", {
    widgetId: integer().autoincrement("ignoreFk").primaryKey(),
    name: varchar(50),
    favoriteEntryId: integer(),
    get entries() { return oneToMany(Entry, { foreignKeys: [Entry.c.widgetId] }); },
    get favoriteEntry() {
      return manyToOne(Entry, {
        primaryJoin: Widget.c.favoriteEntryId.eq(Entry.c.entryId),
        foreignKeys: [Widget.c.favoriteEntryId],
      });
    },
    get tableArgs() {
      const own = [Widget.c.widgetId, Widget.c.favoriteEntryId];
      return [foreignKey(own, [Entry.c.widgetId, Entry.c.entryId], { name: "fk_favorite_entry" })];
    },
  }) {}
  // end

  narrator.part("The favourite must be one of the widget's own entries");
  narrator.say(`A composite foreign key says so. widget_id is now part of a foreign key and would lose its automatic
    numbers; autoincrement("ignoreFk") keeps them.`);
  stage.show(import.meta.url, "composite");
  await Base.metadata.createAll(engine);
  await using session = new Session(engine);
  const entries = ["one", "two"].map((name) => new Entry({ name }));
  const [one, two] = entries as [Entry, Entry];
  const widget = new Widget({ name: "somewidget", entries, favoriteEntry: one });
  session.add(widget);
  await stage.echo(() => session.commit());
  narrator.check("stored", await stage.rows(FAVOURITES), [[1, one.entryId, 1]]);

  narrator.say("Another favourite, then none:");
  await stage.play(import.meta.url, "another favourite", async () => {
    // show: another favourite
    widget.favoriteEntry = two;
    await session.commit();
    // end
  });
  narrator.check("another favourite", await stage.rows(FAVOURITES), [[1, two.entryId, 1]]);
  widget.favoriteEntry = null;
  await stage.count(() => session.commit());
  narrator.check("none", await stage.rows("SELECT favorite_entry_id FROM widget"), [[null]]);
  await Base.metadata.dropAll(engine);
}
