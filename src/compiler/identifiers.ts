import { CompileError } from "../errors/index.ts";

/**
 * The words that standard SQL reserves and that common databases refuse as a bare name. A dialect adds its own.
 */
export const STANDARD_RESERVED_WORDS: readonly string[] = (
  "all alter analyse analyze and any array as asc asymmetric authorization between both by case cast check " +
  "collate collation column commit constraint create cross current_catalog current_date current_role current_schema " +
  "current_time current_timestamp current_user default deferrable delete desc distinct do drop else end escape except " +
  "exists false fetch for foreign freeze from full grant group having ilike in index initially inner insert intersect " +
  "into is isnull join lateral leading left like limit localtime localtimestamp natural not notnull null of offset on " +
  "only or order outer overlaps placing primary references returning right rollback select session_user set similar " +
  "some symmetric table tablesample then to trailing transaction true union unique update user using values variadic " +
  "verbose when where window with"
).split(" ");

/** Why no database can have the name; null if one may. */
function noName(identifier: string): string | null {
  if (identifier.includes("\u0000")) return "it contains a NUL character";
  // Any two of them would become the same name.
  return identifier.isWellFormed() ? null : "it contains half of a surrogate pair";
}

/** Names that need no quotes in any database: lower case, no odd characters, not starting with a digit. */
const PLAIN = /^[a-z_][a-z0-9_]*$/;

/**
 * Makes the function by which a dialect quotes identifiers only where it must: reserved words, upper case, anything but
 * letters, digits and underscores. A quote inside the name is doubled, so no name can end its own quotation. The rule is
 * SQLAlchemy's, with one difference: `$` is quoted too.
 *
 * @param reserved the reserved words, in lower case
 * @param mark the quotation mark on both sides: `"`, or `` ` `` for MySQL
 * @param refuse says what is wrong with a name that this database would change or not understand; null if nothing
 * @returns the quoting function; it throws a CompileError for such a name, and for what is a name nowhere
 */
export function identifierQuoter(
  reserved: readonly string[] = STANDARD_RESERVED_WORDS,
  mark = '"',
  refuse: (identifier: string) => string | null = () => null,
): (identifier: string) => string {
  const words = new Set(reserved);
  const known = new Map<string, string>();
  return (identifier) => {
    let quoted = known.get(identifier);
    if (quoted === undefined) {
      const reason = noName(identifier) ?? refuse(identifier);
      if (reason !== null) throw new CompileError(`${JSON.stringify(identifier)} cannot be a name: ${reason}.`);
      const isPlain = PLAIN.test(identifier) && !words.has(identifier);
      quoted = isPlain ? identifier : mark + identifier.replaceAll(mark, mark + mark) + mark;
      // Labels may come from outside; the memory of them must not grow for ever.
      if (known.size >= 10_000) known.clear();
      known.set(identifier, quoted);
    }
    return quoted;
  };
}
