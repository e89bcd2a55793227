import { beforeEach, describe, expect, it } from "vitest";
import {
  collectionChanges,
  entityOf,
  isModified,
  resetChanges,
  revertChanges,
} from "../../../src/orm/instance/index.ts";
import { FakeSession, relationship } from "./fake-session.ts";
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
    expect(art.articles).toEqual([news, essay]);
    code.articles.push(essay);
    expect(essay.tags).toEqual([art, code]);
    news.tags = [];
    expect(art.articles).toEqual([essay]);
    expect(code.articles).toEqual([essay]);
    essay.tags[0] = code;
    expect(essay.tags.reverse()).toEqual([code, code]);
    expect(art.articles).toEqual([]);
    expect(code.articles).toEqual([essay]);
  });

  it("writes a pair that is listed twice only once", () => {
    essay.tags.push(code, code);
    expect(collectionChanges(entityOf(essay), relationship(essay, "tags")).added).toEqual([code]);
    expect(code.articles).toEqual([news, essay]);
    resetChanges(entityOf(essay));
    expect(essay.tags).toEqual([art, code]);
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
    expect(news.tags).toEqual([art, code, late]);
    late.articles.push(news);
    expect(news.tags).toEqual([art, code, late]);
  });

  it("goes back on both sides, with the order of both", () => {
    art.articles.reverse();
    news.tags = [code];
    essay.tags.unshift(code);
    revertChanges(entityOf(news));
    expect(news.tags).toEqual([art, code]);
    revertChanges(entityOf(art));
    revertChanges(entityOf(code));
    revertChanges(entityOf(essay));
    expect(art.articles).toEqual([news, essay]);
    expect(code.articles).toEqual([news]);
    expect(essay.tags).toEqual([art]);
    expect(news.tags).toEqual([art, code]);
    for (const object of [news, essay, art, code]) expect(isModified(entityOf(object))).toBe(false);
  });

  it("of a class with itself keeps both directions apart and equal", () => {
    const [ada, bob] = [new Friend({ id: 1 }), new Friend({ id: 2 })];
    ada.follows.push(bob, ada);
    expect(bob.followers).toEqual([ada]);
    expect(bob.follows).toEqual([]);
    expect(ada.followers).toEqual([ada]);
    bob.followers = [bob];
    expect(ada.follows).toEqual([ada]);
    expect(bob.follows).toEqual([bob]);
  });
});
