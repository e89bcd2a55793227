export { evaluate, guess, type ReadColumn, UNKNOWN } from "./evaluate.ts";
export { foldText } from "./evaluate-values.ts";
export { cacheKey, collectBinds, equals } from "./fingerprint.ts";
export { ColumnElement, FromClause } from "./from.ts";
export { caseWhen, filter, func, literal, over, sql, tuple, type Window } from "./func.ts";
export { declareFields, Node, type Query, QueryNode } from "./node.ts";
export {
  type DateField,
  TextFragment,
  type WindowFrame,
} from "./nodes.ts";
export { extract, jsonGet, jsonText } from "./parts.ts";
export { ExistsExpression, ScalarSubquery } from "./query-node.ts";
export {
  and,
  BetweenExpression,
  BinaryExpression,
  BindParameter,
  BooleanList,
  BooleanLiteral,
  CollateExpression,
  type Condition,
  InExpression,
  LikeExpression,
  NullLiteral,
  not,
  type Operand,
  or,
  SqlExpression,
  type Typed,
  toExpression,
  UnaryExpression,
  type ValueOf,
} from "./sql-expression.ts";
export { describeValue, SqlType, type TypeSource } from "./sql-type.ts";
export { transform, visit } from "./traverse.ts";
export { ArrayType } from "./types/array.ts";
export { CustomType, type CustomTypeOptions } from "./types/custom.ts";
export { JsonType, type StandardSchema } from "./types/json.ts";
export { BigIntType, FloatType, IntegerType, NumericType } from "./types/numbers.ts";
export { BooleanType, BytesType, UnknownType } from "./types/scalars.ts";
export { EnumerationType, StringType, UuidType } from "./types/strings.ts";
export { DateTimeType, DateType, TimestampType, TimeType } from "./types/temporal.ts";
