import type { Engine } from "alkahest";
import type { TestDatabase } from "./databases.ts";

export interface WhileWriting {
  readonly engine: Engine;
  /** Has something done while the database has the first statement of the next flush: before it answers. */
  whileWriting(action: () => void): void;
  /** Was everything done by now? */
  isDone(): boolean;
}

/** Opens an empty database of which tests can use the time that a flush waits for it. */
export function openWhileWriting(database: TestDatabase): WhileWriting {
  let next: (() => void) | null = null;
  const engine = database.open({
    around: async (sql, execute) => {
      const action = /^\s*(insert|update|delete)/i.test(sql) ? next : null;
      if (action === null) return execute();
      next = null;
      try {
        return await execute();
      } finally {
        action();
      }
    },
  });
  return {
    engine,
    whileWriting: (action) => {
      next = action;
    },
    isDone: () => next === null,
  };
}
