import { CompileError } from "../errors/index.ts";
import { ColumnElement } from "../expression/from.ts";
import { FunctionCall } from "../expression/nodes.ts";
import { BindParameter, NullLiteral, OrderBy, type SqlExpression } from "../expression/sql-expression.ts";
import type { Column } from "../schema/column.ts";
import type { CheckConstraint, Index, UniqueConstraint } from "../schema/constraints.ts";
import type { ForeignKeyConstraint } from "../schema/foreign-key.ts";
import { foreignKeyName } from "../schema/naming.ts";
import type { Table } from "../schema/table.ts";
import type { CompilerCapabilities, CompilerDialect } from "./compiler-dialect.ts";
import type { StatementCompiler } from "./statement-compiler.ts";
import { tableName } from "./table-name.ts";

/** What writing DDL needs of a dialect: also how it writes expressions. */
export interface DdlDialect extends CompilerDialect {
  readonly statements: StatementCompiler;
}

/** Writes CREATE, ALTER and DROP. A dialect overrides the protected methods where its SQL differs. */
export class DdlCompiler {
  protected readonly dialect: DdlDialect;

  constructor(dialect: DdlDialect) {
    this.dialect = dialect;
  }

  /**
   * `CREATE TABLE` with its constraints, without its indexes.
   *
   * @param addedLater foreign keys to leave out, because {@link addForeignKey} will add them
   * @throws CompileError for a constraint that the database cannot have
   */
  createTable(table: Table, addedLater: ReadonlySet<ForeignKeyConstraint> = new Set()): string {
    const foreignKeys = table.foreignKeys.filter((foreignKey) => !addedLater.has(foreignKey));
    const primaryKey = table.primaryKey.length === 0 ? null : this.primaryKey(table);
    const parts = [
      ...table.columns.map((column) => this.column(column)),
      ...(primaryKey === null ? [] : [primaryKey]),
      ...table.uniques.map((unique) => this.unique(unique)),
      ...table.checks.map((check) => this.check(check)),
      ...foreignKeys.map(
        (foreignKey) => this.#constraint(this.foreignKeyName(foreignKey)) + this.foreignKey(foreignKey),
      ),
    ];
    return `CREATE TABLE ${tableName(this.dialect, table)} (\n  ${parts.join(",\n  ")}\n)${this.tableOptions(table)}`;
  }

  /** The statements that give a new table its comments, where CREATE TABLE has no place for them. */
  comments(_table: Table): readonly string[] {
    return [];
  }

  dropTable(table: Table): string {
    return `DROP TABLE ${tableName(this.dialect, table)}`;
  }

  /**
   * `CREATE INDEX`; null for one that the database cannot have and that may be left out then (`skipIfUnsupported`).
   *
   * @throws CompileError for one that it cannot have and that may not
   */
  createIndex(index: Index): string | null {
    const missing = missingForIndex(index, this.dialect.capabilities);
    if (missing !== null) {
      if (index.skipIfUnsupported) return null;
      throw new CompileError(
        `${this.dialect.name} has no ${missing}, which the index "${index.name}" of "${index.table.fullName}" needs: leave it out there with skipIfUnsupported.`,
      );
    }
    const { expressions, unique, where, using, include, nullsNotDistinct } = index;
    return [
      `CREATE ${unique ? "UNIQUE " : ""}INDEX ${this.indexOn(index)}`,
      using === null ? "" : ` USING ${this.dialect.quote(using)}`,
      ` (${expressions.map((expression) => this.indexed(expression)).join(", ")})`,
      include.length === 0 ? "" : ` INCLUDE (${this.names(include)})`,
      nullsNotDistinct ? " NULLS NOT DISTINCT" : "",
      where === null ? "" : ` WHERE ${this.expression(where)}`,
    ].join("");
  }

  dropIndex(index: Index): string {
    return `DROP INDEX ${this.dialect.quote(index.name)}`;
  }

