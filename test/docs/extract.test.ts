import { describe, expect, it } from "vitest";
import { jsdocSnippets, markdownSnippets } from "./extract.ts";

const fence = "```";

describe("markdownSnippets", () => {
  it("keeps the line numbers of the page", () => {
    const [snippet] = markdownSnippets("a.md", `# Title\n\n${fence}ts\nfirst();\nsecond();\n${fence}\n`);
    expect(snippet).toMatchObject({ path: "a.md", line: 3, runs: true });
    expect(snippet!.code.split("\n")[3]).toBe("first();");
  });

  it("joins a continued block to the one before it", () => {
    const page = `${fence}ts\nconst x = 1;\n${fence}\ntext\n${fence}ts continued\nx;\n${fence}\n`;
    const [snippet, ...others] = markdownSnippets("a.md", page);
    expect(others).toEqual([]);
    expect(snippet!.line).toBe(1);
    expect(snippet!.code.split("\n")).toEqual(["", "const x = 1;", "", "", "", "x;"]);
  });

  it("does not run a block that says so, nor look at other languages", () => {
    const page = `${fence}ts no-run\nx;\n${fence}\n${fence}sql\nselect 1\n${fence}\n`;
    expect(markdownSnippets("a.md", page).map(({ runs }) => runs)).toEqual([false]);
  });

  it("refuses a flag that it does not know", () => {
    expect(() => markdownSnippets("a.md", `${fence}ts norun\n${fence}`)).toThrow("a.md:1: unknown flag norun");
  });
});

describe("jsdocSnippets", () => {
  it("finds the example of a comment and its line", () => {
    const source = `export const a = 1;\n/**\n * Adds.\n *\n * @example\n * ${fence}ts\n * if (a) {\n *   add();\n * }\n * ${fence}\n */\nexport function add() {}\n`;
    const [snippet] = jsdocSnippets("src/a.ts", source);
    expect(snippet).toMatchObject({ path: "src/a.ts", line: 6 });
    expect(snippet!.code.split("\n").slice(6)).toEqual(["if (a) {", "  add();", "}"]);
  });

  it("refuses an example without a fence", () => {
    expect(() => jsdocSnippets("src/a.ts", "/**\n * @example add(1)\n */\n")).toThrow("has no ```ts fence");
  });
});
