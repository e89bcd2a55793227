import { CompileError } from "../errors/index.ts";
import { fingerprint, type Replacement } from "../expression/fingerprint.ts";
import { ColumnElement, FromClause } from "../expression/from.ts";
import type { Node } from "../expression/node.ts";
import { TextFragment } from "../expression/nodes.ts";
import type { BindParameter, SqlExpression } from "../expression/sql-expression.ts";
import { describeValue, type SqlType } from "../expression/sql-type.ts";
import { visit } from "../expression/traverse.ts";
import { Alias } from "../statement/alias.ts";
import { DmlStatement } from "../statement/dml-statement.ts";
import { SelectBase } from "../statement/select-base.ts";
import { Compilation } from "./compilation.ts";
import type { Compiled, CompiledColumn, CompiledKind } from "./compiled.ts";
import type { CompilerDialect } from "./compiler-dialect.ts";
import { DmlCompiler } from "./dml-compiler.ts";

/**
 * Writes statements as SQL. It keeps no state of its own, so one serves a whole dialect; a dialect extends it and
 * overrides the method of each node that it spells differently.
 *
 * This class writes standard SQL, with `LIMIT`, `RETURNING` and `ON CONFLICT`, which no standard has and most databases
 * do.
 */
export class StatementCompiler extends DmlCompiler {
  readonly #dialect: CompilerDialect;

  constructor(dialect: CompilerDialect) {
    super();
    this.#dialect = dialect;
  }

  /**
   * The statement as text. It depends on the structure of the statement and not on the values in it: `binds` says where
   * those come from.
   *
   * @param statement a query, an INSERT, UPDATE or DELETE, or raw SQL made by `text()` or `sql`
   * @param binds the parameters in it, in the order of the fingerprint, if that has been taken
   * @param replace as the fingerprint had it
   * @throws CompileError for what the database cannot do
   */
  compile(statement: Node, binds = fingerprint(statement).binds, replace: Replacement | null = null): Compiled {
    const ordinals = new Map<BindParameter<unknown>, number>();
    binds.forEach((bind, ordinal) => {
      if (!ordinals.has(bind)) ordinals.set(bind, ordinal);
    });
    const c = new Compilation(this.#dialect, ordinals, namesIn(statement), replace);
    if (statement instanceof SelectBase) {
      const text = this.select(statement, c, "result");
      return { ...c.finish(text), kind: "select", columns: columnsOf(statement) };
    }
    if (statement instanceof DmlStatement) {
      const text = this.dml(statement, c);
      const columns = statement.items.length === 0 ? null : columnsOf(statement);
      // Each class of statements is named after what it compiles to.
      return { ...c.finish(text), kind: statement.kind as CompiledKind, columns };
    }
    if (statement instanceof TextFragment) {
      return { ...c.finish(this.text(statement, c)), kind: "text", columns: null };
    }
    throw new CompileError(
      `Only queries, inserts, updates, deletes and raw SQL can be executed, not "${statement.kind}".`,
    );
  }

  /**
   * An expression for DDL: without table names, values written out, since DDL takes no parameters.
   *
   * @throws CompileError for a value that cannot be written out
   */
  ddlExpression(expression: SqlExpression<unknown>): string {
    const c = new Compilation(this.#dialect, new Map(), []);
    return c.unqualified(() => this.writtenOut(expression, c));
  }

  protected override writtenOut(expression: SqlExpression<unknown>, c: Compilation): string {
    c.writesValuesOut = true;
    try {
      return c.inline(this.expression(expression, c), (bind) => {
        if (bind.kind === "fixed") return this.#writtenOut(bind.value, bind.type);
        throw new CompileError("An expression of DDL, or of targetWhere, has no parameters: write the value into it.");
      });
    } finally {
      c.writesValuesOut = false;
    }
  }

  /** Binary data written out in SQL. */
  protected bytesLiteral(bytes: Uint8Array): string {
    return `X'${Buffer.from(bytes).toString("hex")}'`;
  }

  /** NaN or an infinity written out in SQL, which has no standard for it. */
  protected nonFiniteLiteral(value: number): string {
    throw new CompileError(`${this.#dialect.name} has no SQL for the number ${value}.`);
  }

  #writtenOut(value: unknown, type: SqlType<unknown>): string {
    const stored = value === null ? null : (this.#dialect.bindProcessor(type)?.(value) ?? value);
    switch (typeof stored) {
      case "string":
        return this.stringLiteral(stored);
      case "boolean":
        return this.booleanLiteral(stored);
      case "bigint":
        return String(stored);
      case "number":
        return Number.isFinite(stored) ? String(stored) : this.nonFiniteLiteral(stored);
      case "object":
        if (stored === null) return "NULL";
        if (stored instanceof Uint8Array) return this.bytesLiteral(stored);
    }
    throw new CompileError(`${describeValue(value)} cannot be written into DDL.`);
  }
}

function columnsOf(statement: SelectBase<unknown> | DmlStatement<unknown, unknown>): readonly CompiledColumn[] {
  return statement.outputs.map(({ name, expression }) => ({ name, sqlType: expression.sqlType }));
}

/** Names that the statement uses by itself, which those that the compiler makes up must not meet. */
function namesIn(statement: Node): Set<string> {
  const names = new Set<string>();
  const seen = new Set<Node>();
  const look = (node: Node): void =>
    visit(node, (part) => {
      const from = part instanceof ColumnElement ? part.table : part;
      if (!(from instanceof FromClause)) return true;
      if (seen.has(from)) return false;
      seen.add(from);
      if ("name" in from && typeof from.name === "string") names.add(from.name);
      if (from instanceof Alias) look(from.source);
      if (from !== part) look(from);
      return true;
    });
  look(statement);
  return names;
}
