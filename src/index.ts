/**
 * alkahest: a typed SQL toolkit and an ORM with a real unit of work. Everything that a program uses, but for what is
 * particular to one database (`alkahest/sqlite`).
 *
 * @module
 */
import { sqlite } from "./dialects/sqlite/setup.ts";
import { registerDialect } from "./engine/index.ts";
import { instanceRuntime } from "./orm/instance/index.ts";
import { setInstanceRuntime } from "./orm/mapping/index.ts";

// The layers do not know those above them: this is where they are put together. Drivers are imported on first use.
setInstanceRuntime(instanceRuntime);
registerDialect("sqlite", sqlite);

// ── engine ───────────────────────────────────────────────────────────────────
export {
  Connection,
  createEngine,
  type Dialect,
  type Driver,
  type DriverConnection,
  type DriverResult,
  Engine,
  type EngineEventName,
  type EngineEvents,
  type EngineListener,
  type EngineOptions,
  type Executable,
  type InspectedCheck,
  type InspectedColumn,
  type InspectedForeignKey,
  type InspectedIndex,
  type InspectedUnique,
  type Inspector,
  type IsolationLevel,
  type PoolOptions,
  Result,
  type Savepoint,
} from "./engine/index.ts";
// ── errors ───────────────────────────────────────────────────────────────────
export {
  AlkahestError,
  ArgumentError,
  CheckViolation,
  CommitOutcomeUnknown,
  CompileError,
  ConnectionLostError,
  DatabaseError,
  DataError,
  DeadlockError,
  DetachedInstanceError,
  DuplicateIdentityError,
  FlushCycleError,
  ForeignKeyViolation,
  IntegrityError,
  InvalidStateError,
  MappingError,
  MissingDriverError,
  MissingPrimaryKeyError,
  MultipleResultsFound,
  NoResultFound,
  NoSuchTableError,
  NotLoadedError,
  NotNullViolation,
  OperationalError,
  ProgrammingError,
  SerializationError,
  StaleDataError,
  TimeoutError,
  UniqueViolation,
} from "./errors/index.ts";
// ── expressions ──────────────────────────────────────────────────────────────
export {
  and,
  type Condition,
  caseWhen,
  filter,
  func,
  literal,
  not,
  or,
  over,
  type SqlExpression,
  type SqlType,
  sql,
  tuple,
  type Window,
} from "./expression/index.ts";
// ── flush ────────────────────────────────────────────────────────────────────
export type { FlushPlan, PlanOrder, PlanStep } from "./orm/flush/index.ts";
export type { History } from "./orm/instance/index.ts";
// ── mapping ──────────────────────────────────────────────────────────────────
export {
  type AnyModel,
  type Cascade,
  type ColumnAttribute,
  type DeclarativeBase,
  type DeclarativeOptions,
  declarativeBase,
  type InheritedModel,
  type Init,
  type Instance,
  Mapper,
  type MapperArgs,
  type Model,
  manyToMany,
  manyToOne,
  mixin,
  oneToMany,
  oneToOne,
  type PrimaryKeyOf,
  type RelationOptions,
  type ToMany,
  type ToManyAttribute,
  type ToOne,
  type ToOneAttribute,
} from "./orm/mapping/index.ts";
// ── loading ──────────────────────────────────────────────────────────────────
export { joinedLoad, type LazyView, type LoadPath, lazy, populateExisting, selectinLoad } from "./orm/query/index.ts";
// ── session ──────────────────────────────────────────────────────────────────
export {
  inspect,
  type MergeConflict,
  type MergeOptions,
  ObjectInspection,
  type ObjectState,
  ScopedSession,
  Session,
  type SessionEventName,
  type SessionFactory,
  type SessionListener,
  type SessionOptions,
  SessionSavepoint,
  scopedSession,
  sessionmaker,
  type TransactionOptions,
} from "./orm/session/index.ts";
// ── schema ───────────────────────────────────────────────────────────────────
export {
  array,
  bigint,
  boolean,
  bytes,
  Column,
  ColumnDefinition,
  char,
  check,
  date,
  defineType,
  double,
  enumeration,
  float,
  foreignKey,
  index,
  integer,
  json,
  MetaData,
  type MetaDataOptions,
  type NamingConvention,
  numeric,
  real,
  smallint,
  Table,
  type TableArg,
  tableOptions,
  time,
  timestamp,
  unique,
  uuid,
  varchar,
} from "./schema/index.ts";
// ── statements ───────────────────────────────────────────────────────────────
export {
  type Alias,
  alias,
  type CompoundSelect,
  cte,
  deleteFrom,
  deleteFrom as delete,
  type EntityAlias,
  exists,
  insert,
  type Loaded,
  type LoadOption,
  lateral,
  type Select,
  type SelectBase,
  select,
  subquery,
  text,
  union,
  unionAll,
  update,
  values,
} from "./statement/index.ts";
