import { declarativeBase, foreignKey, integer, manyToOne, varchar } from "alkahest";

export type OnUpdate = { readonly onUpdate?: "cascade" };

/**
 * Keys of three levels, each a part of the next one: an owner's code, an item's number there, a part's number in the item.
 * @param isRing owners may refer to one another
 */
export function declare(options: OnUpdate, isRing = false) {
  const Base = declarativeBase();
  class Owner extends Base("owner", {
    code: varchar(20).primaryKey(),
    next: varchar(20),
    get tableArgs() {
      return isRing ? [foreignKey([Owner.c.next], [Owner.c.code], options)] : [];
    },
  }) {}
  class Item extends Base("item", {
    name: varchar(20).notNull(),
    get ownerCode() {
      return varchar(20).primaryKey().references(Owner.c.code, options);
    },
    position: integer().primaryKey(),
    get owner() {
      return manyToOne(Owner);
    },
  }) {}
  class Part extends Base("part", {
    name: varchar(20).notNull(),
    ownerCode: varchar(20).primaryKey(),
    position: integer().primaryKey(),
    n: integer().primaryKey(),
    get item() {
      return manyToOne(Item);
    },
    get tableArgs() {
      return [foreignKey([Part.c.ownerCode, Part.c.position], [Item.c.ownerCode, Item.c.position], options)];
    },
  }) {}
  return { Base, Owner, Item, Part };
}
