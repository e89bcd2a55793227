/** ON UPDATE and ON DELETE with CASCADE, SET NULL or SET DEFAULT: the database changes the referring rows by itself. */
export function isActive(action: string | null): boolean {
  return action !== null && /cascade|set/i.test(action);
}

/** SET DEFAULT: the database gives the referring rows the default of each column. */
export function setsDefault(action: string | null): boolean {
  return action !== null && /set default/i.test(action);
}

/** SET NULL: the referring rows refer to nothing then. */
export function setsNull(action: string | null): boolean {
  return letsGo(action) && !setsDefault(action);
}

/** SET NULL and SET DEFAULT: the referring rows do not follow a changed key. */
export function letsGo(action: string | null): boolean {
  return action !== null && /set/i.test(action);
}

/** ON DELETE CASCADE: the database deletes the referring rows. */
export function takesAlong(action: string | null): boolean {
  return action !== null && /cascade/i.test(action);
}

/** RESTRICT: the database refuses at once, and never later. */
export function restricts(action: string | null): boolean {
  return action !== null && /restrict/i.test(action);
}
