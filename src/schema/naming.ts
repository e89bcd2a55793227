import { ArgumentError } from "../errors/index.ts";
import { ColumnElement } from "../expression/from.ts";
import { suggestion } from "../expression/near-match.ts";
import type { SqlExpression } from "../expression/sql-expression.ts";
import { visit } from "../expression/traverse.ts";
import type { Column } from "./column.ts";
import type { ForeignKeyConstraint } from "./foreign-key.ts";
import type { Table } from "./table.ts";

/** The kinds of things that a convention names: index, unique, check, foreign key, primary key. */
export type NamedKind = "ix" | "uq" | "ck" | "fk" | "pk";

/**
 * Templates by which constraints get their names, with SQLAlchemy's tokens: `%(table_name)s`, `%(column_0_name)s`,
 * `%(column_0_N_name)s` (all columns, joined by underscores), `%(column_0N_name)s` (without underscores),
 * `%(column_0_label)s` (with the table before it), `%(referred_table_name)s`, `%(referred_column_0_name)s`,
 * `%(constraint_name)s` (the name given in the declaration, which is then used in no other way).
 */
export type NamingConvention = { readonly [K in NamedKind]?: string };

/** What SQLAlchemy recommends. */
export const DEFAULT_NAMING: Readonly<Required<NamingConvention>> = {
  ix: "ix_%(column_0_N_label)s",
  uq: "uq_%(table_name)s_%(column_0_N_name)s",
  ck: "ck_%(table_name)s_%(constraint_name)s",
  fk: "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
  pk: "pk_%(table_name)s",
};

const KINDS = Object.keys(DEFAULT_NAMING);

const COLUMN_TOKEN = /^(referred_)?column_(\d+)(_?N)?_(name|label|key)$/;

const TOKENS = [
  "table_name",
  "referred_table_name",
  "constraint_name",
  "column_0_name",
  "column_0_N_name",
  "column_0N_name",
  "column_0_label",
  "column_0_key",
  "referred_column_0_name",
];

/** @throws ArgumentError for a kind of constraint or a token that does not exist */
export function checkNaming(convention: NamingConvention): void {
  for (const [kind, template] of Object.entries(convention)) {
    if (!KINDS.includes(kind)) {
      throw new ArgumentError(`namingConvention has "${kind}", which is none of ${KINDS.join(", ")}.`);
    }
    for (const [, token = ""] of template.matchAll(/%\((\w+)\)s/g)) {
      if (TOKENS.includes(token) || COLUMN_TOKEN.test(token)) continue;
      throw new ArgumentError(
        `namingConvention.${kind} has the token %(${token})s, which does not exist.${suggestion(token, TOKENS)}`,
      );
    }
  }
}

/** The most bytes of a name that is made up: PostgreSQL takes as many, and others no fewer. */
const MAX_BYTES = 63;

/** The name of a constraint: as given, or by the metadata's convention; null if there is neither. */
export function constraintName(
  kind: NamedKind,
  table: Table,
  given: string | null,
  columns: readonly Column[],
  foreignKey: ForeignKeyConstraint | null,
): string | null {
  const template = table.metadata.namingConvention?.[kind];
  const usesGiven = template?.includes("%(constraint_name)s") ?? false;
  if (template === undefined || (given !== null && !usesGiven)) return given;
  if (given === null && usesGiven) return null;
  return fill(template, table, given, columns, foreignKey);
}

/** The name of an index, which always has one. */
export function indexName(table: Table, given: string | null, expressions: readonly SqlExpression<unknown>[]): string {
  if (given !== null) return given;
  const names: { readonly name: string }[] = [];
  for (const expression of expressions) {
    visit(expression, (node) => {
      if (node instanceof ColumnElement) names.push(node);
    });
  }
  return fill(table.metadata.namingConvention?.ix ?? DEFAULT_NAMING.ix, table, null, names, null);
}

/** A name for a foreign key that has none, where the database needs one: to add it to a table that exists. */
export function foreignKeyName(foreignKey: ForeignKeyConstraint): string {
  const { name, table, columns } = foreignKey;
  return name ?? fill(DEFAULT_NAMING.fk, table, null, columns, foreignKey);
}

function fill(
  template: string,
  table: Table,
  given: string | null,
  columns: readonly { readonly name: string }[],
  foreignKey: ForeignKeyConstraint | null,
): string {
  const name = template.replace(/%\((\w+)\)s/g, (token, name: string) => {
    const value = tokenValue(name, table, given, columns, foreignKey);
    return value ?? token;
  });
  return shortenName(name);
}

function tokenValue(
  token: string,
  table: Table,
  given: string | null,
  columns: readonly { readonly name: string }[],
  foreignKey: ForeignKeyConstraint | null,
): string | null {
  if (token === "table_name") return table.name;
  if (token === "constraint_name") return given;
  if (token === "referred_table_name") return foreignKey?.referredTable.name ?? null;
  const match = COLUMN_TOKEN.exec(token);
  if (match === null) return null;
  const [, referred, position = "0", several, part] = match;
  const source = referred === undefined ? columns : (foreignKey?.referredColumns ?? []);
  const names = source.slice(Number(position)).map(({ name }) => name);
  const chosen = several === undefined ? names.slice(0, 1) : names;
  const joined = chosen.join(several === "N" ? "" : "_");
  return part === "label" ? `${table.name}_${joined}` : joined;
}

/** A name that was made up, short enough for every database: a long one ends in a hash of the whole, and so stays unique. */
export function shortenName(name: string): string {
  if (Buffer.byteLength(name) <= MAX_BYTES) return name;
  let hash = 0x811c9dc5; // FNV-1a
  for (let index = 0; index < name.length; index++) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193) >>> 0;
  }
  let start = "";
  for (const character of name) {
    if (Buffer.byteLength(start + character) > MAX_BYTES - 9) break;
    start += character;
  }
  return `${start}_${hash.toString(16).padStart(8, "0")}`;
}
