export { BatchCompiler, type BatchConflict, type BatchStatement } from "./batch-compiler.ts";
export { Compilation } from "./compilation.ts";
export type { Compiled, CompiledBind, CompiledColumn, CompiledKind, Prepared } from "./compiled.ts";
export type { CompilerCapabilities, CompilerDialect } from "./compiler-dialect.ts";
export { DdlCompiler, type DdlDialect } from "./ddl-compiler.ts";
export { identifierQuoter, STANDARD_RESERVED_WORDS } from "./identifiers.ts";
export { StatementCache } from "./statement-cache.ts";
export { StatementCompiler } from "./statement-compiler.ts";
