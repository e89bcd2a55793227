/**
 * Puts two shapes together: what several classes have in common, and what is one class's own, which wins. Getters stay
 * getters; object spread (`{ ...Stamped }`) would call them, before the classes that they mention exist.
 *
 * @example
 * ```ts
 * import { declarativeBase, integer, manyToOne, mixin, varchar } from "alkahest";
 *
 * const Base = declarativeBase();
 * class User extends Base("users", { id: integer().primaryKey() }) {}
 * const Owned = {
 *   get ownerId() { return integer().references(User.c.id); },
 *   get owner() { return manyToOne(User); },
 * };
 * class Doc extends Base("docs", mixin(Owned, { id: integer().primaryKey(), title: varchar(200) })) {}
 * new Doc({ title: "On solvents", owner: new User() });
 * ```
 */
export function mixin<const A extends object, const B extends object>(base: A, own: B): A & B {
  const descriptors = { ...Object.getOwnPropertyDescriptors(base), ...Object.getOwnPropertyDescriptors(own) };
  // The descriptors are those of A and of B together.
  return Object.create(Object.prototype, descriptors) as A & B;
}
