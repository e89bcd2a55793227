/** ON UPDATE and ON DELETE with CASCADE, SET NULL or SET DEFAULT: the database changes the referring rows by itself. */
export function isActive(action: string | null): boolean {
  return action !== null && /cascade|set/i.test(action);
}