  /** An index by its name, and its table. */
  protected indexOn({ name, table }: Index): string {
    return `${this.dialect.quote(name)} ON ${tableName(this.dialect, table)}`;
  }

  /** `ALTER TABLE ... ADD CONSTRAINT`, for foreign keys between tables that refer to each other in circles. */
  addForeignKey(foreignKey: ForeignKeyConstraint): string {
    const constraint = `CONSTRAINT ${this.dialect.quote(foreignKeyName(foreignKey))} ${this.foreignKey(foreignKey)}`;
    return `ALTER TABLE ${tableName(this.dialect, foreignKey.table)} ADD ${constraint}`;
  }

  /** Undoes {@link addForeignKey}. */
  dropForeignKey(foreignKey: ForeignKeyConstraint): string {
    const name = this.dialect.quote(foreignKeyName(foreignKey));
    return `ALTER TABLE ${tableName(this.dialect, foreignKey.table)} DROP CONSTRAINT ${name}`;
  }

  /** A column with what belongs to it alone. */
  protected column(column: Column): string {
    const { serverDefault, computed, nullable } = column;
    return [
      `${this.dialect.quote(column.name)} ${this.columnType(column)}`,
      this.collation(column),
      computed === null ? "" : this.computed(computed),
      serverDefault === null ? "" : ` DEFAULT ${this.defaultValue(serverDefault)}`,
      this.dialect.capabilities.identityColumns ? this.identity(column) : "",
      nullable ? "" : " NOT NULL",
    ].join("");
  }

  /** The type of a column. */
  protected columnType(column: Column): string {
    return this.dialect.typeDdl(column.sqlType);
  }

  protected collation(column: Column): string {
    const name = column.collationIn(this.dialect.name);
    return name === null ? "" : ` COLLATE ${this.dialect.quote(name)}`;
  }

  protected computed({ expression, stored }: NonNullable<Column["computed"]>): string {
    return ` GENERATED ALWAYS AS (${this.expression(expression)}) ${stored ? "STORED" : "VIRTUAL"}`;
  }

  /** How a column says that it counts up; empty if it does not. */
  protected identity(column: Column): string {
    const { identity } = column;
    if (identity === null && !column.autoincrement) return "";
    const options = [
      ...(identity?.start === undefined ? [] : [`START WITH ${identity.start}`]),
      ...(identity?.increment === undefined ? [] : [`INCREMENT BY ${identity.increment}`]),
    ];
    const mode = identity?.always === true ? "ALWAYS" : "BY DEFAULT";
    return ` GENERATED ${mode} AS IDENTITY${options.length === 0 ? "" : ` (${options.join(" ")})`}`;
  }

  /** @throws CompileError for a column that is to count otherwise than from 1 by 1 */
  protected refuseCounting(column: Column, option: "start" | "increment"): void {
    const value = column.identity?.[option];
    if (value === undefined || value === 1) return;
    throw new CompileError(
      `${this.dialect.name} counts keys ${option === "start" ? "from 1" : "up by 1"}, and identity({ ${option}: ${value} }) of ${column.fullName} asks for another way: leave it out, or give the keys yourself.`,
    );
  }

  /** A default; what is more than a value or a call of CURRENT_TIMESTAMP needs parentheses in most databases. */
  protected defaultValue(expression: SqlExpression<unknown>): string {
    const text = this.expression(expression);
    const isPlain = expression instanceof BindParameter || expression instanceof NullLiteral;
    return isPlain || /^(CURRENT_\w+|NULL|-?\d+(\.\d+)?|'[^']*')$/i.test(text) ? text : `(${text})`;
  }

  /** The primary key as a constraint of its own; null if a column says it. */
  protected primaryKey(table: Table): string | null {
    return `${this.#constraint(table.primaryKeyName)}PRIMARY KEY (${this.names(table.primaryKey)})`;
  }

