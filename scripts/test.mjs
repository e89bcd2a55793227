// `npm test`: every check of the project, side by side on the cores there are. A step that fails prints its output; the
// others still run, so that one run names everything that is wrong. `npm test -- lint unit` runs only what is named.
import { availableParallelism } from "node:os";
import { stripVTControlCharacters } from "node:util";
import { run } from "./run.mjs";

/** Long steps first: the short ones fill the gaps. `after` names a step whose result this one needs. */
const steps = [
  { name: "build", script: "build" },
  { name: "tests", script: "test:unit" },
  { name: "typecheck", script: "typecheck", title: "types, TypeScript 6.0 (type tests included)" },
  { name: "docs", script: "test:docs", title: "examples of the docs" },
  { name: "typecheck:7", script: "typecheck:7", title: "types, TypeScript 7.0" },
  { name: "package", script: "check:package", title: "publint, are the types wrong?", after: "build" },
  { name: "type-budget", script: "check:type-budget", title: "type budget", after: "build" },
  { name: "layers", script: "check:layers" },
  { name: "unused", script: "check:unused", title: "unused code and dependencies" },
  { name: "lint", script: "lint", title: "format and lint" },
  { name: "casts", script: "check:casts" },
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !steps.some((step) => step.name === name));
if (unknown.length > 0) {
  console.error(`No step called ${unknown.join(", ")}. Steps: ${steps.map((step) => step.name).join(", ")}`);
  process.exit(2);
}

const needed = new Set(wanted);
for (const step of steps) if (needed.has(step.name) && step.after) needed.add(step.after);
const waiting = steps.filter((step) => wanted.length === 0 || needed.has(step.name));
const outcome = new Map();
let databases = "";
const started = performance.now();

await Promise.all(Array.from({ length: Math.max(2, Math.min(4, availableParallelism())) }, worker));

const failed = [...outcome].filter(([, passed]) => !passed).map(([name]) => name);
console.log(`\n${outcome.size - failed.length} of ${outcome.size} checks passed in ${seconds(started)}`);
if (failed.length > 0) console.error(`failed: ${failed.join(", ")}`);
if (databases !== "") console.log(databases);
process.exitCode = failed.length > 0 ? 1 : 0;

/** Takes steps until none is left that can start; a step behind another waits for it. */
async function worker() {
  while (waiting.length > 0) {
    const ready = waiting.findIndex((step) => !step.after || outcome.has(step.after));
    if (ready < 0) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      continue;
    }
    await perform(...waiting.splice(ready, 1));
  }
}

async function perform({ name, script, title = name, after }) {
  if (after && !outcome.get(after)) {
    outcome.set(name, false);
    console.log(`- ${title}: not run, it needs ${after}`);
    return;
  }
  const start = performance.now();
  const { code, output } = await run("npm", ["run", "--silent", script]);
  outcome.set(name, code === 0);
  if (name === "tests") databases = /^databases tested: .*$/m.exec(output)?.[0] ?? "";
  console.log(`${code === 0 ? "✓" : "✗"} ${title} (${seconds(start)})`);
  const shown = code === 0 ? summary(output) : output;
  if (shown) console.log(shown.trimEnd().replace(/^/gm, "    "));
}

/** What a passing step has to say in a line: the number of tests, of casts, of instantiations. */
function summary(output) {
  return stripVTControlCharacters(output)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => /^(Tests|casts|instantiations)\b/.test(line))
    .join("\n");
}

function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
