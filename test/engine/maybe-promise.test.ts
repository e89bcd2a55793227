import { describe, expect, it } from "vitest";
import { andThen, asPromise, inSteps, isPromise, type Steps } from "../../src/engine/maybe-promise.ts";

const later = <T>(value: T): Promise<T> => new Promise((resolve) => setTimeout(() => resolve(value), 1));
const laterFailed = (message: string): Promise<never> =>
  new Promise((_, reject) => setTimeout(() => reject(new Error(message)), 1));

describe("work in steps", () => {
  it("happens at once if nothing that it waits for is a promise", () => {
    function* steps(): Steps<string> {
      yield undefined;
      yield 1;
      return "done";
    }
    expect(inSteps(steps())).toBe("done");
  });

  it("waits for promises, one after the other", async () => {
    const seen: string[] = [];
    function* steps(): Steps<string> {
      yield later("a").then((value) => seen.push(value));
      yield undefined;
      yield later("b").then((value) => seen.push(value));
      return seen.join("");
    }
    const result = inSteps(steps());
    expect(isPromise(result)).toBe(true);
    expect(await result).toBe("ab");
  });

  it("gets the errors of promises where it waits for them", async () => {
    function* steps(): Steps<string> {
      yield later(1);
      try {
        yield laterFailed("first");
        return "not here";
      } catch (error) {
        yield later(2);
        return `caught ${(error as Error).message}`;
      }
    }
    expect(await inSteps(steps())).toBe("caught first");
  });

  it("fails as its function does: at once, or by its promise", async () => {
    function* atOnce(): Steps<void> {
      yield undefined;
      throw new Error("now");
    }
    function* afterAll(): Steps<void> {
      yield later(1);
      throw new Error("later");
    }
    function* uncaught(): Steps<void> {
      yield laterFailed("within");
    }
    expect(() => inSteps(atOnce())).toThrow("now");
    await expect(inSteps(afterAll())).rejects.toThrow("later");
    await expect(inSteps(uncaught())).rejects.toThrow("within");
  });

  it("leaves by `finally`, also when a promise fails", async () => {
    const seen: string[] = [];
    function* steps(): Steps<void> {
      try {
        yield laterFailed("gone");
      } finally {
        yield later("cleaned").then((value) => seen.push(value));
      }
    }
    await expect(inSteps(steps())).rejects.toThrow("gone");
    expect(seen).toEqual(["cleaned"]);
  });
});

describe("a value now or later", () => {
  it("goes on at once where it is there", async () => {
    expect(andThen(1, (value) => value + 1)).toBe(2);
    expect(await andThen(later(1), (value) => value + 1)).toBe(2);
  });

  it("is a promise for users, of errors, too", async () => {
    expect(await asPromise(() => 1)).toBe(1);
    expect(await asPromise(() => later(2))).toBe(2);
    await expect(
      asPromise(() => {
        throw new Error("thrown at once");
      }),
    ).rejects.toThrow("thrown at once");
  });
});
