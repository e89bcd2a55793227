/** What is particular to PostgreSQL: `import { ... } from "alkahest/postgresql"`. */

export {
  cidr,
  citext,
  daterange,
  inet,
  int4range,
  int8range,
  interval,
  jsonb,
  macaddr,
  numrange,
  timestamptz,
  tsrange,
  tstzrange,
  tsvector,
} from "./dialects/postgresql/column-types.ts";
export { PostgresqlDialect } from "./dialects/postgresql/dialect.ts";
export type { PostgresqlDriverFactory, PostgresqlTarget, SslMode } from "./dialects/postgresql/driver-factory.ts";
export { Interval, type IntervalParts } from "./dialects/postgresql/interval.ts";
export {
  type NodePostgresOptions,
  nodePostgres,
  type PgClient,
  type PgConfig,
  type PgModule,
  type PgQuery,
  type PgResult,
} from "./dialects/postgresql/node-postgres.ts";
export {
  type PGliteDatabase,
  type PGliteDriverFactory,
  type PGliteModule,
  type PGliteOptions,
  type PGliteQueryOptions,
  type PGliteResult,
  type PGliteTarget,
  pglite,
} from "./dialects/postgresql/pglite.ts";
export { Range, type RangeBounds } from "./dialects/postgresql/range.ts";
export { embeddedPostgresql, postgresql } from "./dialects/postgresql/setup.ts";
