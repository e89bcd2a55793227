/**
 * How tightly the operators of SQL bind: the higher, the tighter. Between two databases the order differs only for
 * operators that are put into parentheses here whenever they meet others (`||`, bit operators).
 */
const PRECEDENCE: Readonly<Record<string, number>> = {
  OR: 1,
  AND: 2,
  NOT: 3,
  IS: 4,
  "IS NOT": 4,
  "IS DISTINCT FROM": 4,
  "IS NOT DISTINCT FROM": 4,
  "=": 5,
  "<>": 5,
  "!=": 5,
  "<": 5,
  "<=": 5,
  ">": 5,
  ">=": 5,
  IN: 5,
  "NOT IN": 5,
  LIKE: 5,
  "NOT LIKE": 5,
  ILIKE: 5,
  "NOT ILIKE": 5,
  BETWEEN: 5,
  "+": 8,
  "-": 8,
  "*": 9,
  "/": 9,
  "%": 9,
  "unary -": 10,
  COLLATE: 11,
};

/** Every other operator: tighter than comparisons, looser than arithmetic, never mixed without parentheses. */
export const OTHER = 7;

/** The precedence of something that never needs parentheses: a column, a call, anything already in parentheses. */
export const ATOM = 100;

/** The precedence of the operator. */
export function precedenceOf(operator: string): number {
  return PRECEDENCE[operator] ?? OTHER;
}

/**
 * May `a op b op c` be written without parentheses, whichever way it was built? Sums and products may not: whole numbers
 * overflow and fractions round differently.
 */
export function isAssociative(operator: string): boolean {
  return operator === "||";
}

/** Is it a comparison? `a = b = c` means nothing that anybody would expect. */
export function isComparison(operator: string): boolean {
  const precedence = precedenceOf(operator);
  return precedence === PRECEDENCE.IS || precedence === PRECEDENCE["="];
}
