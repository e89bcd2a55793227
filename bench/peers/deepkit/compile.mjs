// Compiles deepkit/models.ts with Deepkit's compiler, which leaves the types in the JavaScript. npm run bench:build runs it.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { transformer } from "@deepkit/type-compiler";
import ts from "typescript";

const models = fileURLToPath(new URL("models.ts", import.meta.url));
const options = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  experimentalDecorators: true,
  useDefineForClassFields: false,
  skipLibCheck: true,
};
const program = ts.createProgram([models], options);
const withTypes = (context) =>
  transformer(context).withReflection({ reflection: "default", reflectionLevel: "default" });
program.emit(
  program.getSourceFile(models),
  (file, text) => {
    if (file.endsWith("models.js")) writeFileSync(fileURLToPath(new URL("models.js", import.meta.url)), text);
  },
  undefined,
  false,
  { before: [withTypes] },
);
