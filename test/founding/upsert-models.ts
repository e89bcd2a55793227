import { declarativeBase, integer, manyToMany, manyToOne, oneToMany, oneToOne, unique, varchar } from "alkahest";

/** Users share addresses, whose e-mail is unique; what to do about one that is there already is a parameter. */
export function addressModels(action: "update" | "nothing") {
  const Base = declarativeBase();
  class Group extends Base("groups", {
    id: integer().primaryKey(),
    name: varchar(50),
    get users() {
      return oneToMany(User, { backPopulates: "group" });
    },
  }) {}
  class User extends Base("users", {
    id: integer().primaryKey(),
    login: varchar(50),
    get groupId() {
      return integer().references(Group.c.id);
    },
    get addressId() {
      return integer().references(Address.c.id);
    },
    get group() {
      return manyToOne(Group, { backPopulates: "users" });
    },
    get address() {
      return manyToOne(Address, { backPopulates: "users" });
    },
  }) {}
  class Address extends Base("addresses", {
    id: integer().primaryKey(),
    email: varchar(100).notNull().unique(),
    city: varchar(50),
    note: varchar(50),
    get users() {
      return oneToMany(User, { backPopulates: "address" });
    },
    get tags() {
      return manyToMany(Tag, { through: AddressTag, backPopulates: "addresses" });
    },
    get mapperArgs() {
      return { onConflict: { target: [Address.c.email], do: action } };
    },
  }) {}
  class Tag extends Base("tags", {
    name: varchar(50).primaryKey(),
    get addresses() {
      return manyToMany(Address, { through: AddressTag, backPopulates: "tags" });
    },
    get mapperArgs() {
      return { onConflict: { target: [Tag.c.name], do: action } };
    },
  }) {}
  class AddressTag extends Base("address_tags", {
    get addressId() {
      return integer().references(Address.c.id).primaryKey();
    },
    get tagName() {
      return varchar(50).references(Tag.c.name).primaryKey();
    },
  }) {}
  return { Base, Group, User, Address, Tag, AddressTag };
}

/** Lines are known by their order and a number; orders by a code. */
export function orderModels(action: "update" | "nothing") {
  const Base = declarativeBase();
  class Order extends Base("orders", {
    id: integer().primaryKey(),
    code: varchar(20).notNull().unique(),
    note: varchar(20),
    get lines() {
      return oneToMany(Line, { backPopulates: "order" });
    },
    get invoice() {
      return oneToOne(Invoice, { backPopulates: "order" });
    },
    get mapperArgs() {
      return { onConflict: { target: [Order.c.code], do: action } };
    },
  }) {}
  class Line extends Base("order_lines", {
    id: integer().primaryKey(),
    get orderId() {
      return integer().notNull().references(Order.c.id);
    },
    number: integer().notNull(),
    text: varchar(50),
    get order() {
      return manyToOne(Order, { backPopulates: "lines" });
    },
    get tableArgs() {
      return [unique("line_uk", Line.c.orderId, Line.c.number)];
    },
    get mapperArgs() {
      return { onConflict: { target: [Line.c.orderId, Line.c.number], do: action } };
    },
  }) {}
  class Invoice extends Base("invoices", {
    id: integer().primaryKey(),
    get orderId() {
      return integer().references(Order.c.id).unique();
    },
    get order() {
      return oneToOne(Order, { backPopulates: "invoice" });
    },
  }) {}
  return { Base, Order, Line, Invoice };
}
