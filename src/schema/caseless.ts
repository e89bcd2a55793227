import type { ValueKey } from "../expression/sql-type.ts";
import type { Column } from "./column.ts";

/** SQLite's NOCASE, the `_ci` of MySQL and SQL Server, level 1 and 2 of ICU in PostgreSQL. */
export function isCaseless(collation: string): boolean {
  return /nocase|_ci(_|$)|level[12]|case_insensitive/i.test(collation);
}

/** What is equal under every collation without case: A to Z are a to z. */
export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Does the column name a collation without case in the databases of this dialect? */
export function ignoresCase(column: Column<unknown>, dialectName: string): boolean {
  const collation = column.collationIn(dialectName);
  return collation !== null && isCaseless(collation);
}

/** Are both texts, and equal but for the case, which the column ignores? */
export function isSameText(column: Column<unknown>, a: unknown, b: unknown, dialectName: string): boolean {
  if (column.collation === null || typeof a !== "string" || typeof b !== "string") return false;
  return ignoresCase(column, dialectName) && lowerAscii(a) === lowerAscii(b);
}

/** What says which values are equal: mostly a column, by its type. */
interface ComparedType {
  readonly sqlType: { keyOf(value: unknown): ValueKey };
}

/**
 * What says which values of the columns are equal: their types, and collations that they name where these ignore case.
 * @param deciding the columns whose collations are used, where these are others
 */
export function comparedTypes(
  columns: readonly ComparedType[],
  dialectName: string,
  deciding: readonly Column<unknown>[],
): readonly ComparedType[] {
  if (deciding.every(({ collation }) => collation === null)) return columns;
  return columns.map((column, i) => {
    const decides = deciding[i];
    return decides !== undefined && ignoresCase(decides, dialectName) ? caselessType(column) : column;
  });
}

function caselessType({ sqlType }: ComparedType): ComparedType {
  return {
    sqlType: {
      keyOf: (value) => {
        const key = sqlType.keyOf(value);
        return typeof key === "string" ? lowerAscii(key) : key;
      },
    },
  };
}
