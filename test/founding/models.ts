import {
  declarativeBase,
  float,
  foreignKey,
  integer,
  manyToOne,
  oneToMany,
  tableOptions,
  unique,
  varchar,
} from "alkahest";

/** The models of the three founding documents. Each call declares them anew. */
export function mergeModels() {
  const Base = declarativeBase();
  class Group extends Base("groups", {
    gid: integer().primaryKey(),
    name: varchar(255),
    get users() {
      return oneToMany(User, { backPopulates: "group" });
    },
  }) {}
  class User extends Base("users", {
    login: varchar(50).primaryKey(),
    name: varchar(255),
    get groupId() {
      return integer().references(Group.c.gid);
    },
    get address() {
      return varchar(200).references(Address.c.emailAddress);
    },
    get group() {
      return manyToOne(Group, { backPopulates: "users" });
    },
    get email() {
      return manyToOne(Address);
    },
  }) {}
  class Address extends Base("addresses", { emailAddress: varchar(200).primaryKey() }) {}
  return { Base, Group, User, Address };
}

export function uniqueChildModels() {
  const Base = declarativeBase();
  class Parent extends Base("parent", {
    id: integer().primaryKey(),
    name: varchar(50),
    get children() {
      return oneToMany(Child, { backPopulates: "parent", cascade: "all, delete-orphan" });
    },
  }) {}
  class Child extends Base("child", {
    id: integer().primaryKey(),
    get parentId() {
      return integer().notNull().references(Parent.c.id);
    },
    z: float(),
    get parent() {
      return manyToOne(Parent, { backPopulates: "children" });
    },
    get tableArgs() {
      return [unique("child_uk", Child.c.parentId, Child.c.z)];
    },
  }) {}
  return { Base, Parent, Child };
}

export function selfReferenceModels() {
  const Base = declarativeBase();
  class Node extends Base("node", {
    id: integer().primaryKey(),
    name: varchar(50),
    get relatedId() {
      return integer().references(Node.c.id);
    },
    get related() {
      return manyToOne(Node, { remoteSide: [Node.c.id] });
    },
  }) {}
  return { Base, Node };
}

/** @param postUpdate the flag of the document, which is never needed here */
export function widgetModels({ postUpdate }: { readonly postUpdate: boolean }) {
  const Base = declarativeBase();
  class Entry extends Base("entry", {
    entryId: integer().primaryKey(),
    get widgetId() {
      return integer().references(Widget.c.widgetId);
    },
    name: varchar(50),
  }) {}
  class Widget extends Base("widget", {
    widgetId: integer().primaryKey(),
    get favoriteEntryId() {
      return integer().references(Entry.c.entryId, { name: "fk_favorite_entry" });
    },
    name: varchar(50),
    get entries() {
      return oneToMany(Entry, { foreignKeys: [Entry.c.widgetId] });
    },
    get favoriteEntry() {
      return manyToOne(Entry, { foreignKeys: [Widget.c.favoriteEntryId], postUpdate });
    },
  }) {}
  return { Base, Entry, Widget };
}

export function compositeWidgetModels() {
  const Base = declarativeBase();
  class Entry extends Base("entry", {
    entryId: integer().primaryKey(),
    get widgetId() {
      return integer().references(Widget.c.widgetId);
    },
    name: varchar(50),
    get tableArgs() {
      return [unique("entry_uk", Entry.c.entryId, Entry.c.widgetId)];
    },
  }) {}
  class Widget extends Base("widget", {
    widgetId: integer().autoincrement("ignoreFk").primaryKey(),
    favoriteEntryId: integer(),
    name: varchar(50),
    get entries() {
      return oneToMany(Entry, { primaryJoin: Widget.c.widgetId.eq(Entry.c.widgetId), foreignKeys: [Entry.c.widgetId] });
    },
    get favoriteEntry() {
      return manyToOne(Entry, {
        primaryJoin: Widget.c.favoriteEntryId.eq(Entry.c.entryId),
        foreignKeys: [Widget.c.favoriteEntryId],
        postUpdate: true,
      });
    },
    get tableArgs() {
      return [
        foreignKey([Widget.c.widgetId, Widget.c.favoriteEntryId], [Entry.c.widgetId, Entry.c.entryId], {
          name: "fk_favorite_entry",
        }),
      ];
    },
  }) {}
  return { Base, Entry, Widget };
}

/** Natural keys, three levels deep: each level's key is a part of the next. */
/** @param aria on MariaDB, the tables are of an engine without foreign keys */
export function naturalKeyModels({ cascade, aria = false }: { readonly cascade: boolean; readonly aria?: boolean }) {
  const Base = declarativeBase();
  const onUpdate = cascade ? ({ onUpdate: "cascade" } as const) : {};
  const options = tableOptions(aria ? { mysqlEngine: "Aria" } : {});
  class User extends Base("user", {
    username: varchar(50).primaryKey(),
    fullname: varchar(100),
    get addresses() {
      return oneToMany(Address, { backPopulates: "user" });
    },
    get tableArgs() {
      return [options];
    },
  }) {}
  class Address extends Base("address", {
    get username() {
      return varchar(50).primaryKey().references(User.c.username, onUpdate);
    },
    email: varchar(50).primaryKey(),
    get user() {
      return manyToOne(User, { backPopulates: "addresses" });
    },
    get notes() {
      return oneToMany(Note, { backPopulates: "address" });
    },
    get tableArgs() {
      return [options];
    },
  }) {}
  class Note extends Base("note", {
    id: integer().primaryKey(),
    username: varchar(50),
    email: varchar(50),
    text: varchar(50),
    get address() {
      return manyToOne(Address, { backPopulates: "notes" });
    },
    get tableArgs() {
      return [foreignKey([Note.c.username, Note.c.email], [Address.c.username, Address.c.email], onUpdate), options];
    },
  }) {}
  return { Base, User, Address, Note };
}
