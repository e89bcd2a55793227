/**
 * What type-checking costs: 100 tables of 12 columns and 100 queries with a relationship, in type instantiations (which
 * are the same on every machine) and seconds of the compiler, beside Drizzle, MikroORM and Kysely where they are
 * installed (`npm ci --prefix bench/peers`). alkahest is measured by its built declarations.
 *
 *     npm run bench:types
 */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { alkahest } from "./types/alkahest.ts";
import { drizzleNext, drizzleRelations, drizzleSelect } from "./types/drizzle.ts";
import { kysely } from "./types/kysely.ts";
import { mikroOrm, mikroOrmFields } from "./types/mikro-orm.ts";
import type { TypeSource } from "./types/source.ts";

const TABLES = 100;

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Where the peers can be imported from. */
const generated = path("peers/generated-types");
const compilers = ["typescript", "typescript-7"] as const;

interface Cost {
  readonly instantiations: number;
  readonly seconds: number;
}

async function check(compiler: (typeof compilers)[number], project: string): Promise<Cost> {
  const tsc = path(`../node_modules/${compiler}/bin/tsc`);
  const { stdout } = await promisify(execFile)(process.execPath, [
    tsc,
    "--project",
    project,
    "--extendedDiagnostics",
  ]).catch((failed: { stdout?: string }) => {
    throw new Error(`${project} does not compile:\n${failed.stdout?.slice(0, 2_000)}`);
  });
  const measured = (label: string) => Number(new RegExp(`^${label}:\\s+([\\d.]+)`, "m").exec(stdout)?.[1]);
  return { instantiations: measured("Instantiations"), seconds: measured("Check time") };
}

/** Writes a project with or without the queries, and checks it. */
async function cost(compiler: (typeof compilers)[number], source: TypeSource, withQueries: boolean): Promise<Cost> {
  rmSync(generated, { recursive: true, force: true });
  mkdirSync(generated, { recursive: true });
  writeFileSync(`${generated}/schema.ts`, source.schema(TABLES));
  if (withQueries) writeFileSync(`${generated}/queries.ts`, source.queries(TABLES));
  const project = `${generated}/tsconfig.json`;
  const compilerOptions = { paths: { alkahest: [path("../dist/esm/index.d.ts")] } };
  writeFileSync(
    project,
    JSON.stringify({ extends: path("../tsconfig.json"), compilerOptions, include: ["*.ts"], exclude: [] }),
  );
  return check(compiler, project);
}

const peers = [drizzleNext, drizzleRelations, drizzleSelect, mikroOrm, mikroOrmFields, kysely];
const sources = [alkahest, ...(existsSync(path("peers/node_modules")) ? peers : [])];
const figure = (value: number) => value.toLocaleString("en");

console.log("| | instantiations | of it the schema | a query | check time, TypeScript 6 | TypeScript 7 |");
console.log("| --- | ---: | ---: | ---: | ---: | ---: |");
for (const source of sources) {
  const schema = await cost("typescript", source, false);
  const all = await cost("typescript", source, true);
  const seven = await cost("typescript-7", source, true);
  const perQuery = Math.round((all.instantiations - schema.instantiations) / TABLES);
  const cells = [figure(all.instantiations), figure(schema.instantiations), figure(perQuery)];
  console.log(`| ${[source.title, ...cells, `${all.seconds} s`, `${seven.seconds} s`].join(" | ")} |`);
}
rmSync(generated, { recursive: true, force: true });
