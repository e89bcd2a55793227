import type { Column } from "../../schema/index.ts";
import type { KeyType } from "./decompose/tuple.ts";

/** SQLite's NOCASE, the `_ci` of MySQL and SQL Server, level 1 and 2 of ICU in PostgreSQL. */
export function isCaseless(collation: string): boolean {
  return /nocase|_ci(_|$)|level[12]|case_insensitive/i.test(collation);
}

/** What is equal under every collation without case: A to Z are a to z. */
export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** What says which values of the columns are equal: their types, and collations that they name where these ignore case. */
export function comparedTypes(columns: readonly Column<unknown>[], dialectName: string): readonly KeyType[] {
  if (columns.every(({ collation }) => collation === null)) return columns;
  return columns.map((column) => {
    const collation = column.collationIn(dialectName);
    return collation !== null && isCaseless(collation) ? caselessType(column) : column;
  });
}

function caselessType({ sqlType }: Column<unknown>): KeyType {
  return {
    sqlType: {
      keyOf: (value) => {
        const key = sqlType.keyOf(value);
        return typeof key === "string" ? lowerAscii(key) : key;
      },
    },
  };
}
