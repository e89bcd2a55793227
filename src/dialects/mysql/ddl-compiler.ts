import { DdlCompiler } from "../../compiler/ddl-compiler.ts";
import { tableName } from "../../compiler/table-name.ts";
import { CompileError } from "../../errors/index.ts";
import type { Column } from "../../schema/column.ts";
import type { Index, UniqueConstraint } from "../../schema/constraints.ts";
import type { ForeignKeyConstraint } from "../../schema/foreign-key.ts";
import { foreignKeyName } from "../../schema/naming.ts";
import type { Table } from "../../schema/table.ts";
import { stringLiteral } from "./types.ts";

/** The engine and character set of a table, by the names of its options. */
const ENGINE = "InnoDB";
const CHARSET = "utf8mb4";

/** The characters of a name. */
const MAX_NAME = 64;

/** Types that have no length, of which an index would have to be told how much to look at. */
const NO_KEY = /^(LONG|MEDIUM|TINY)?(TEXT|BLOB)$|^JSON$/i;

/** CREATE, ALTER and DROP in the SQL of MariaDB and MySQL. */
export class MysqlDdlCompiler extends DdlCompiler {
  override createTable(table: Table, addedLater?: ReadonlySet<ForeignKeyConstraint>): string {
    this.#assertIndexable(table.primaryKey, `the primary key of "${table.fullName}"`);
    return super.createTable(table, addedLater);
  }

  override createIndex(index: Index): string | null {
    const columns = index.columns ?? [];
    if (index.skipIfUnsupported && this.#withoutLength(columns) !== undefined) return null;
    this.#assertIndexable(columns, `the index "${index.name}"`);
    return super.createIndex(index);
  }

  override dropIndex(index: Index): string {
    return `DROP INDEX ${this.dialect.quote(index.name)} ON ${tableName(this.dialect, index.table)}`;
  }

  override dropForeignKey(foreignKey: ForeignKeyConstraint): string {
    const name = this.dialect.quote(foreignKeyName(foreignKey));
    return `ALTER TABLE ${tableName(this.dialect, foreignKey.table)} DROP FOREIGN KEY ${name}`;
  }

  /** Computed columns take no NOT NULL. */
  protected override column(column: Column): string {
    const text = super.column(column);
    const onUpdate = column.serverOnUpdate?.expression ?? null;
    return [
      column.computed === null ? text : text.replace(/ NOT NULL$/, ""),
      onUpdate === null ? "" : ` ON UPDATE ${this.expression(onUpdate)}`,
      column.comment === null ? "" : ` COMMENT ${stringLiteral(column.comment)}`,
    ].join("");
  }

  /** Such a column has to be the first one of a key. */
  protected override identity(column: Column): string {
    if (column.identity === null && !column.autoincrement) return "";
    this.refuseCounting(column, "increment");
    // An option of the table says it, which takes no other numbers.
    if ((column.identity?.start ?? 1) < 1) this.refuseCounting(column, "start");
    return column.table.primaryKey[0] === column ? " AUTO_INCREMENT" : " AUTO_INCREMENT UNIQUE";
  }

  protected override unique(unique: UniqueConstraint): string {
    this.#assertIndexable(unique.columns, `a unique constraint of "${unique.table.fullName}"`);
    return super.unique(unique);
  }

  /** InnoDB makes a name up of the table's, and refuses it if it is too long. */
  protected override foreignKeyName(foreignKey: ForeignKeyConstraint): string | null {
    const { name, table } = foreignKey;
    return name ?? (`${table.name}_ibfk_000`.length > MAX_NAME ? foreignKeyName(foreignKey) : null);
  }

  protected override foreignKey(foreignKey: ForeignKeyConstraint): string {
    const { table, columns, onDelete, onUpdate, match } = foreignKey;
    this.#assertIndexable(columns, `a foreign key of "${table.fullName}"`);
    if (onDelete === "set default" || onUpdate === "set default") {
      throw new CompileError(`InnoDB has no SET DEFAULT, which a foreign key of "${table.fullName}" asks for.`);
    }
    if (match !== null && match !== "simple") {
      throw new CompileError(`MariaDB and MySQL have no MATCH ${match.toUpperCase()} ("${table.fullName}").`);
    }
    const pairs = inKeyOrder(foreignKey);
    const own = this.names(pairs.map(([column]) => column));
    const referred = this.names(pairs.map(([, column]) => column));
    return [
      `FOREIGN KEY (${own}) REFERENCES ${tableName(this.dialect, foreignKey.referredTable)} (${referred})`,
      // Any MATCH would make them ignore the actions.
      onDelete === null ? "" : ` ON DELETE ${onDelete.toUpperCase()}`,
      onUpdate === null ? "" : ` ON UPDATE ${onUpdate.toUpperCase()}`,
    ].join("");
  }

  /** The start of `identity()`, and `mysqlEngine`, `mysqlCharset`, `mysqlCollate`, `mysqlAutoIncrement`, `mysqlRowFormat`. */
  protected override tableOptions({ options, fullName, columns }: Table): string {
    const word = (name: string, usual: string | null): string | null => {
      const value = options[name] ?? usual;
      if (value === null) return null;
      if (/^\w+$/.test(String(value))) return String(value);
      throw new CompileError(
        `The option ${name} of "${fullName}" is a name or a number, not ${JSON.stringify(value)}.`,
      );
    };
    const collate = word("mysqlCollate", null);
    const start =
      word("mysqlAutoIncrement", null) ?? columns.find(({ identity }) => identity !== null)?.identity?.start;
    const rowFormat = word("mysqlRowFormat", null);
    return [
      ` ENGINE=${word("mysqlEngine", ENGINE)} DEFAULT CHARSET=${word("mysqlCharset", CHARSET)}`,
      collate === null ? "" : ` COLLATE=${collate}`,
      start === undefined ? "" : ` AUTO_INCREMENT=${start}`,
      rowFormat === null ? "" : ` ROW_FORMAT=${rowFormat}`,
      options.comment === undefined ? "" : ` COMMENT=${stringLiteral(options.comment)}`,
    ].join("");
  }

  #withoutLength(columns: readonly Column[]): Column | undefined {
    return columns.find(({ sqlType }) => NO_KEY.test(this.dialect.typeDdl(sqlType)));
  }

  #assertIndexable(columns: readonly Column[], what: string): void {
    const column = this.#withoutLength(columns);
    if (column === undefined) return;
    throw new CompileError(
      `MariaDB and MySQL index no ${column.sqlType.describe()} without a length: ${column.fullName} is in ${what}. Give it one, for example varchar(255).`,
    );
  }
}

/** Pairs of columns in the order of the unique key that is referred to: InnoDB looks for an index that begins with them. */
function inKeyOrder({ columns, referredColumns, referredTable }: ForeignKeyConstraint): (readonly [Column, Column])[] {
  const pairs = referredColumns.flatMap((referred, index) => {
    const column = columns[index];
    return column === undefined ? [] : [[column, referred] as const];
  });
  const key = referredTable.uniqueKeys.find(
    ({ columns: members }) =>
      members?.length === referredColumns.length && members.every((member) => referredColumns.includes(member)),
  );
  const order = key?.columns ?? referredColumns;
  return pairs.sort(([, a], [, b]) => order.indexOf(a) - order.indexOf(b));
}
