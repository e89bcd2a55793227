import type { DriverFactory } from "alkahest";
import type { Around } from "./databases.ts";

/** A driver whose statements go through `around`. */
export function driverAround<Target>(factory: DriverFactory<Target>, around: Around): DriverFactory<Target> {
  return (target) => {
    const driver = factory(target);
    return {
      name: driver.name,
      connect: async () => {
        const connection = await driver.connect();
        return {
          execute: (sql, parameters, options) => around(sql, async () => connection.execute(sql, parameters, options)),
          stream: (sql, parameters, options) => connection.stream(sql, parameters, options),
          close: () => connection.close(),
          isLost: () => connection.isLost?.() ?? false,
          ...(connection.inTransaction !== undefined && { inTransaction: () => connection.inTransaction?.() ?? true }),
          ...(connection.cancel !== undefined && { cancel: () => connection.cancel?.() ?? Promise.resolve() }),
        };
      },
    };
  };
}
