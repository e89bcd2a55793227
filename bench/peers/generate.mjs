// Makes what two peers generate: Deepkit's compiler leaves the types of deepkit/models.ts in its JavaScript, and Prisma
// writes a client for each database.
import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { transformer } from "@deepkit/type-compiler";
import ts from "typescript";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

function compileModels() {
  const models = path("deepkit/models.ts");
  const program = ts.createProgram([models], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    experimentalDecorators: true,
    useDefineForClassFields: false,
    skipLibCheck: true,
  });
  const write = (file, text) => {
    if (file.endsWith("models.js")) writeFileSync(path("deepkit/models.js"), text);
  };
  const withTypes = (context) =>
    transformer(context).withReflection({ reflection: "default", reflectionLevel: "default" });
  program.emit(program.getSourceFile(models), write, undefined, false, { before: [withTypes] });
}

function generateClient(database) {
  if (existsSync(path(`prisma/generated/${database}`))) return;
  execFileSync("node", [path("node_modules/prisma/build/index.js"), "generate", "--schema", `${database}.prisma`], {
    cwd: path("prisma/"),
    // To generate, it needs no engine of schemas, which it would download.
    stdio: "pipe",
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: "/bin/true", CHECKPOINT_DISABLE: "1" },
  });
}

compileModels();
for (const database of ["sqlite", "postgresql", "mysql"]) generateClient(database);
