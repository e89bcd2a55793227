import { expect, it, onTestFinished, vi } from "vitest";
import type { DriverConnection } from "../../src/engine/driver.ts";
import { StatementGuard } from "../../src/engine/statement-guard.ts";
import { AbortError, TimeoutError } from "../../src/errors/index.ts";

/** A connection with one statement that ends when it is told to, or with the connection. */
function hangingConnection(cancel: () => Promise<void>) {
  let fail = (_: Error): void => {};
  const answer = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const driver: DriverConnection & { closed: boolean } = {
    closed: false,
    execute: () => answer,
    async *stream() {},
    cancel,
    close() {
      this.closed = true;
      fail(new Error("closed"));
    },
  };
  return { driver, answer, fail };
}

it("a server that does not answer to the order to stop loses the connection after a while", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const guard = new StatementGuard();
  guard.add({ statementTimeout: 100 });
  const { driver, answer } = hangingConnection(() => new Promise(() => {}));
  const failed = Promise.resolve(guard.run(driver, () => answer, true)).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(1000);
  expect(driver.closed).toBe(false);
  await vi.advanceTimersByTimeAsync(5000);
  expect(driver.closed).toBe(true);
  expect(await failed).toBeInstanceOf(TimeoutError);
});

it("a server that ignores the order to stop loses the connection after a while", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const guard = new StatementGuard();
  const controller = new AbortController();
  guard.add({ signal: controller.signal });
  const { driver, answer } = hangingConnection(async () => {});
  const failed = Promise.resolve(guard.run(driver, () => answer, true)).catch((error: unknown) => error);
  controller.abort();
  await vi.advanceTimersByTimeAsync(6000);
  expect(driver.closed).toBe(true);
  expect(await failed).toBeInstanceOf(AbortError);
});

it("what must be brought to its end is not stopped, and is sent in spite of a signal", async () => {
  const guard = new StatementGuard();
  const controller = new AbortController();
  guard.add({ signal: controller.signal });
  controller.abort();
  const { driver } = hangingConnection(() => Promise.reject(new Error("not to be called")));
  expect(() => guard.run(driver, async () => "done", true)).toThrow(AbortError);
  expect(await guard.run(driver, async () => "done", false)).toBe("done");
});
