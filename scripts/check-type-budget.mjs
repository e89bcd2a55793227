// Fails when type-checking a schema of 200 classes with 200 queries costs too many type instantiations: the number that
// decides how fast an editor answers, and, other than seconds, the same on every machine.
//
//   node scripts/check-type-budget.mjs                     against the built declarations, as a user has them
//   node scripts/check-type-budget.mjs --library <file>    against another module (a .ts or .d.ts file)
//   node scripts/check-type-budget.mjs --keep              leaves what it generated, to look for the expensive type in
import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { generate } from "../test/types/budget/generate.mjs";
import { run } from "./run.mjs";

const BUDGET = 100_000;

const root = fileURLToPath(new URL("..", import.meta.url));
const directory = join(root, `test/types/budget/generated/${process.pid}`);
const { values } = parseArgs({
  options: {
    library: { type: "string" },
    classes: { type: "string", default: "200" },
    keep: { type: "boolean", default: false },
  },
});
const library = resolve(values.library ?? join(root, "dist/esm/index.d.ts"));
if (!existsSync(library)) {
  console.error(`${relative(root, library)} does not exist: run \`npm run build\` first.`);
  process.exit(2);
}

await generate(directory, "alkahest", Number(values.classes));
await writeFile(
  join(directory, "tsconfig.json"),
  JSON.stringify({
    extends: "../../../../../tsconfig.json",
    compilerOptions: { paths: { alkahest: [library] } },
    include: ["."],
    exclude: [],
  }),
);

const { code, output } = await run("node", [
  join(root, "node_modules/typescript/bin/tsc"),
  "--project",
  directory,
  "--extendedDiagnostics",
]);
if (values.keep) console.log(`kept: ${relative(root, directory)}`);
else await rm(directory, { recursive: true, force: true });

const measured = (label) => Number(new RegExp(`^${label}:\\s+([\\d.]+)`, "m").exec(output)?.[1]);
if (code !== 0) {
  console.error("The generated schema and its queries do not compile (--keep leaves them behind):");
  console.error(output.split("\n").slice(0, 20).join("\n"));
  process.exit(1);
}

const instantiations = measured("Instantiations");
const seconds = measured("Check time");
console.log(
  `instantiations: ${instantiations.toLocaleString("en")} of ${BUDGET.toLocaleString("en")} allowed (check time ${seconds} s)`,
);
// Written the other way round, a number that could not be read would pass.
if (!(instantiations < BUDGET)) process.exit(1);
