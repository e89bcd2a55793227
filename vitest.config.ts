import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^alkahest$/, replacement: source("index.ts") },
      { find: /^alkahest\/mysql$/, replacement: source("mysql.ts") },
      { find: /^alkahest\/postgresql$/, replacement: source("postgresql.ts") },
      { find: /^alkahest\/sqlite$/, replacement: source("sqlite.ts") },
      { find: /^alkahest\/testing$/, replacement: source("testing.ts") },
    ],
  },
  // `await using` is newer than the oldest supported Node: compile it away, as the build does.
  oxc: { target: "es2022" },
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: "test/support/find-databases.ts",
    // The library keeps no global state, so files share a worker and load it once; mocks are undone after each test.
    isolate: false,
    restoreMocks: true,
    // Only against hanging: how long something takes is measured in bench/, not tested.
    testTimeout: 60_000,
  },
});
