// Builds dist/esm and dist/cjs. TypeScript 7 emits: it is the faster one, and 6.0 forgets to rewrite `import("./x.ts")`
// beside an `await using`. The ES modules are then put together: opening hundreds of files is most of what a process
// waits for when it starts. The types, and the CommonJS half, stay one file per module.
import { cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
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

const esm = join(root, "dist/esm");
const entries = (await readdir(esm)).filter((name) => name.endsWith(".js"));

/** Puts the modules together: an entry each, and what several entries need once, in files of their own. */
async function bundle(format) {
  const modules = await rolldown({
    input: Object.fromEntries(entries.map((name) => [name.slice(0, -3), join(esm, name)])),
    external: /^[^./]/,
    platform: "node",
  });
  await modules.write({
    dir: join(root, "dist/bundled", format),
    format,
    sourcemap: true,
    comments: false,
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
  });
}

await bundle("esm");
await bundle("cjs");
for (const format of ["esm", "cjs"]) {
  const folder = join(root, "dist", format);
  for (const name of await readdir(folder, { recursive: true })) {
    if (name.endsWith(".js") || name.endsWith(".js.map")) await rm(join(folder, name));
  }
  await cp(join(root, "dist/bundled", format), folder, { recursive: true });
}
await rm(join(root, "dist/bundled"), { recursive: true });