  protected unique(unique: UniqueConstraint): string {
    const { capabilities, name: dialect } = this.dialect;
    if (unique.nullsNotDistinct && !capabilities.nullsNotDistinct) {
      throw new CompileError(
        `${dialect} has no NULLS NOT DISTINCT, which a unique constraint of "${unique.table.fullName}" asks for.`,
      );
    }
    const nulls = unique.nullsNotDistinct ? " NULLS NOT DISTINCT" : "";
    // Checked at once where it cannot be deferred: stricter, never laxer.
    const deferral = capabilities.deferrableUniqueDdl ? this.deferral(unique) : "";
    return `${this.#constraint(unique.name)}UNIQUE${nulls} (${this.names(unique.columns)})${deferral}`;
  }

  protected check({ name, condition }: CheckConstraint): string {
    return `${this.#constraint(name)}CHECK (${this.expression(condition)})`;
  }

  /** The name of a foreign key in CREATE TABLE; null: the database makes one up. */
  protected foreignKeyName({ name }: ForeignKeyConstraint): string | null {
    return name;
  }

  /** A foreign key without its name. */
  protected foreignKey(foreignKey: ForeignKeyConstraint): string {
    const { columns, referredColumns, onDelete, onUpdate, match } = foreignKey;
    return [
      `FOREIGN KEY (${this.names(columns)})`,
      ` REFERENCES ${this.referred(foreignKey)} (${this.names(referredColumns)})`,
      match === null ? "" : ` MATCH ${match.toUpperCase()}`,
      onDelete === null ? "" : ` ON DELETE ${onDelete.toUpperCase()}`,
      onUpdate === null ? "" : ` ON UPDATE ${onUpdate.toUpperCase()}`,
      this.dialect.capabilities.deferrableForeignKeyDdl ? this.deferral(foreignKey) : "",
    ].join("");
  }

  /** The table that a foreign key refers to. */
  protected referred({ referredTable }: ForeignKeyConstraint): string {
    return tableName(this.dialect, referredTable);
  }

  protected deferral({ deferrable, initially }: Pick<ForeignKeyConstraint, "deferrable" | "initially">): string {
    if (!deferrable && initially !== "deferred") return "";
    return ` DEFERRABLE${initially === null ? "" : ` INITIALLY ${initially.toUpperCase()}`}`;
  }

  /** One of the things that an index is over. */
  protected indexed(expression: SqlExpression<unknown>): string {
    if (expression instanceof OrderBy) {
      const { direction, nulls } = expression;
      const text = this.indexed(expression.expression);
      return `${text}${direction === null ? "" : ` ${direction}`}${nulls === null ? "" : ` NULLS ${nulls}`}`;
    }
    const text = this.expression(expression);
    return expression instanceof ColumnElement || expression instanceof FunctionCall ? text : `(${text})`;
  }

  /** What follows the list of columns and constraints. */
  protected tableOptions(_table: Table): string {
    return "";
  }

  protected expression(expression: SqlExpression<unknown>): string {
    return this.dialect.statements.ddlExpression(expression);
  }

  protected names(columns: readonly Column[]): string {
    return columns.map(({ name }) => this.dialect.quote(name)).join(", ");
  }

  #constraint(name: string | null): string {
    return name === null ? "" : `CONSTRAINT ${this.dialect.quote(name)} `;
  }
}

/** What the index needs and the database has not, in words; null if it has everything. */
function missingForIndex(index: Index, capabilities: CompilerCapabilities): string | null {
  if (index.where !== null && !capabilities.partialIndexes) return "partial indexes";
  if (index.columns === null && !capabilities.expressionIndexes) return "indexes over expressions";
  if (index.nullsNotDistinct && !capabilities.nullsNotDistinct) return "NULLS NOT DISTINCT";
  if (index.using !== null && !capabilities.indexMethods) return `kind of index "${index.using}"`;
  if (index.include.length > 0 && !capabilities.coveringIndexes) return "INCLUDE";
  return null;
}
