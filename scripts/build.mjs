// Builds dist/esm and dist/cjs, one file per module, so that the folders of src/ survive in the package.
// TypeScript 7 emits: it is the faster one, and 6.0 forgets to rewrite `import("./x.ts")` beside an `await using`.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { run } from "./run.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const compile = (project) => run("node", ["node_modules/typescript-7/bin/tsc", "--project", project], { cwd: root });

await rm(`${root}/dist`, { recursive: true, force: true });
const results = await Promise.all([compile("tsconfig.build.json"), compile("tsconfig.build.cjs.json")]);

for (const { output } of results) process.stdout.write(output);
if (results.some(({ code }) => code !== 0)) process.exit(1);

// The package says "type": "module"; this file says otherwise for the CommonJS half.
await mkdir(`${root}/dist/cjs`, { recursive: true });
await writeFile(
  `${root}/dist/cjs/package.json`,
  `${JSON.stringify({ type: "commonjs", sideEffects: ["./index.js"] })}\n`,
);
