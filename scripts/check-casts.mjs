// Keeps the type system honest: no cast to `any` in src/, no comment that silences the compiler, and says which other
// casts do not state their reason. `any` in a type position stays allowed: generic constraints need it. A reason is a
// comment on the line of the cast, or on the line above it or above its statement.
//
//   node scripts/check-casts.mjs --reasons    lists the casts without a reason
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("..", import.meta.url));
const listReasons = process.argv.includes("--reasons");
const forbidden = [];
const casts = [];
let lineCount = 0;

for (const name of readdirSync(join(root, "src"), { recursive: true })) {
  if (!name.endsWith(".ts")) continue;
  const path = join(root, "src", name);
  inspect(relative(root, path), readFileSync(path, "utf8"));
}

function inspect(path, text) {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
  const lines = text.split("\n");
  lineCount += lines.length;
  const at = (position) => file.getLineAndCharacterOfPosition(position).line;

  lines.forEach((line, index) => {
    const suppression = /(?:\/\/|\/\*)\s*(@ts-(?:ignore|nocheck|expect-error))/.exec(line);
    if (suppression) forbidden.push(`${path}:${index + 1}  ${suppression[1]}`);
  });

  const visit = (node) => {
    if (ts.isAsExpression(node) || ts.isTypeAssertionExpression(node)) record(node);
    ts.forEachChild(node, visit);
  };
  const record = (node) => {
    if (ts.isConstTypeReference(node.type)) return;
    const line = at(node.type.getStart());
    const place = `${path}:${line + 1}  ${node.getText().replace(/\s+/g, " ").slice(0, 100)}`;
    if (node.type.kind === ts.SyntaxKind.AnyKeyword) forbidden.push(place);
    else casts.push({ place, reason: hasReason(node) });
  };
  const hasReason = (node) => {
    let statement = node;
    while (statement.parent && !ts.isStatement(statement) && !ts.isClassElement(statement))
      statement = statement.parent;
    const isComment = (line) => /^\s*(\/\/|\/?\*)/.test(line ?? "");
    return (
      /\/\/|\/\*/.test(lines[at(node.type.getStart())]) ||
      isComment(lines[at(node.getStart()) - 1]) ||
      isComment(lines[at(statement.getStart()) - 1])
    );
  };
  visit(file);
}

const bare = casts.filter(({ reason }) => !reason);
console.log(`casts: ${casts.length} in ${lineCount} lines of src, ${bare.length} without a stated reason`);
if (listReasons) for (const { place } of bare) console.log(`  ${place}`);
if (forbidden.length > 0) {
  console.error(
    `forbidden in src (find the type, or narrow with a check):\n${forbidden.map((line) => `  ${line}`).join("\n")}`,
  );
  process.exit(1);
}
