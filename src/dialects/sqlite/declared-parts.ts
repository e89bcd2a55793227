import type { InspectedDeferral } from "../../engine/inspector.ts";
import { closingAt, columnNames, type Token, tokenize, unquote } from "./table-source.ts";

/** A part of CREATE TABLE between its commas: a column, or a constraint. */
export interface DeclaredPart {
  readonly source: string;
  readonly tokens: readonly Token[];
}

/** The parts of a CREATE TABLE; none of a table that was made by a SELECT, or of a view. */
export function splitDeclaration(source: string): DeclaredPart[] {
  const tokens = tokenize(source);
  const open = tokens.findIndex(({ text }) => text === "(");
  if (tokens.some(({ word }, index) => word === "AS" && (open < 0 || index < open))) return [];
  return splitList(source, tokens, open);
}

/** What stands between the commas of a list in parentheses. */
function splitList(source: string, tokens: readonly Token[], open: number): DeclaredPart[] {
  const parts: DeclaredPart[] = [];
  const close = open < 0 ? -1 : closingAt(tokens, open);
  let first = open + 1;
  for (let index = first; index <= close; index++) {
    if (tokens[index]?.text === "(") index = closingAt(tokens, index);
    else if (tokens[index]?.text === "," || index === close) {
      const members = tokens.slice(first, index);
      const [start, end] = [members[0], members.at(-1)];
      if (start !== undefined && end !== undefined) {
        parts.push({
          source: source.slice(start.start, end.end),
          tokens: tokenize(source.slice(start.start, end.end)),
        });
      }
      first = index + 1;
    }
  }
  return parts;
}

/** What CREATE TABLE says of a column and no PRAGMA tells: its collation, and what it is computed of. */
export function declaredColumn(
  parts: readonly DeclaredPart[],
  name: string,
): { readonly collation: string | null; readonly expression: string | null } {
  const part = parts.find(({ tokens }) => isColumn(tokens, name));
  if (part === undefined) return { collation: null, expression: null };
  let collation: string | null = null;
  let expression: string | null = null;
  const { source, tokens } = part;
  for (let index = 1; index < tokens.length; index++) {
    const { text, word } = tokens[index]!;
    const next = tokens[index + 1];
    if (word === "COLLATE" && next !== undefined) collation = unquote(next.text);
    if (word === "AS" && next?.text === "(") {
      expression = source.slice(next.end, tokens[closingAt(tokens, index + 1)]!.start).trim();
    }
    if (text === "(") index = closingAt(tokens, index);
  }
  return { collation, expression };
}

/** When the foreign key over these columns is checked. */
export function declaredDeferral(parts: readonly DeclaredPart[], columns: readonly string[]): InspectedDeferral {
  const wanted = columns.join("\0").toLowerCase();
  const part = parts.find(({ source, tokens }) => {
    const key = tokens.findIndex(({ word }, index) => word === "FOREIGN" && tokens[index + 1]?.word === "KEY");
    if (key < 0) return columns.length === 1 && isColumn(tokens, columns[0]!) && has(tokens, "REFERENCES");
    const open = key + 2;
    const list = source.slice(tokens[open]?.end, tokens[closingAt(tokens, open)]?.start);
    return columnNames(list).join("\0").toLowerCase() === wanted;
  });
  const words = part?.tokens.map(({ word }) => word) ?? [];
  const at = words.indexOf("DEFERRABLE");
  const deferrable = at >= 0 && words[at - 1] !== "NOT";
  return { deferrable, initiallyDeferred: deferrable && words[at + 1] === "INITIALLY" && words[at + 2] === "DEFERRED" };
}

/** The members of a CREATE INDEX as they are written, without their order, and the condition of a partial one. */
export function declaredIndex(source: string): { readonly members: readonly string[]; readonly where: string | null } {
  const tokens = tokenize(source);
  const open = tokens.findIndex(({ text }) => text === "(");
  if (open < 0) return { members: [], where: null };
  const where = tokens[closingAt(tokens, open) + 1];
  return {
    members: splitList(source, tokens, open).map((part) => part.source.replace(/\s+(?:asc|desc)$/i, "")),
    where: where?.word === "WHERE" ? source.slice(where.end).trim() : null,
  };
}

/** The SELECT of a CREATE VIEW. */
export function declaredView(source: string): string {
  const as = tokenize(source).find(({ word }) => word === "AS");
  return as === undefined ? "" : source.slice(as.end).trim();
}

function isColumn(tokens: readonly Token[], name: string): boolean {
  const first = tokens[0];
  return first !== undefined && unquote(first.text).toLowerCase() === name.toLowerCase();
}

function has(tokens: readonly Token[], wanted: string): boolean {
  return tokens.some(({ word }) => word === wanted);
}
