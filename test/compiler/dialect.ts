import { BatchCompiler } from "../../src/compiler/batch-compiler.ts";
import type { CompilerCapabilities } from "../../src/compiler/compiler-dialect.ts";
import { DdlCompiler, type DdlDialect } from "../../src/compiler/ddl-compiler.ts";
import { identifierQuoter } from "../../src/compiler/identifiers.ts";
import { StatementCache } from "../../src/compiler/statement-cache.ts";
import { StatementCompiler } from "../../src/compiler/statement-compiler.ts";
import type { Node } from "../../src/expression/node.ts";
import type { SqlType } from "../../src/expression/sql-type.ts";
import type { TextParameters } from "../../src/statement/text.ts";

const EVERYTHING: CompilerCapabilities = {
  returning: true,
  multiRowInsert: true,
  updateFrom: true,
  dataModifyingCte: true,
  selectForUpdate: true,
  derivedColumnNames: true,
  defaultKeyword: true,
  rowValues: true,
  identityColumns: true,
  indexMethods: true,
  coveringIndexes: true,
  partialIndexes: true,
  expressionIndexes: true,
  nullsNotDistinct: true,
  deferrableForeignKeyDdl: true,
  deferrableUniqueDdl: true,
  alterAddForeignKey: true,
};

/** A database that follows the standard, for looking at SQL. */
export class TestDialect implements DdlDialect {
  readonly name = "standard";
  readonly capabilities: CompilerCapabilities;
  readonly quote = identifierQuoter();
  readonly statements = new StatementCompiler(this);
  readonly ddl = new DdlCompiler(this);
  readonly batches = new BatchCompiler(this);
  readonly #isNumbered: boolean;

  constructor(missing: Partial<CompilerCapabilities> = {}, isNumbered = false) {
    this.capabilities = { ...EVERYTHING, ...missing };
    this.#isNumbered = isNumbered;
  }

  placeholder(number: number): string {
    return this.#isNumbered ? `$${number}` : "?";
  }

  bindProcessor(): null {
    return null;
  }

  typeDdl(type: SqlType<unknown>): string {
    return type.describe().toUpperCase();
  }
}

const standard = new TestDialect();

/** The SQL text and the values of a statement. */
export function compiled(
  statement: Node,
  dialect: TestDialect = standard,
  parameters?: TextParameters,
): { sql: string; values: readonly unknown[] } {
  const prepared = new StatementCache(dialect.statements).prepare(statement, parameters);
  return { sql: prepared.compiled.sql, values: prepared.values };
}

/** The SQL text of a statement. */
export function sqlOf(statement: Node, dialect: TestDialect = standard): string {
  return compiled(statement, dialect).sql;
}
