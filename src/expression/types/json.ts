import { describeValue, SqlType, type ValueKey } from "../sql-type.ts";

/**
 * A validator as zod, valibot, arktype and others implement it (https://standardschema.dev, version 1), as far as it is
 * used here.
 */
export interface StandardSchema<Output> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

let count = 0;

/** JSON documents. With a schema, only documents that it accepts can be stored, and as it gives them out. */
export class JsonType<T = unknown> extends SqlType<T> {
  readonly name = "json";
  readonly schema: StandardSchema<T> | null;
  readonly #id = ++count;

  constructor(schema: StandardSchema<T> | null = null) {
    super();
    this.schema = schema;
  }

  /** Values of types with different schemas are written differently. */
  override get cacheKey(): string {
    return this.schema === null ? this.name : `${this.name}${this.#id}`;
  }

  validate(value: unknown): string | null {
    const foreign = foreignToJson(value);
    if (foreign !== null) return `expected a value that JSON can hold, got ${foreign}`;
    if (this.schema === null) return null;
    const result = this.schema["~standard"].validate(value);
    if (result instanceof Promise)
      return `cannot be checked by a schema of ${this.schema["~standard"].vendor} that is asynchronous`;
    if (result.issues !== undefined) return result.issues.map(describeIssue).join("; ");
    const made = result.value === value ? null : foreignToJson(result.value);
    return made === null ? null : `expected its schema to make a value that JSON can hold, not ${made}`;
  }

  /** The document as text: as the schema gives it out, with its defaults and without what it leaves out. */
  write(value: unknown): string {
    const result = this.schema?.["~standard"].validate(value);
    // What the schema does not accept is only compared with documents: those that are stored were validated before.
    const isAccepted = result !== undefined && !(result instanceof Promise) && result.issues === undefined;
    return JSON.stringify(isAccepted ? result.value : value);
  }

  keyOf(value: unknown): ValueKey {
    return canonicalJson(value);
  }

  override copy(value: unknown): object | null {
    return typeof value === "object" && value !== null ? structuredClone(value) : null;
  }
}

/**
 * What JSON cannot hold, in words, or null. `JSON.stringify` would leave it out, or make null of it; what has a `toJSON`,
 * such as a Date, says itself what it becomes.
 */
function foreignToJson(value: unknown): string | null {
  if (value === undefined || typeof value === "function" || typeof value === "symbol") return describeValue(value);
  let found: string | null = null;
  try {
    JSON.stringify(value, function (this: unknown, key: string, part: unknown) {
      const isLost =
        typeof part === "bigint" ||
        (typeof part === "number" && !Number.isFinite(part)) ||
        (part === undefined && Array.isArray(this)) ||
        (typeof part === "string" && !part.isWellFormed());
      if (isLost) found ??= describeValue(part) + (key === "" ? "" : ` at ${JSON.stringify(key)}`);
      return typeof part === "bigint" ? null : part;
    });
  } catch (error) {
    // A circle, or a toJSON that fails.
    return `${describeValue(value)} (${error instanceof Error ? error.message.split("\n")[0] : String(error)})`;
  }
  return found;
}

function describeIssue(issue: StandardIssue): string {
  const path = (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part)).join(".");
  return path === "" ? issue.message : `${path}: ${issue.message}`;
}

/** The value as JSON with sorted keys: databases do not keep the order of keys apart either. */
function canonicalJson(value: unknown): string {
  const text = JSON.stringify(value, (_, part: unknown) => {
    if (part === null || typeof part !== "object" || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
  // JSON.stringify gives undefined for what JSON cannot hold, whatever its declared type says.
  return text ?? "undefined";
}
