import type { DriverFactory, DriverResult } from "alkahest";
import type { Around } from "./databases.ts";

/** A driver whose statements go through `around`, those that are sent together one by one. */
export function driverAround<Target>(factory: DriverFactory<Target>, around: Around): DriverFactory<Target> {
  return (target) => {
    const driver = factory(target);
    return {
      name: driver.name,
      connect: async () => {
        const connection = await driver.connect();
        return {
          execute: (sql, parameters, options) => around(sql, async () => connection.execute(sql, parameters, options)),
          ...(connection.pipeline !== undefined && {
            pipeline: async (statements) => {
              const results: DriverResult[] = [];
              for (const { sql, parameters, options } of statements) {
                try {
                  results.push(await around(sql, async () => connection.execute(sql, parameters, options)));
                } catch (error) {
                  return { results, error };
                }
              }
              return { results };
            },
          }),
          stream: (sql, parameters, options) => connection.stream(sql, parameters, options),
          ...(connection.repeats !== undefined && { repeats: connection.repeats }),
          close: () => connection.close(),
          isLost: () => connection.isLost?.() ?? false,
          ...(connection.inTransaction !== undefined && { inTransaction: () => connection.inTransaction?.() ?? true }),
          ...(connection.cancel !== undefined && { cancel: () => connection.cancel?.() ?? Promise.resolve() }),
        };
      },
    };
  };
}
