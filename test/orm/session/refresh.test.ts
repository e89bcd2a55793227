import {
  declarativeBase,
  InvalidStateError,
  inspect,
  integer,
  lazy,
  manyToOne,
  oneToMany,
  Session,
  select,
  text,
  varchar,
} from "alkahest";
import { expect, it } from "vitest";
import { onEveryDatabase } from "../../support/databases.ts";

const Base = declarativeBase();
class Album extends Base("albums", {
  id: integer().primaryKey(),
  title: varchar(20),
  notes: varchar(20).deferred(),
  get tracks() {
    return oneToMany(Track, { backPopulates: "album" });
  },
}) {}
class Track extends Base("tracks", {
  id: integer().primaryKey(),
  get albumId() {
    return integer().references(Album.c.id);
  },
  get album() {
    return manyToOne(Album, { backPopulates: "tracks" });
  },
}) {}

onEveryDatabase("what is read again", (db) => {
  const open = async () => {
    const engine = db.open();
    await Base.metadata.createAll(engine);
    const session = new Session(engine);
    session.addAll([
      new Album({ id: 1, title: "a", notes: "x", tracks: [new Track({ id: 1 })] }),
      new Album({ id: 2, title: "b", notes: "y" }),
    ]);
    await session.commit();
    session.clear();
    return session;
  };

  it("are the named relationships and deferred columns, loaded before or not", async () => {
    await using session = await open();
    const album = (await session.get(Album, 1))!;
    await session.refresh(album, ["tracks"]);
    expect(inspect(album).isLoaded("notes")).toBe(false);
    expect(album.tracks.map(({ id }) => id)).toEqual([1]);
    await session.refresh(album, ["notes"]);
    expect(album.notes).toBe("x");
    session.clear();
    const track = (await session.get(Track, 1))!;
    await session.refresh(track, ["album"]);
    expect(track.album?.title).toBe("a");
  });

  it("are, of what is not named, the deferred columns that were loaded", async () => {
    await using session = await open();
    const album = (await session.get(Album, 1))!;
    await session.refresh(album);
    expect(inspect(album).isLoaded("notes")).toBe(false);
    await lazy(album).notes;
    await session.execute(text("UPDATE albums SET notes = 'z'"));
    await session.refresh(album);
    expect(album.notes).toBe("z");
  });

  it("is what the error of a deferred column advises", async () => {
    await using session = await open();
    const album = (await session.get(Album, 1))!;
    expect(() => album.notes).toThrow('await session.refresh(album, ["notes"])');
    await session.refresh(album, ["notes"]);
    expect(album.notes).toBe("x");
  });

  it("is named in a list", async () => {
    await using session = await open();
    const album = (await session.get(Album, 1))!;
    // As a caller without types would write it.
    const name = "title" as unknown as string[];
    expect(() => session.expire(album, name)).toThrow(
      'expire() takes a list, not the string "title": write session.expire(object, ["name"]).',
    );
    await expect(session.refresh(album, name)).rejects.toThrow('write session.refresh(object, ["name"]).');
  });

  it("may be gone: then the object leaves the session, until a rollback", async () => {
    for (const name of ["title", "notes"] as const) {
      await using session = await open();
      const [album, other] = (await session.all(select(Album).orderBy(Album.c.id))) as [Album, Album];
      await session.execute(text("DELETE FROM tracks"));
      await session.execute(text("DELETE FROM albums WHERE id = 1"));
      for (const one of [album, other]) session.expire(one);
      const reading = lazy(album)[name];
      await expect(reading).rejects.toThrow(InvalidStateError);
      await expect(reading).rejects.toThrow(
        `Album#1: "${name}" cannot be loaded: its row is gone. The object has left the session.`,
      );
      expect([session.has(album), session.has(other)]).toEqual([false, true]);
      expect(await lazy(other)[name]).toBe({ title: "b", notes: "y" }[name]);
      await session.rollback();
      expect((await session.get(Album, 1))?.title).toBe("a");
    }
  });

  it("may be gone, and with it what a relationship starts from", async () => {
    await using session = await open();
    const track = (await session.get(Track, 1))!;
    await session.execute(text("DELETE FROM tracks"));
    session.expire(track);
    await expect(lazy(track).album).rejects.toThrow('Track#1: "album" cannot be loaded: its row is gone.');
    expect(session.has(track)).toBe(false);
  });
});
