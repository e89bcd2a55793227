/** Texts that are not kept, not even to see whether they come back: batches of many rows. */
const LONGEST_TEXT = 16_384;

/** After these, what was prepared may not fit its tables any more. */
const CHANGES_SCHEMA = /\b(?:create|alter|drop)\b/i;
/** These forget what was prepared. */
const FORGETS = /^\s*(?:discard\s+all|deallocate\s+(?:prepare\s+)?all)\b/i;

/** One prepared statement. */
interface Prepared {
  readonly name: string;
  /** Has the server it? A statement whose first execution failed may not be there. */
  isThere: boolean;
}

/**
 * The names of the statements that one connection has prepared, least recently used first. A text is prepared when it
 * comes the second time, so that what is sent once drives out nothing. It does no I/O: the connection asks for names,
 * tells what became of them, and closes those that are to go.
 */
export class PreparedStatements {
  readonly #limit: number;
  readonly #byText = new Map<string, Prepared>();
  readonly #seenOnce = new Set<string>();
  readonly #toClose = new Set<string>();
  #count = 0;
  /** The transaction has changed the schema, which its end may take back. */
  #isSuspended = false;

  /** @param limit the most statements that are kept; 0: none is prepared */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The name under which to send a text; null: without one. */
  nameOf(text: string): string | null {
    if (this.#limit === 0 || this.#isSuspended) return null;
    const known = this.#byText.get(text);
    if (known !== undefined) {
      // To the end of the line of those that go.
      this.#byText.delete(text);
      this.#byText.set(text, known);
      return known.name;
    }
    if (!this.#cameBefore(text)) return null;
    if (this.#byText.size >= this.#limit) this.forget(this.#byText.keys().next().value ?? "");
    const prepared = { name: `alkahest_${++this.#count}`, isThere: false };
    this.#byText.set(text, prepared);
    return prepared.name;
  }

  /** The text was executed under a name, which others of the same pipeline may have driven out meanwhile. */
  confirm(text: string, name: string): void {
    const prepared = this.#byText.get(text);
    if (prepared?.name === name) prepared.isThere = true;
    else this.#toClose.add(name);
  }

  /** Prepares the text anew, should it come again. */
  forget(text: string): void {
    const prepared = this.#byText.get(text);
    if (prepared === undefined) return;
    this.#byText.delete(text);
    if (prepared.isThere) this.#toClose.add(prepared.name);
  }

  /** The server has none of them any more. */
  forgetAll(): void {
    this.#byText.clear();
    this.#toClose.clear();
  }

  /**
   * A text without parameters was executed: what does it mean for those that are prepared?
   *
   * @param isOpen is a transaction open after it?
   */
  notice(text: string, isOpen: boolean): void {
    if (this.#limit === 0) return;
    if (FORGETS.test(text)) this.forgetAll();
    if (CHANGES_SCHEMA.test(text)) {
      for (const known of [...this.#byText.keys()]) this.forget(known);
      this.#isSuspended = true;
    }
    this.#isSuspended &&= isOpen;
  }

  /** The names that are to be closed, each given out once. */
  takeClosed(): readonly string[] {
    const names = [...this.#toClose];
    this.#toClose.clear();
    return names;
  }

  #cameBefore(text: string): boolean {
    if (this.#seenOnce.delete(text)) return true;
    if (text.length > LONGEST_TEXT) return false;
    if (this.#seenOnce.size >= this.#limit) this.#seenOnce.delete(this.#seenOnce.values().next().value ?? "");
    this.#seenOnce.add(text);
    return false;
  }
}
