/** What is particular to PostgreSQL: `import { ... } from "alkahest/postgresql"`. */

export { PostgresqlDialect } from "./dialects/postgresql/dialect.ts";
export type { PostgresqlDriverFactory, PostgresqlTarget, SslMode } from "./dialects/postgresql/driver-factory.ts";
export {
  type NodePostgresOptions,
  nodePostgres,
  type PgClient,
  type PgConfig,
  type PgModule,
  type PgQuery,
  type PgResult,
} from "./dialects/postgresql/node-postgres.ts";
export { postgresql } from "./dialects/postgresql/setup.ts";
