/** Every example in the documentation compiles and runs: README.md, docs/ and the JSDoc comments of src/. */

import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { findSnippets, type Snippet } from "./extract.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** One folder for each run, so that two at the same time do not meet. */
const directory = fileURLToPath(new URL(`generated/${process.pid}`, import.meta.url));
const snippets = findSnippets(root);
const fileOf = ({ path, line }: Snippet) => `${path.replaceAll("/", "__")}_${line}.ts`;

/** What the compiler has to say, by the name of the file. */
const problems = new Map<string, string[]>();

beforeAll(async () => {
  await mkdir(directory, { recursive: true });
  const config = { extends: "../../../../tsconfig.json", include: ["."], exclude: [] };
  await writeFile(join(directory, "tsconfig.json"), JSON.stringify(config));
  await Promise.all(snippets.map((snippet) => writeFile(join(directory, fileOf(snippet)), snippet.code)));
  if (snippets.length > 0) await typeCheck();
}, 120_000);

afterAll(() => rm(directory, { recursive: true, force: true }));

describe.each(snippets.map((snippet) => [`${snippet.path}:${snippet.line}`, snippet] as const))(
  "%s",
  (_place, snippet) => {
    it("compiles", () => {
      expect(problems.get(fileOf(snippet)) ?? []).toEqual([]);
    });

    it.runIf(snippet.runs)("runs", async () => {
      for (const method of ["log", "info", "warn", "error", "table"] as const) {
        vi.spyOn(console, method).mockImplementation(() => {});
      }
      await import(join(directory, fileOf(snippet)));
    });
  },
);

it("nothing but the examples is to blame", () => {
  const files = new Set(snippets.map(fileOf));
  expect([...problems].filter(([file]) => !files.has(file))).toEqual([]);
});

/** One run of the compiler (TypeScript 7: the fast one) over all of them. */
async function typeCheck(): Promise<void> {
  const compiler = join(root, "node_modules/typescript-7/bin/tsc");
  const output = await new Promise<string>((resolve) => {
    execFile("node", [compiler, "--project", directory, "--pretty", "false"], (error, stdout) =>
      resolve(stdout || (error?.message ?? "")),
    );
  });
  for (const line of output.split("\n").filter(Boolean)) {
    const [, file = "", rest = line] = /^(?:.*\/)?([^/(]+)(\(.*)$/.exec(line) ?? [];
    problems.set(file, [...(problems.get(file) ?? []), rest]);
  }
}
