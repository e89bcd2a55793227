export type { Capabilities } from "./capabilities.ts";
export { Connection, type RawResult } from "./connection.ts";
export { createEngine, type DialectFactory, type EngineOptions, registerDialect } from "./create-engine.ts";
export type { BeginOptions, Dialect, IsolationLevel, Processor } from "./dialect.ts";
export type {
  Driver,
  DriverConnection,
  DriverFactory,
  DriverResult,
  DriverStatement,
  ExecuteOptions,
  PipelineResult,
} from "./driver.ts";
export type { Logger } from "./echo.ts";
export { type CompiledStatement, Engine, type EngineSetup } from "./engine.ts";
export type { EngineEventName, EngineEvents, EngineListener } from "./events.ts";
export type { Executable } from "./executable.ts";
export type {
  InspectedCheck,
  InspectedColumn,
  InspectedDeferral,
  InspectedEnum,
  InspectedForeignKey,
  InspectedIndex,
  InspectedUnique,
  Inspector,
} from "./inspector.ts";
export { nameConstraint } from "./name-constraint.ts";
export type { PoolStatus } from "./pool.ts";
export type { PoolOptions } from "./pool-options.ts";
export type { PreparedQuery } from "./prepared-query.ts";
export { Result } from "./result.ts";
export type { Savepoint } from "./savepoint.ts";
export type { StatementOptions } from "./statement-guard.ts";
export type { DatabaseUrl } from "./url.ts";
