export { inspect, ObjectInspection, type ObjectState } from "./inspect.ts";
export type { MergeConflict } from "./merge/copy.ts";
export type { MergeOptions } from "./merge/merge.ts";
export { ScopedSession, scopedSession } from "./scoped-session.ts";
export { Session, type TransactionOptions } from "./session.ts";
export type { SessionEventName, SessionListener } from "./session-events.ts";
export { SessionSavepoint } from "./session-transaction.ts";
export type { SessionOptions } from "./session-work.ts";
export { type SessionFactory, sessionmaker } from "./sessionmaker.ts";
