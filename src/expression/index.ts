export { evaluate, type ReadColumn, UNKNOWN } from "./evaluate.ts";
export { cacheKey, collectBinds, equals, type Fingerprint, fingerprint } from "./fingerprint.ts";
export { ColumnElement, FromClause } from "./from.ts";
export { caseWhen, filter, func, literal, over, sql, tuple, type Window } from "./func.ts";
export { declareFields, type FieldKind, type Fields, Node, type Query, QueryNode } from "./node.ts";
export {
  CaseExpression,
  FunctionCall,
  OverExpression,
  Star,
  TextFragment,
  TupleExpression,
  type WindowFrame,
} from "./nodes.ts";
export { ExistsExpression, ScalarSubquery } from "./query-node.ts";
export {
  and,
  BetweenExpression,
  BinaryExpression,
  BindParameter,
  BooleanList,
  BooleanLiteral,
  CastExpression,
  CollateExpression,
  type Condition,
  expressionOf,
  InExpression,
  Label,
  LikeExpression,
  NullLiteral,
  not,
  type Operand,
  OrderBy,
  or,
  SqlExpression,
  type Typed,
  toExpression,
  UnaryExpression,
  type ValueOf,
} from "./sql-expression.ts";
export { describeValue, SqlType, type TypeSource, type ValueKey } from "./sql-type.ts";
export { copyWith, transform, visit } from "./traverse.ts";
export { ArrayType } from "./types/array.ts";
export { CustomType, type CustomTypeOptions } from "./types/custom.ts";
export { commonType, typeOfValue } from "./types/inference.ts";
export { JsonType, type StandardSchema } from "./types/json.ts";
export { BigIntType, FloatType, IntegerType, NumericType } from "./types/numbers.ts";
export { BooleanType, BytesType, UnknownType } from "./types/scalars.ts";
export { EnumerationType, StringType, UuidType } from "./types/strings.ts";
export { DateType, TimestampType, TimeType } from "./types/temporal.ts";
