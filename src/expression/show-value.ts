const MOST = 60;

/** A value as plans and identities show it: `5`, `"a@b"`, `<16 bytes>`; `describeValue` says it in words. */
export function showValue(value: unknown): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "an invalid Date" : value.toISOString();
  if (value instanceof Uint8Array) return `<${value.length} bytes>`;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number") return String(value);
  if (value === undefined) return "<not loaded>";
  return shortened(JSON.stringify(value) ?? String(value));
}

/** The beginning of a text that is too long for a message. */
export function shortened(text: string): string {
  return text.length > MOST ? `${text.slice(0, MOST - 3)}...` : text;
}
