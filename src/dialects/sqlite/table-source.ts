/** A named constraint as CREATE TABLE spells it. SQLite keeps this text, and tells the names nowhere else. */
export interface DeclaredConstraint {
  readonly name: string | null;
  readonly kind: "CHECK" | "UNIQUE" | "FOREIGN KEY" | "REFERENCES" | "PRIMARY KEY";
  /** What stands in the parentheses that follow: a condition, or column names. Empty for constraints of a column. */
  readonly body: string;
}

const TOKEN =
  /\s+|--[^\n]*|\/\*[\s\S]*?\*\/|(?<quoted>'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])|(?<word>[\p{L}_][\p{L}\p{N}_$]*)|(?<other>[\s\S])/gu;

export interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** In upper case; empty unless it is a bare word. */
  readonly word: string;
}

/** Finds the constraints in the text of a CREATE TABLE statement. */
export function declaredConstraints(source: string): DeclaredConstraint[] {
  const tokens = tokenize(source);
  const found: DeclaredConstraint[] = [];
  let name: string | null = null;
  for (let index = 0; index < tokens.length; index++) {
    const { word } = tokens[index]!;
    const next = tokens[index + 1];
    if (word === "CONSTRAINT" && next) {
      name = unquote(next.text);
      index++;
      continue;
    }
    const kind = kindAt(word, next?.word ?? "");
    if (kind === null) {
      // A name belongs to what follows it at once; NOT NULL, DEFAULT and the like are not listed here.
      name = null;
      continue;
    }
    if (kind.includes(" ")) index++;
    const close = tokens[index + 1]?.text === "(" ? closingAt(tokens, index + 1) : -1;
    const body = close < 0 ? "" : source.slice(tokens[index + 1]!.end, tokens[close]!.start).trim();
    found.push({ name, kind, body });
    name = null;
    if (close >= 0) index = close;
  }
  return found;
}

/** The column names of a list such as `a, "b c"`. */
export function columnNames(body: string): string[] {
  return tokenize(body)
    .filter(({ text, word }) => text !== "," && word !== "ASC" && word !== "DESC")
    .map(({ text }) => unquote(text));
}

function kindAt(word: string, next: string): DeclaredConstraint["kind"] | null {
  if (word === "CHECK" || word === "UNIQUE" || word === "REFERENCES") return word;
  if (word === "FOREIGN" && next === "KEY") return "FOREIGN KEY";
  if (word === "PRIMARY" && next === "KEY") return "PRIMARY KEY";
  return null;
}

/** The text in tokens, without blanks and comments. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  for (const match of source.matchAll(TOKEN)) {
    const { quoted, word, other } = match.groups ?? {};
    if (quoted === undefined && word === undefined && other === undefined) continue;
    tokens.push({
      text: match[0],
      start: match.index,
      end: match.index + match[0].length,
      word: word?.toUpperCase() ?? "",
    });
  }
  return tokens;
}

/** The position of the parenthesis that closes the one at `open`; -1 if there is none. */
export function closingAt(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let index = open; index < tokens.length; index++) {
    if (tokens[index]!.text === "(") depth++;
    if (tokens[index]!.text === ")" && --depth === 0) return index;
  }
  return -1;
}

/** The name that a token spells. */
export function unquote(text: string): string {
  const mark = text[0] ?? "";
  if (mark === "[") return text.slice(1, -1);
  return `"'\``.includes(mark) && mark !== "" ? text.slice(1, -1).replaceAll(mark + mark, mark) : text;
}
