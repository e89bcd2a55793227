import type { ValueKey } from "../expression/sql-type.ts";
import type { Column } from "./column.ts";

/** Makes one text of all that are equal for sure. */
export type FoldText = (text: string) => string;

/** SQLite's NOCASE, the `_ci` of MySQL and SQL Server, level 1 and 2 of ICU in PostgreSQL. */
export function isCaseless(collation: string): boolean {
  return /nocase|_ci(_|$)|level[12]|case_insensitive/i.test(collation);
}

/** In MySQL and MariaDB, names begin with a character set, or with the version of Unicode. */
const MYSQL_COLLATION =
  /^(utf|ucs2|latin\d|ascii|cp\d|koi8|mac|big5|gbk|gb2312|gb18030|sjis|ujis|eucjpms|euckr|tis620|greek|hebrew|armscii8|geostd8|dec8|hp8|swe7|keybcs2|uca\d).*_(ci|cs|bin|w2)$/i;

/** SQLite's RTRIM; in MySQL and MariaDB all but those that say otherwise, and those of Unicode 9 in MySQL. */
function ignoresSpacesAtEnd(collation: string): boolean {
  return /^rtrim$/i.test(collation) || (MYSQL_COLLATION.test(collation) && !/nopad|_0900_/i.test(collation));
}

/** What is equal under every collation without case: A to Z are a to z. */
export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

export function trimSpacesAtEnd(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === SPACE) end--;
  return end === text.length ? text : text.slice(0, end);
}

const SPACE = 32;

const foldings = new Map<string, FoldText | null>();

/** What is the same to the collation, of case and spaces at the end; null if it tells all texts apart, as far as is known. */
export function foldingIn(collation: string): FoldText | null {
  let folding = foldings.get(collation);
  if (folding === undefined) {
    const [isShort, isLower] = [ignoresSpacesAtEnd(collation), isCaseless(collation)];
    if (isShort && isLower) folding = (text) => trimSpacesAtEnd(lowerAscii(text));
    else folding = isShort ? trimSpacesAtEnd : isLower ? lowerAscii : null;
    foldings.set(collation, folding);
  }
  return folding;
}

/** The same for the collation that the column names in the databases of this dialect. */
export function foldingOf(column: Column<unknown>, dialectName: string): FoldText | null {
  const collation = column.collationIn(dialectName);
  return collation === null ? null : foldingIn(collation);
}

/** Are both texts, and equal but for what the column's collation ignores? */
export function isSameText(column: Column<unknown>, a: unknown, b: unknown, dialectName: string): boolean {
  if (column.collation === null || typeof a !== "string" || typeof b !== "string") return false;
  const fold = foldingOf(column, dialectName);
  return fold !== null && fold(a) === fold(b);
}

/** What says which values are equal: mostly a column, by its type. */
interface ComparedType {
  readonly sqlType: { keyOf(value: unknown): ValueKey };
}

/**
 * What says which values of the columns are equal: their types, and collations that they name where these take different texts
 * for the same.
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
    const fold = decides === undefined ? null : foldingOf(decides, dialectName);
    return fold === null ? column : foldedType(column, fold);
  });
}

function foldedType({ sqlType }: ComparedType, fold: FoldText): ComparedType {
  return {
    sqlType: {
      keyOf: (value) => {
        const key = sqlType.keyOf(value);
        return typeof key === "string" ? fold(key) : key;
      },
    },
  };
}
