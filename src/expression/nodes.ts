import { declareFields } from "./node.ts";
import { SqlExpression } from "./sql-expression.ts";
import type { SqlType } from "./sql-type.ts";
import { INTEGER, JSON_DOCUMENT, TEXT, UNTYPED } from "./types/inference.ts";

/** A call of a function: `count(*)`, `lower(x)`. The name is written as it is, so it must be no input of a user. */
export class FunctionCall<T> extends SqlExpression<T> {
  readonly kind = "function";
  readonly name: string;
  readonly args: readonly SqlExpression<unknown>[];
  readonly sqlType: SqlType<unknown>;
  /** `FILTER (WHERE ...)` of an aggregate. */
  readonly condition: SqlExpression<unknown> | null;

  constructor(
    name: string,
    args: readonly SqlExpression<unknown>[],
    sqlType: SqlType<unknown>,
    condition: SqlExpression<unknown> | null = null,
  ) {
    super();
    this.name = name;
    this.args = args;
    this.sqlType = sqlType;
    this.condition = condition;
  }

  static {
    declareFields(FunctionCall, { name: "value", args: "nodes", condition: "node", sqlType: "type" });
  }
}

/** The `*` of `count(*)`. */
export class Star extends SqlExpression<unknown> {
  readonly kind = "star";

  get sqlType(): SqlType<unknown> {
    return UNTYPED;
  }

  static {
    declareFields(Star, {});
  }
}

/** `CASE WHEN conditions[i] THEN results[i] ... ELSE otherwise END`. */
export class CaseExpression<T> extends SqlExpression<T> {
  readonly kind = "case";
  readonly conditions: readonly SqlExpression<unknown>[];
  readonly results: readonly SqlExpression<unknown>[];
  readonly otherwise: SqlExpression<unknown> | null;
  readonly sqlType: SqlType<unknown>;

  constructor(
    conditions: readonly SqlExpression<unknown>[],
    results: readonly SqlExpression<unknown>[],
    otherwise: SqlExpression<unknown> | null,
    sqlType: SqlType<unknown>,
  ) {
    super();
    this.conditions = conditions;
    this.results = results;
    this.otherwise = otherwise;
    this.sqlType = sqlType;
  }

  static {
    declareFields(CaseExpression, { conditions: "nodes", results: "nodes", otherwise: "node", sqlType: "type" });
  }
}

/** What `extract()` takes out of a date or time. */
export type DateField = "year" | "quarter" | "month" | "day" | "hour" | "minute" | "second" | "dow" | "doy";

/** `EXTRACT(field FROM expression)`. */
export class ExtractExpression extends SqlExpression<number | null> {
  readonly kind = "extract";
  readonly field: DateField;
  readonly expression: SqlExpression<unknown>;

  constructor(field: DateField, expression: SqlExpression<unknown>) {
    super();
    this.field = field;
    this.expression = expression;
  }

  get sqlType(): SqlType<unknown> {
    return INTEGER;
  }

  static {
    declareFields(ExtractExpression, { field: "value", expression: "node" });
  }
}

/** A part of a JSON document, as a document or as text. */
export class JsonPart<T> extends SqlExpression<T> {
  readonly kind = "jsonPart";
  readonly document: SqlExpression<unknown>;
  /** Keys of objects and positions in arrays, from the outside in. */
  readonly path: readonly (string | number)[];
  readonly asText: boolean;

  constructor(document: SqlExpression<unknown>, path: readonly (string | number)[], asText: boolean) {
    super();
    this.document = document;
    this.path = path;
    this.asText = asText;
  }

  get sqlType(): SqlType<unknown> {
    return this.asText ? TEXT : JSON_DOCUMENT;
  }

  static {
    declareFields(JsonPart, { document: "node", path: "value", asText: "value" });
  }
}

/** SQL as text, with expressions in between: `strings[0] expressions[0] strings[1] ...`. */
export class TextFragment<T> extends SqlExpression<T> {
  readonly kind = "text";
  /** One more than there are expressions. Written as they are. */
  readonly strings: readonly string[];
  readonly expressions: readonly SqlExpression<unknown>[];
  readonly sqlType: SqlType<unknown>;

  constructor(
    strings: readonly string[],
    expressions: readonly SqlExpression<unknown>[],
    sqlType: SqlType<unknown> = UNTYPED,
  ) {
    super();
    this.strings = strings;
    this.expressions = expressions;
    this.sqlType = sqlType;
  }

  static {
    declareFields(TextFragment, { strings: "value", expressions: "nodes", sqlType: "type" });
  }
}

/** The rows around the current one that a window function sees: `ROWS BETWEEN 1 PRECEDING AND CURRENT ROW`. */
export interface WindowFrame {
  readonly unit: "rows" | "range" | "groups";
  /** Rows before (negative) or after the current row; null: unbounded. */
  readonly from: number | null;
  readonly to: number | null;
}

/** `expression OVER (PARTITION BY ... ORDER BY ...)`. */
export class OverExpression<T> extends SqlExpression<T> {
  readonly kind = "over";
  readonly expression: SqlExpression<T>;
  readonly partitionBy: readonly SqlExpression<unknown>[];
  readonly orderBy: readonly SqlExpression<unknown>[];
  readonly frame: WindowFrame | null;

  constructor(
    expression: SqlExpression<T>,
    partitionBy: readonly SqlExpression<unknown>[],
    orderBy: readonly SqlExpression<unknown>[],
    frame: WindowFrame | null,
  ) {
    super();
    this.expression = expression;
    this.partitionBy = partitionBy;
    this.orderBy = orderBy;
    this.frame = frame;
  }

  get sqlType(): SqlType<unknown> {
    return this.expression.sqlType;
  }

  static {
    declareFields(OverExpression, { expression: "node", partitionBy: "nodes", orderBy: "nodes", frame: "value" });
  }
}
