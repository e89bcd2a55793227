import { UNKNOWN } from "./evaluate-values.ts";
import type { DateField, JsonPart } from "./nodes.ts";

/** The fields that are counted alike everywhere; seconds may have a fraction. */
const FIELDS: Partial<Record<DateField, (date: Date) => number>> = {
  year: (date) => date.getUTCFullYear(),
  quarter: (date) => Math.floor(date.getUTCMonth() / 3) + 1,
  month: (date) => date.getUTCMonth() + 1,
  day: (date) => date.getUTCDate(),
  hour: (date) => date.getUTCHours(),
  minute: (date) => date.getUTCMinutes(),
  dow: (date) => date.getUTCDay(),
};

const DATE = /^\d{4}-\d\d-\d\d(?=$|[T ])/;

/** `EXTRACT(field FROM value)`, of a day, of a day with a time, or of an instant. */
export function partOfDate(field: DateField, value: unknown): unknown {
  if (value === null) return null;
  const read = FIELDS[field];
  const date = typeof value === "string" && DATE.test(value) ? new Date(withZone(value)) : value;
  return read === undefined || !(date instanceof Date) || Number.isNaN(date.getTime()) ? UNKNOWN : read(date);
}

function withZone(text: string): string {
  return text.length === 10 ? text : `${text.replace(" ", "T")}Z`;
}

/** The part of a document to which a path leads, as text; documents have no value that can be compared. */
export function partOfDocument({ path, asText }: JsonPart<unknown>, document: unknown, guesses: boolean): unknown {
  let part = document;
  for (const step of path) {
    if (part === UNKNOWN || part === null) return part;
    const isPosition = typeof step === "number";
    if (isPosition !== Array.isArray(part)) return isPosition ? UNKNOWN : null; // MariaDB takes anything for a list of one
    // A value of JSON is a list, an object or has no parts.
    const parts = part as Readonly<Record<string | number, unknown>>;
    part = typeof part === "object" && Object.hasOwn(parts, step) ? parts[step] : null;
  }
  if (part === null || part === UNKNOWN) return part;
  if (!asText || typeof part === "object") return UNKNOWN;
  return typeof part === "string" || guesses ? String(part) : UNKNOWN;
}
