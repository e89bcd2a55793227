/** What a page says its examples print is what they print: the ```text blocks, against the calls of console.log. */

import { readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { markdownSnippets } from "./extract.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const directory = fileURLToPath(new URL(`generated/printed-${process.pid}`, import.meta.url));

beforeAll(() => mkdir(directory, { recursive: true }));
afterAll(() => rm(directory, { recursive: true, force: true }));

describe.each(["docs/flush.md"])("%s", (page) => {
  it("shows what its examples print", async () => {
    const text = readFileSync(join(root, page), "utf8");
    const shown = [...text.matchAll(/^```text\n(.*?)\n```$/gms)].map((match) => match[1]);
    const printed: string[] = [];
    vi.spyOn(console, "log").mockImplementation((line) => printed.push(String(line)));
    for (const { code, line } of markdownSnippets(page, text)) {
      const file = join(directory, `${page.replaceAll("/", "__")}_${line}.ts`);
      await writeFile(file, code);
      await import(file);
    }
    expect(printed).toEqual(shown);
  });
});
