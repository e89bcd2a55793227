import { ArgumentError } from "../errors/index.ts";
import { SqlExpression } from "../expression/sql-expression.ts";
import { describeValue } from "../expression/sql-type.ts";

/**
 * The arguments of a method as expressions; checked for callers without types, since `where(user.id === 5)` would pass
 * a boolean on.
 *
 * @throws ArgumentError naming the method and what it got
 */
export function expressionsOf(method: string, values: readonly unknown[]): readonly SqlExpression<unknown>[] {
  return values.map((value) => {
    if (value instanceof SqlExpression) return value;
    const hint = typeof value === "boolean" ? "; compare with .eq(), .lt() and so on, not with === or <" : "";
    throw new ArgumentError(`${method}() needs SQL expressions, not ${describeValue(value)}${hint}.`);
  });
}
