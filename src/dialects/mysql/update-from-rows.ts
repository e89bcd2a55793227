/**
 * `UPDATE t JOIN (SELECT ... UNION ALL SELECT ?, ?) AS v ON ... SET ...`: gives rows that are found by some columns values
 * of their own. The rows begin with a query of the table that finds nothing: from it they have the columns' types and
 * collations, without which texts could not be compared. Parameters: of each row the keys, then the values to set.
 * @param table the table's name as it is written in SQL, like the names of the columns
 */
export function updateFromRows(
  table: string,
  keys: readonly string[],
  columns: readonly string[],
  rowCount: number,
): string {
  const heads = [...keys.map((name, i) => `${name} AS k${i}`), ...columns.map((name, i) => `${name} AS s${i}`)];
  const row = `SELECT ${heads.map(() => "?").join(", ")}`;
  const rows = Array.from({ length: rowCount }, () => row).join(" UNION ALL ");
  const on = keys.map((name, i) => `t.${name} = v.k${i}`).join(" AND ");
  const set = columns.map((name, i) => `t.${name} = v.s${i}`).join(", ");
  return `UPDATE ${table} AS t JOIN (SELECT ${heads.join(", ")} FROM ${table} WHERE FALSE UNION ALL ${rows}) AS v ON ${on} SET ${set}`;
}
