// Bundles bench/planning.ts with the sources that it measures, and runs it: what runs .ts files as they are gives every
// function in them a name by a call, which the package does not do.
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
const program = await rolldown({
  input: `${root}/bench/planning.ts`,
  external: /^(node:|better-sqlite3|pg|mariadb|mysql2|@electric-sql)/,
  platform: "node",
  resolve: { alias: { alkahest: `${root}/src/index.ts` } },
});
await program.write({ file: `${root}/bench/planning.js`, format: "esm" });
await program.close();
await import(`${root}/bench/planning.js`);
