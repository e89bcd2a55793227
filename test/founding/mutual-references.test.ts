import { Session, select, selectinLoad } from "alkahest";
import { describe, expect, it } from "vitest";
import { onEveryDatabase } from "../support/databases.ts";
import { rowsOf, StatementLog } from "../support/statements.ts";
import { compositeWidgetModels, selfReferenceModels, widgetModels } from "./models.ts";

onEveryDatabase("a row that points at itself", (database) => {
  it("is inserted, and linked later where the database makes the key with the row", async () => {
    const { Base, Node } = selfReferenceModels();
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    const log = new StatementLog(engine);
    const ed = new Node({ name: "ed" });
    ed.related = ed;
    session.add(ed);
    await session.commit();
    expect(log.writes).toEqual(database.capabilities.drawsKeys ? ["INSERT node"] : ["INSERT node", "UPDATE node"]);
    expect(await rowsOf(engine, "select id, related_id from node")).toEqual([[1, 1]]);
    expect([ed.id, ed.relatedId]).toEqual([1, 1]);
    log.clear();
    session.delete(ed);
    await session.commit();
    expect(log.writes).toEqual(
      database.capabilities.checksAtStatementEnd ? ["DELETE node"] : ["UPDATE node", "DELETE node"],
    );
    expect(await rowsOf(engine, "select id from node")).toEqual([]);
  });

  it("needs one INSERT when the key is known", async () => {
    const { Base, Node } = selfReferenceModels();
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    const log = new StatementLog(engine);
    const ed = new Node({ id: 7, name: "ed" });
    ed.related = ed;
    session.add(ed);
    await session.commit();
    expect(log.writes).toEqual(["INSERT node"]);
    expect(await rowsOf(engine, "select id, related_id from node")).toEqual([[7, 7]]);
  });
});

onEveryDatabase("a ring of rows", (database) => {
  for (const size of [2, 3, 4]) {
    it(`of ${size} is stored and deleted`, async () => {
      const { Base, Node } = selfReferenceModels();
      const engine = database.open();
      await Base.metadata.createAll(engine);
      await using session = new Session(engine);
      const ring = Array.from({ length: size }, (_, i) => new Node({ name: `n${i}` }));
      ring.forEach((node, i) => {
        node.related = ring[(i + 1) % size] ?? null;
      });
      session.addAll(ring);
      await session.commit();
      const rows = await rowsOf(engine, "select count(*) from node a join node b on b.id = a.related_id");
      expect(rows).toEqual([[size]]);
      for (const node of ring) session.delete(node);
      await session.commit();
      expect(await rowsOf(engine, "select id from node")).toEqual([]);
    });

    it.skipIf(!database.capabilities.checksAtStatementEnd)(
      `of ${size} with known keys is one INSERT, and one DELETE`,
      async () => {
        const { Base, Node } = selfReferenceModels();
        const engine = database.open();
        await Base.metadata.createAll(engine);
        await using session = new Session(engine);
        const log = new StatementLog(engine);
        const ring = Array.from({ length: size }, (_, i) => new Node({ id: i + 1, name: `n${i}` }));
        ring.forEach((node, i) => {
          node.related = ring[(i + 1) % size] ?? null;
        });
        session.addAll(ring);
        await session.commit();
        expect(log.writes).toEqual(["INSERT node"]);
        log.clear();
        for (const node of ring) session.delete(node);
        await session.commit();
        expect(log.writes).toEqual(["DELETE node"]);
        expect(await rowsOf(engine, "select id from node")).toEqual([]);
      },
    );
  }
});

