/** Finds the TypeScript examples of the documentation and makes modules of them, which the test checks and runs. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Snippet {
  /** The file that holds the example, relative to the root of the repository. */
  readonly path: string;
  /** The line of its first fence, from 1. */
  readonly line: number;
  /** The module: every line of code stands on the line number that it has in the file. */
  readonly code: string;
  /** False for an example that is only type-checked (`ts no-run`). */
  readonly runs: boolean;
}

/** Every example of README.md, docs/ and the JSDoc comments of src/, in that order. */
export function findSnippets(root: string): Snippet[] {
  const files = (folder: string, ending: string) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(ending))
      .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
      .sort();
  const read = (path: string) => readFileSync(join(root, path), "utf8");

  return [
    ...["README.md", ...files("docs", ".md")].flatMap((path) => markdownSnippets(path, read(path))),
    ...files("src", ".ts").flatMap((path) => jsdocSnippets(path, read(path))),
  ];
}

/**
 * The ```` ```ts ```` blocks of a Markdown text. `ts continued` goes on where the block before it ended, in the same
 * module; `ts no-run` is type-checked and not run. Other languages (`js`, `sql`, `sh`) are left alone.
 */
export function markdownSnippets(path: string, text: string): Snippet[] {
  const lines = text.split("\n");
  const snippets: Snippet[] = [];

  for (let index = 0; index < lines.length; index++) {
    const fence = /^\s*(?<mark>`{3,})(?<info>.*)$/.exec(lines[index]!);
    if (!fence) continue;
    const start = index + 1;
    do index++;
    while (index < lines.length && lines[index]!.trim() !== fence.groups!.mark);

    const [language, ...flags] = fence.groups!.info!.trim().split(/\s+/);
    if (language !== "ts") continue;
    const place = `${path}:${start}`;
    const unknown = flags.filter((flag) => flag !== "continued" && flag !== "no-run");
    if (unknown.length > 0) throw new Error(`${place}: unknown flag ${unknown.join(", ")} of a ts block`);

    const previous = flags.includes("continued") ? snippets.pop() : undefined;
    if (flags.includes("continued") && !previous) throw new Error(`${place}: there is no block to continue`);
    const before = previous?.code ?? "";
    const padding = "\n".repeat(start - (before.split("\n").length - 1));
    snippets.push({
      path,
      line: previous?.line ?? start,
      code: before + padding + lines.slice(start, index).join("\n"),
      runs: (previous?.runs ?? true) && !flags.includes("no-run"),
    });
  }
  return snippets;
}

/** The same for the JSDoc comments of a module: what follows `@example` is fenced as in Markdown, imports included. */
export function jsdocSnippets(path: string, text: string): Snippet[] {
  // Blank out all but the inside of the comments, line by line, so that line numbers stay what they are.
  const comments = text.split(/(\/\*\*[\s\S]*?\*\/)/).map((part, index) =>
    part
      .split("\n")
      .map((line) => (index % 2 === 1 ? line.replace(/^\s*\/?\*+\/? ?/, "") : ""))
      .join("\n"),
  );
  const bare = comments
    .join("")
    .split(/^@example\b/m)
    .slice(1)
    .find((example) => !/^[^@]*?```ts/.test(example));
  if (bare !== undefined) throw new Error(`${path}: the example "${bare.trim().split("\n")[0]}" has no \`\`\`ts fence`);
  return markdownSnippets(path, comments.join(""));
}
