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

/** JSON documents. With a schema, only documents that it accepts can be stored. */
export class JsonType<T = unknown> extends SqlType<T> {
  readonly name = "json";
  readonly schema: StandardSchema<T> | null;

  constructor(schema: StandardSchema<T> | null = null) {
    super();
    this.schema = schema;
  }

  validate(value: unknown): string | null {
    if (value === undefined || typeof value === "function" || typeof value === "symbol" || typeof value === "bigint") {
      return `expected a value that JSON can hold, got ${describeValue(value)}`;
    }
    if (this.schema === null) return null;
    const result = this.schema["~standard"].validate(value);
    if (result instanceof Promise)
      return `cannot be checked by a schema of ${this.schema["~standard"].vendor} that is asynchronous`;
    if (result.issues === undefined) return null;
    return result.issues.map(describeIssue).join("; ");
  }

  keyOf(value: unknown): ValueKey {
    return canonicalJson(value);
  }

  override copy(value: unknown): object | null {
    return typeof value === "object" && value !== null ? structuredClone(value) : null;
  }
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
