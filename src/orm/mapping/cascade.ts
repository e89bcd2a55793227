import { MappingError } from "../../errors/index.ts";

/** What a relationship passes on to the related objects. */
export interface CascadeOptions {
  readonly saveUpdate: boolean;
  readonly merge: boolean;
  readonly delete: boolean;
  readonly deleteOrphan: boolean;
  readonly expunge: boolean;
  readonly refreshExpire: boolean;
}

/** Nothing is passed on. */
export const NO_CASCADE: CascadeOptions = {
  saveUpdate: false,
  merge: false,
  delete: false,
  deleteOrphan: false,
  expunge: false,
  refreshExpire: false,
};

const WORDS: Readonly<Record<string, Partial<CascadeOptions>>> = {
  all: { saveUpdate: true, merge: true, delete: true, expunge: true, refreshExpire: true },
  "save-update": { saveUpdate: true },
  merge: { merge: true },
  delete: { delete: true },
  // An object whose parent is deleted is an orphan as well.
  "delete-orphan": { delete: true, deleteOrphan: true },
  expunge: { expunge: true },
  "refresh-expire": { refreshExpire: true },
  none: {},
};

/**
 * Reads `"all, delete-orphan"` and the like. Without a text: `save-update, merge`, as in SQLAlchemy; a view-only
 * relationship passes on no writes.
 *
 * @param label the relationship, for messages
 * @throws MappingError for a word that is none, and for writes of a view-only relationship
 */
export function parseCascade(text: string | undefined, label: string, viewOnly: boolean): CascadeOptions {
  if (text === undefined) return { ...NO_CASCADE, saveUpdate: !viewOnly, merge: true };
  if (typeof text !== "string") {
    throw new MappingError(`${label} has a cascade that is no string: write for example "all, delete-orphan".`);
  }
  const cascade = { ...NO_CASCADE };
  for (const word of text.split(",").map((part) => part.trim())) {
    const meaning = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
    if (meaning === undefined) {
      const known = Object.keys(WORDS).map((known) => `"${known}"`);
      throw new MappingError(
        `${label} has the cascade "${word}", which does not exist. Cascades are ${known.join(", ")}.`,
      );
    }
    Object.assign(cascade, meaning);
  }
  if (viewOnly && (cascade.saveUpdate || cascade.delete)) {
    throw new MappingError(
      `${label} is viewOnly, so it cannot cascade writes: cascade "${text}" contains save-update or delete. ` +
        `Leave out viewOnly, or write cascade: "merge, expunge, refresh-expire".`,
    );
  }
  return cascade;
}
