import { describe, expect, it } from "vitest";
import { OperationQueue } from "../../../src/orm/session/operation-queue.ts";

const pause = (ms = 1) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe("the queue of a session's operations", () => {
  it("runs operations one after the other, in the order of the calls", async () => {
    const queue = new OperationQueue();
    const log: string[] = [];
    const operation = (name: string, ms: number) => async () => {
      log.push(`${name} begins`);
      await pause(ms);
      log.push(`${name} ends`);
    };
    await Promise.all([queue.run(operation("a", 5)), queue.run(operation("b", 1)), queue.run(operation("c", 1))]);
    expect(log).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  });

  it("goes on after an operation that failed", async () => {
    const queue = new OperationQueue();
    const results = await Promise.allSettled([
      queue.run(async () => {
        await pause();
        throw new Error("no");
      }),
      queue.run(() => "yes"),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  });

  it("runs what an operation calls within it, however deep", async () => {
    const queue = new OperationQueue();
    const result = await queue.run(async () => {
      await pause();
      return queue.run(async () => {
        await pause();
        return queue.run(() => "inside");
      });
    });
    expect(result).toBe("inside");
  });

  describe("after many answers that took no operation", () => {
    const answerOften = (queue: OperationQueue) => {
      for (let i = 0; i < 1000; i++) queue.noteAnswer();
    };

    it("runs what an operation calls within it", async () => {
      const queue = new OperationQueue();
      await queue.run(() => pause());
      answerOften(queue);
      const result = await queue.run(async () => {
        await pause();
        return queue.run(async () => {
          await pause();
          return queue.run(() => "inside");
        });
      });
      expect(result).toBe("inside");
    });

    it("runs what an operation calls within it that another queue answered in between", async () => {
      const [queue, other] = [new OperationQueue(), new OperationQueue()];
      const result = await queue.run(async () => {
        await pause();
        answerOften(other);
        answerOften(queue);
        await pause();
        return queue.run(() => "inside");
      });
      expect(result).toBe("inside");
    });

    it("lets an operation wait that is called from where one has ended", async () => {
      const queue = new OperationQueue();
      const log: string[] = [];
      let late: Promise<unknown> = Promise.resolve();
      await queue.run(async () => {
        late = pause(5).then(() => queue.run(() => log.push("late")));
        await pause();
      });
      answerOften(queue);
      const long = queue.run(async () => {
        await pause(20);
        log.push("long");
      });
      await Promise.all([late, long]);
      expect(log).toEqual(["long", "late"]);
    });
  });

  it("queues parallel calls from inside an operation among themselves", async () => {
    const queue = new OperationQueue();
    const log: string[] = [];
    const operation = (name: string) => async () => {
      log.push(`${name} begins`);
      await pause();
      log.push(`${name} ends`);
    };
    await queue.run(() => Promise.all([queue.run(operation("a")), queue.run(operation("b"))]));
    expect(log).toEqual(["a begins", "a ends", "b begins", "b ends"]);
  });

  it("lets nobody else in while an operation's inner calls run", async () => {
    const queue = new OperationQueue();
    const log: string[] = [];
    const outer = queue.run(async () => {
      await pause();
      await queue.run(() => log.push("inner"));
      await pause();
      log.push("outer");
    });
    const other = queue.run(() => log.push("other"));
    await Promise.all([outer, other]);
    expect(log).toEqual(["inner", "outer", "other"]);
  });

  it("waits at the end of an operation for calls that nobody awaited", async () => {
    const queue = new OperationQueue();
    const log: string[] = [];
    await queue.run(() => {
      for (const name of ["first", "second"]) {
        void queue.run(async () => {
          await pause();
          log.push(name);
        });
      }
    });
    expect(log).toEqual(["first", "second"]);
  });

  it("treats calls from the context of a finished operation as calls from outside", async () => {
    const queue = new OperationQueue();
    let late: Promise<boolean> = Promise.resolve(true);
    await queue.run(
      () => {
        late = pause(5).then(() => queue.run(() => queue.isInside("transaction")));
      },
      { activity: "transaction" },
    );
    expect(await late).toBe(false);
  });

  it("knows what it is inside of, also through the operations of another session", async () => {
    const queue = new OperationQueue();
    const other = new OperationQueue();
    await queue.run(
      () =>
        other.run(async () => {
          await queue.run(() => {
            expect(queue.allowsAutoflush).toBe(false);
            expect(other.allowsAutoflush).toBe(true);
          });
        }),
      { autoflush: false },
    );
    expect(queue.allowsAutoflush).toBe(true);
  });
});