describe.each([{ postUpdate: true }, { postUpdate: false }])("with $postUpdate as postUpdate", (options) => {
  onEveryDatabase("widgets and entries that point at each other", (database) => {
    it("are inserted in three statements: widgets, entries, favourites", async () => {
      const { Base, Entry, Widget } = widgetModels(options);
      const engine = database.open();
      await Base.metadata.createAll(engine);
      await using session = new Session(engine);
      const log = new StatementLog(engine);
      const entry = new Entry({ name: "someentry" });
      const widget = new Widget({ name: "somewidget", favoriteEntry: entry, entries: [entry] });
      session.addAll([widget, entry]);
      await session.commit();
      expect(log.writes).toEqual(["INSERT widget", "INSERT entry", "UPDATE widget"]);
      expect(await rowsOf(engine, "select widget_id, favorite_entry_id, name from widget")).toEqual([
        [1, 1, "somewidget"],
      ]);
      expect(await rowsOf(engine, "select entry_id, widget_id, name from entry")).toEqual([[1, 1, "someentry"]]);
      expect([widget.favoriteEntryId, entry.widgetId]).toEqual([1, 1]);
    });

    it("change and clear the favourite", async () => {
      const { Base, Entry, Widget } = widgetModels(options);
      const engine = database.open();
      await Base.metadata.createAll(engine);
      await using session = new Session(engine);
      const [first, second] = [new Entry({ name: "a" }), new Entry({ name: "b" })];
      const widget = new Widget({ favoriteEntry: first, entries: [first, second] });
      session.add(widget);
      await session.commit();
      widget.favoriteEntry = second;
      await session.commit();
      expect(await rowsOf(engine, "select favorite_entry_id from widget")).toEqual([[second.entryId]]);
      widget.favoriteEntry = null;
      await session.commit();
      expect(await rowsOf(engine, "select favorite_entry_id from widget")).toEqual([[null]]);
    });

    for (const [when, reload] of [
      ["right after commit", false],
      ["in a session of its own", true],
    ] as const) {
      it(`are all deleted in one flush, ${when}`, async () => {
        const { Base, Entry, Widget } = widgetModels(options);
        const engine = database.open();
        await Base.metadata.createAll(engine);
        const session = new Session(engine, { expireOnCommit: !reload });
        for (let i = 0; i < 3; i++) {
          const entries = [new Entry({ name: `a${i}` }), new Entry({ name: `b${i}` })];
          session.add(new Widget({ favoriteEntry: entries[1] ?? null, entries }));
        }
        await session.commit();
        const deleting = reload ? new Session(engine) : session;
        const widgets = await deleting.all(select(Widget).options(selectinLoad(Widget.c.entries)));
        for (const widget of widgets) {
          for (const entry of widget.entries) deleting.delete(entry);
          deleting.delete(widget);
        }
        await deleting.commit();
        expect(await rowsOf(engine, "select widget_id from widget")).toEqual([]);
        expect(await rowsOf(engine, "select entry_id from entry")).toEqual([]);
        await session.close();
        await deleting.close();
      });
    }

    it("need as many statements for 1,000 as for 10", async () => {
      const counts: number[] = [];
      for (const size of [10, 1000]) {
        const { Base, Entry, Widget } = widgetModels(options);
        const engine = database.open();
        await Base.metadata.createAll(engine);
        await using session = new Session(engine);
        const log = new StatementLog(engine);
        for (let i = 0; i < size; i++) {
          const entries = Array.from({ length: 5 }, (_, k) => new Entry({ name: `e${i}.${k}` }));
          session.add(new Widget({ name: `w${i}`, favoriteEntry: entries[2] ?? null, entries }));
        }
        await session.commit();
        counts.push(log.writes.length);
        const [matching] = await rowsOf(
          engine,
          "select count(*) from widget w join entry e on e.entry_id = w.favorite_entry_id and e.widget_id = w.widget_id",
        );
        expect(matching).toEqual([size]);
      }
      expect(counts).toEqual([3, 3]);
    });
  });
});

onEveryDatabase("a favourite that must be an entry of its widget (composite foreign key)", (database) => {
  it("is inserted, changed and deleted", async () => {
    const { Base, Entry, Widget } = compositeWidgetModels();
    const engine = database.open();
    await Base.metadata.createAll(engine);
    await using session = new Session(engine);
    const log = new StatementLog(engine);
    const [first, second] = [new Entry({ name: "a" }), new Entry({ name: "b" })];
    const widget = new Widget({ name: "w", favoriteEntry: first, entries: [first, second] });
    session.add(widget);
    await session.commit();
    expect(log.writes).toEqual(["INSERT widget", "INSERT entry", "UPDATE widget"]);
    expect(await rowsOf(engine, "select widget_id, favorite_entry_id from widget")).toEqual([[1, first.entryId]]);
    widget.favoriteEntry = second;
    await session.commit();
    expect(await rowsOf(engine, "select favorite_entry_id from widget")).toEqual([[second.entryId]]);
    for (const object of [first, second, widget]) session.delete(object);
    await session.commit();
    expect(await rowsOf(engine, "select widget_id from widget")).toEqual([]);
    expect(await rowsOf(engine, "select entry_id from entry")).toEqual([]);
  });
});
