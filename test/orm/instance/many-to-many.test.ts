import { beforeEach, describe, expect, it } from "vitest";
import {
  collectionChanges,
  entityOf,
  isModified,
  resetChanges,
  revertChanges,
} from "../../../src/orm/instance/index.ts";
import { expectSame, FakeSession, relationship } from "./fake-session.ts";
import { Article, Friend, Tag } from "./models.ts";

describe("a many-to-many relationship", () => {
  let session: FakeSession;
  let news: Article;
  let essay: Article;
  let art: Tag;
  let code: Tag;

  beforeEach(() => {
    session = new FakeSession();
    art = new Tag({ id: 1 });
    code = new Tag({ id: 2 });
    news = new Article({ id: 1, tags: [art, code] });
    essay = new Article({ id: 2, tags: [art] });
    session.store<object>(art, code, news, essay);
  });

  it("keeps both sides equal", () => {
    expectSame(art.articles, [news, essay]);
    code.articles.push(essay);
    expectSame(essay.tags, [art, code]);
    news.tags = [];
    expectSame(art.articles, [essay]);
    expectSame(code.articles, [essay]);
    essay.tags[0] = code;
    expect(essay.tags.reverse()).toEqual([code, code]);
    expectSame(art.articles, []);
    expectSame(code.articles, [essay]);
  });

  it("writes a pair that is listed twice only once", () => {
    essay.tags.push(code, code);
    expect(collectionChanges(entityOf(essay), relationship(essay, "tags")).added).toEqual([code]);
    expectSame(code.articles, [news, essay]);
    resetChanges(entityOf(essay));
    expectSame(essay.tags, [art, code]);
  });

  it("tells the same change on both sides", () => {
    code.articles = [essay];
    expect(collectionChanges(entityOf(news), relationship(news, "tags")).removed).toEqual([code]);
    expect(collectionChanges(entityOf(essay), relationship(essay, "tags")).added).toEqual([code]);
    expect(collectionChanges(entityOf(code), relationship(code, "articles"))).toMatchObject({
      added: [essay],
      removed: [news],
    });
  });

  it("queues on the side that is not loaded", () => {
    const late = session.load(new Tag({ id: 3 }));
    news.tags.push(late);
    const changes = () => collectionChanges(entityOf(late), relationship(late, "articles"));
    expect(changes()).toMatchObject({ loaded: false, added: [news] });
    news.tags.pop();
    expect(changes().added).toEqual([]);
    expect(isModified(entityOf(late))).toBe(false);
    late.articles.push(news);
    expectSame(news.tags, [art, code, late]);
    late.articles.push(news);
    expectSame(news.tags, [art, code, late]);
  });

  it("goes back on both sides, with the order of both", () => {
    art.articles.reverse();
    news.tags = [code];
    essay.tags.unshift(code);
    revertChanges(entityOf(news));
    expectSame(news.tags, [art, code]);
    revertChanges(entityOf(art));
    revertChanges(entityOf(code));
    revertChanges(entityOf(essay));
    expectSame(art.articles, [news, essay]);
    expectSame(code.articles, [news]);
    expectSame(essay.tags, [art]);
    expectSame(news.tags, [art, code]);
    for (const object of [news, essay, art, code]) expect(isModified(entityOf(object))).toBe(false);
  });

  it("of a class with itself keeps both directions apart and equal", () => {
    const [ada, bob] = [new Friend({ id: 1 }), new Friend({ id: 2 })];
    ada.follows.push(bob, ada);
    expectSame(bob.followers, [ada]);
    expectSame(bob.follows, []);
    expectSame(ada.followers, [ada]);
    bob.followers = [bob];
    expectSame(ada.follows, [ada]);
    expectSame(bob.follows, [bob]);
  });
});
