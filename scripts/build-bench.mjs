// Builds what `npm run bench` measures: the package, the programs beside their sources, and, where the peers are
// installed, what Deepkit and Prisma generate.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { run } from "./run.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const steps = [
  ["scripts/build.mjs"],
  ["node_modules/typescript-7/bin/tsc", "--project", "bench/tsconfig.json"],
  ...(existsSync(`${root}/bench/peers/node_modules`) ? [["bench/peers/generate.mjs"]] : []),
];
for (const step of steps) {
  const { code, output } = await run("node", step, { cwd: root });
  process.stdout.write(output);
  if (code !== 0) process.exit(code);
}
