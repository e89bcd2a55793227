import { beforeEach, describe, expect, it } from "vitest";
import { ArgumentError, NotLoadedError } from "../../../src/errors/index.ts";
import { entityOf, isModified, loadReference, revertChanges } from "../../../src/orm/instance/index.ts";
import { FakeSession, relationship } from "./fake-session.ts";
import { Passport, Person } from "./models.ts";

describe("a one-to-one relationship", () => {
  let session: FakeSession;
  let ada: Person;
  let bob: Person;
  let red: Passport;
  let blue: Passport;

  beforeEach(() => {
    session = new FakeSession();
    ada = new Person({ id: 1 });
    bob = new Person({ id: 2 });
    red = new Passport({ id: 1, person: ada });
    blue = new Passport({ id: 2, person: bob });
    session.store<object>(ada, bob, red, blue);
  });

  function expectPairs(...pairs: [Person | null, Passport | null][]): void {
    for (const [person, passport] of pairs) {
      if (person !== null) expect(person.passport).toBe(passport);
      if (passport === null) continue;
      expect(passport.person).toBe(person);
      expect(passport.personId).toBe(person?.id ?? null);
    }
  }

  it("keeps both ends equal, from either end", () => {
    expectPairs([ada, red], [bob, blue]);
    ada.passport = null;
    expectPairs([ada, null], [null, red], [bob, blue]);
    red.person = ada;
    expectPairs([ada, red], [bob, blue]);
  });

  it("releases both old partners when the end without foreign key is set", () => {
    ada.passport = blue;
    expectPairs([ada, blue], [bob, null], [null, red]);
  });

  it("releases both old partners when the end with the foreign key is set", () => {
    red.person = bob;
    expectPairs([bob, red], [ada, null], [null, blue]);
  });

  it("releases them when the foreign key column is set", () => {
    red.personId = 2;
    expectPairs([bob, red], [ada, null], [null, blue]);
  });

  it("replaces the partner by a new object", () => {
    const fresh = new Passport();
    ada.passport = fresh;
    expectPairs([ada, fresh], [null, red]);
    fresh.person = null;
    expectPairs([ada, null]);
  });

  it("exchanges partners", () => {
    [ada.passport, bob.passport] = [blue, red];
    expectPairs([ada, blue], [bob, red]);
  });

  it("goes back to what was committed, in any order", () => {
    for (const order of [
      [ada, bob, red, blue],
      [blue, red, bob, ada],
      [red, ada, blue, bob],
    ]) {
      ada.passport = blue;
      red.person = bob;
      for (const object of order) revertChanges(entityOf(object));
      expectPairs([ada, red], [bob, blue]);
      for (const object of order) expect(isModified(entityOf(object))).toBe(false);
    }
    ada.passport = blue;
    revertChanges(entityOf(ada));
    expectPairs([ada, red], [bob, blue]);
  });

  it("refuses objects of another class", () => {
    expect(() => {
      ada.passport = bob as unknown as Passport;
    }).toThrow(ArgumentError);
    expectPairs([ada, red], [bob, blue]);
  });

  it("cannot be replaced from the end without foreign key while that is not loaded", () => {
    const cyd = session.load(new Person({ id: 3 }));
    expect(() => cyd.passport).toThrow(NotLoadedError);
    expect(() => {
      cyd.passport = red;
    }).toThrow(NotLoadedError);
    red.person = cyd;
    expectPairs([cyd, red], [ada, null]);
  });
});

describe("loading the end without foreign key", () => {
  it("finds nobody when the program moved the partner away meanwhile", () => {
    const session = new FakeSession();
    const ada = session.load(new Person({ id: 1 }));
    const red = session.load(new Passport({ id: 1, personId: 1 }));
    session.identityMap.delete(entityOf(ada), 1);
    red.personId = null;
    loadReference(entityOf(ada), relationship(ada, "passport"), entityOf(red));
    expect(ada.passport).toBeNull();
    expect(isModified(entityOf(ada))).toBe(true);
  });

  it("fills the other end", () => {
    const session = new FakeSession();
    const ada = session.load(new Person({ id: 1 }));
    const red = session.load(new Passport({ id: 1, personId: 1 }));
    loadReference(entityOf(red), relationship(red, "person"), entityOf(ada));
    expect(ada.passport).toBe(red);
    expect(isModified(entityOf(ada))).toBe(false);
  });
});
