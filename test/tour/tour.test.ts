import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { type Case, runTour } from "../../tour/tour.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** As `npm run tour` does, without npm. */
function runAsProgram(): Promise<{ code: number | null; output: string }> {
  const tsx = createRequire(import.meta.url).resolve("tsx/cli");
  return new Promise((resolve, reject) => {
    let output = "";
    const child = spawn(process.execPath, [tsx, "tour/run.ts"], { cwd: root });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    child.on("error", reject).on("close", (code) => resolve({ code, output }));
  });
}

describe("npm run tour", () => {
  let result: { code: number | null; output: string };
  beforeAll(async () => {
    result = await runAsProgram();
  }, 60_000);

  it("passes all of its checks", () => {
    expect(result.output).not.toContain("✗");
    expect(result.output).toMatch(/(\d+) of \1 checks passed\n$/);
    expect(result.code).toBe(0);
  });

  it("shows the three programs in their order", () => {
    const titles = result.output.match(/^━━ .*?(?= ━)/gm);
    expect(titles?.map((title) => title.slice(3).split(":")[0])).toEqual([
      "Case 0",
      "Case 1",
      "Case 2",
      "Case 2, continued",
    ]);
  });

  it("prints the plan, its reasons and the SQL", () => {
    expect(result.output).toContain("flush plan");
    expect(result.output).toContain("takes child_uk (parent_id, z) = (1, 5.5) that Child#3 gives up");
    expect(result.output).toMatch(/│ DELETE FROM child .*\n.*\n.*│ INSERT INTO child/);
    expect(result.output).toMatch(/│ UPDATE widget SET favorite_entry_id/);
    expect(result.output).toContain("│ ROLLBACK");
  });

  it("is plain text where nobody sees colours, and no wider than a terminal", () => {
    expect(result.output).not.toContain("\u001b");
    const widest = Math.max(...result.output.split("\n").map((line) => line.length));
    expect(widest).toBeLessThanOrEqual(125);
  });
});

describe("runTour", () => {
  async function play(...cases: readonly Case[]): Promise<{ passed: boolean; output: string }> {
    let output = "";
    const write = (text: string): void => {
      output += text;
    };
    return { passed: await runTour(cases, { write }), output };
  }

  it("fails when a check fails, and says what was found", async () => {
    const { passed, output } = await play(async ({ narrator }) => {
      narrator.check("fine", 1, 1);
      narrator.check("two rows", [[1]], [[1], [2]]);
    });
    expect(passed).toBe(false);
    expect(output).toContain("✗ two rows");
    expect(output).toContain("found    [[1]]");
    expect(output).toContain("1 of 2 checks passed");
  });

  it("fails when a case throws, and removes its file", async () => {
    let file = "";
    const { passed, output } = await play(async ({ engine }) => {
      file = engine.url.replace("sqlite:///", "");
      await engine.begin(() => {});
      expect(existsSync(file)).toBe(true);
      throw new Error("no such luck");
    });
    expect(passed).toBe(false);
    expect(output).toContain("no such luck");
    expect(existsSync(file)).toBe(false);
  });
});
