import { describe, expect, it } from "vitest";
import { and } from "../../../src/expression/index.ts";
import {
  declarativeBase,
  manyToMany,
  manyToOne,
  mapperOf,
  oneToMany,
  oneToOne,
} from "../../../src/orm/mapping/index.ts";
import { foreignKey, integer, Table, unique, varchar } from "../../../src/schema/index.ts";
import { pairs, relationship } from "./runtime.ts";

describe("a relationship that follows a foreign key", () => {
  const Base = declarativeBase();
  class Parent extends Base("parent", {
    id: integer().primaryKey(),
    get children() {
      return oneToMany(Child, { backPopulates: "parent", cascade: "all, delete-orphan", orderBy: Child.c.name.desc() });
    },
  }) {}
  class Child extends Base("child", {
    id: integer().primaryKey(),
    name: varchar(50),
    get parentId() {
      return integer().references(Parent.c.id);
    },
    get parent() {
      return manyToOne(Parent, { backPopulates: "children" });
    },
  }) {}

  it("is one-to-many from the class that it refers to", () => {
    const children = relationship(Parent, "children");
    expect(children.direction).toBe("oneToMany");
    expect(children.many).toBe(true);
    expect(children.target).toBe(mapperOf(Child));
    expect(pairs(children)).toEqual(["parent.id -> child.parent_id"]);
    expect(children.foreignKey).toBe(mapperOf(Child).table.foreignKeys[0]);
    expect(children.orderBy).toHaveLength(1);
  });

  it("is many-to-one from the class that has it", () => {
    const parent = relationship(Child, "parent");
    expect(parent.direction).toBe("manyToOne");
    expect(parent.many).toBe(false);
    expect(pairs(parent)).toEqual(["child.parent_id -> parent.id"]);
  });

  it("has the other side as its inverse", () => {
    expect(relationship(Parent, "children").inverse).toBe(relationship(Child, "parent"));
    expect(relationship(Child, "parent").inverse).toBe(relationship(Parent, "children"));
    expect(mapperOf(Child).hiddenRelationships).toEqual([]);
  });

  it("is known to the column that holds the foreign key", () => {
    const { references } = mapperOf(Child).columnProperty(mapperOf(Child).table.columns[2]!);
    expect(references).toEqual([relationship(Child, "parent")]);
  });

  it("has the cascades that were written, or save-update and merge", () => {
    expect(relationship(Parent, "children").cascade).toEqual({
      saveUpdate: true,
      merge: true,
      delete: true,
      deleteOrphan: true,
      expunge: true,
      refreshExpire: true,
    });
    expect(relationship(Child, "parent").cascade).toEqual({
      saveUpdate: true,
      merge: true,
      delete: false,
      deleteOrphan: false,
      expunge: false,
      refreshExpire: false,
    });
  });

  it("shares the slots of the class with its columns", () => {
    expect(mapperOf(Child).properties.map(({ name, slot }) => [name, slot])).toEqual([
      ["id", 0],
      ["name", 1],
      ["parentId", 2],
      ["parent", 3],
    ]);
  });
});

describe("a one-to-many without other side", () => {
  const Base = declarativeBase();
  class Parent extends Base("parent", {
    id: integer().primaryKey(),
    get children() {
      return oneToMany(Child);
    },
    get readers() {
      return oneToMany(Child, { viewOnly: true });
    },
  }) {}
  class Child extends Base("child", {
    id: integer().primaryKey(),
    get parentId() {
      return integer().references(Parent.c.id);
    },
  }) {}

  it("gets a hidden many-to-one as its inverse, which is no attribute", () => {
    const children = relationship(Parent, "children");
    const [hidden, ...more] = mapperOf(Child).hiddenRelationships;
    expect(more).toEqual([]);
    expect(hidden).toBe(children.inverse);
    expect(hidden).toMatchObject({
      name: "~Parent.children",
      slot: -1,
      hidden: true,
      direction: "manyToOne",
      many: false,
    });
    expect(hidden?.inverse).toBe(children);
    expect(pairs(hidden!)).toEqual(["child.parent_id -> parent.id"]);
    expect(Object.values(hidden!.cascade).every((cascades) => !cascades)).toBe(true);
    expect(mapperOf(Child).relationships).toEqual([]);
    expect(mapperOf(Child).properties.map(({ name }) => name)).toEqual(["id", "parentId"]);
  });

  it("unless it is only read", () => {
    expect(relationship(Parent, "readers").inverse).toBeNull();
    expect(relationship(Parent, "readers").cascade).toMatchObject({ saveUpdate: false, merge: true });
  });

  it("also where the target was in use before", () => {
    const Later = declarativeBase();
    class Target extends Later("target", {
      id: integer().primaryKey(),
      ownerId: integer().references("owner.id"),
    }) {}
    expect(mapperOf(Target).hiddenRelationships).toEqual([]);
    class Owner extends Later("owner", {
      id: integer().primaryKey(),
      get targets() {
        return oneToMany(Target);
      },
    }) {}
    const targets = relationship(Owner, "targets");
    expect(mapperOf(Target).hiddenRelationships).toEqual([targets.inverse]);
    expect(mapperOf(Target).columns[1]?.references).toEqual([targets.inverse]);
  });
});

describe("a one-to-one", () => {
  const Base = declarativeBase();
  class User extends Base("users", {
    id: integer().primaryKey(),
    get profile() {
      return oneToOne(Profile, { backPopulates: "user" });
    },
    get picture() {
      return oneToOne(Picture, { backPopulates: "user" });
    },
    get badge() {
      return oneToOne(Badge);
    },
  }) {}
  class Profile extends Base("profile", {
    id: integer().primaryKey(),
    get userId() {
      return integer().unique().references(User.c.id);
    },
    get user() {
      return oneToOne(User, { backPopulates: "profile" });
    },
  }) {}
  class Picture extends Base("picture", {
    id: integer().primaryKey(),
    get userId() {
      return integer().references(User.c.id);
    },
    get user() {
      return manyToOne(User, { backPopulates: "picture" });
    },
  }) {}
  class Badge extends Base("badge", {
    id: integer().primaryKey(),
    get userId() {
      return integer().references(User.c.id);
    },
  }) {}

  it("goes the way that the foreign key goes", () => {
    expect(relationship(User, "profile")).toMatchObject({ direction: "oneToMany", many: false, singleParent: true });
    expect(relationship(Profile, "user")).toMatchObject({ direction: "manyToOne", many: false });
    expect(relationship(User, "profile").inverse).toBe(relationship(Profile, "user"));
  });

  it("can have a many-to-one as its other side, or none", () => {
    expect(relationship(User, "picture").inverse).toBe(relationship(Picture, "user"));
    expect(relationship(User, "badge").inverse).toMatchObject({ hidden: true, direction: "manyToOne" });
  });

  it("can lead to the same class", () => {
    const Own = declarativeBase();
    class Person extends Own("person", {
      id: integer().primaryKey(),
      get mentorId() {
        return integer().references(Person.c.id);
      },
      get mentor() {
        return oneToOne(Person, { backPopulates: "student", remoteSide: [Person.c.id] });
      },
      get student() {
        return oneToOne(Person, { backPopulates: "mentor" });
      },
    }) {}
    expect(relationship(Person, "mentor").direction).toBe("manyToOne");
    expect(relationship(Person, "student").direction).toBe("oneToMany");
    expect(pairs(relationship(Person, "student"))).toEqual(["person.id -> person.mentor_id"]);
  });
});

describe("a relationship of a class to itself", () => {
  const Base = declarativeBase();
  class Employee extends Base("employee", {
    companyId: integer().primaryKey(),
    id: integer().primaryKey(),
    bossId: integer(),
    get boss() {
      return manyToOne(Employee, { backPopulates: "reports" });
    },
    get reports() {
      return oneToMany(Employee, { backPopulates: "boss" });
    },
    get tableArgs() {
      return [foreignKey([Employee.c.companyId, Employee.c.bossId], [Employee.c.companyId, Employee.c.id])];
    },
  }) {}

  it("goes the way that was declared, with composite keys that share a column", () => {
    expect(pairs(relationship(Employee, "boss"))).toEqual([
      "employee.company_id -> employee.company_id",
      "employee.boss_id -> employee.id",
    ]);
    expect(pairs(relationship(Employee, "reports"))).toEqual([
      "employee.company_id -> employee.company_id",
      "employee.id -> employee.boss_id",
    ]);
  });

  it("takes remoteSide as in SQLAlchemy", () => {
    const Own = declarativeBase();
    class Node extends Own("node", {
      id: integer().primaryKey(),
      get parentId() {
        return integer().references(Node.c.id);
      },
      get parent() {
        return manyToOne(Node, { remoteSide: [Node.c.id], backPopulates: "children" });
      },
      get children() {
        return oneToMany(Node, { backPopulates: "parent" });
      },
    }) {}
    expect(pairs(relationship(Node, "parent"))).toEqual(["node.parent_id -> node.id"]);
    expect(pairs(relationship(Node, "children"))).toEqual(["node.id -> node.parent_id"]);
  });

  it("can be written with a primaryJoin in either order", () => {
    const Own = declarativeBase();
    class Node extends Own("node", {
      id: integer().primaryKey(),
      hidden: integer(),
      get parentId() {
        return integer().references(Node.c.id);
      },
      get parent() {
        return manyToOne(Node, { primaryJoin: Node.c.id.eq(Node.c.parentId) });
      },
      get children() {
        return oneToMany(Node, { primaryJoin: and(Node.c.id.eq(Node.c.parentId), Node.c.hidden.eq(0)) });
      },
    }) {}
    expect(pairs(relationship(Node, "parent"))).toEqual(["node.parent_id -> node.id"]);
    expect(pairs(relationship(Node, "children"))).toEqual(["node.id -> node.parent_id"]);
    expect(relationship(Node, "parent").join.isPlain).toBe(true);
    expect(relationship(Node, "children").join.isPlain).toBe(false);
  });
});

describe("a relationship with several foreign keys to choose from", () => {
  const Base = declarativeBase();
  class User extends Base("users", {
    id: integer().primaryKey(),
    get sent() {
      return oneToMany(Message, { backPopulates: "sender" });
    },
    get received() {
      return oneToMany(Message, { foreignKeys: [Message.c.receiverId] });
    },
  }) {}
  class Message extends Base("message", {
    id: integer().primaryKey(),
    get senderId() {
      return integer().references(User.c.id);
    },
    get receiverId() {
      return integer().references(User.c.id);
    },
    get sender() {
      return manyToOne(User, { foreignKeys: [Message.c.senderId], backPopulates: "sent" });
    },
  }) {}

  it("follows the one that foreignKeys names, here or on the other side", () => {
    expect(pairs(relationship(Message, "sender"))).toEqual(["message.sender_id -> users.id"]);
    expect(pairs(relationship(User, "sent"))).toEqual(["users.id -> message.sender_id"]);
    expect(pairs(relationship(User, "received"))).toEqual(["users.id -> message.receiver_id"]);
  });
});

describe("primaryJoin", () => {
  it("with foreignKeys picks a part of a composite foreign key", () => {
    const Base = declarativeBase();
    class Entry extends Base("entry", {
      entryId: integer().primaryKey(),
      get widgetId() {
        return integer().references(Widget.c.widgetId);
      },
      get tableArgs() {
        return [unique("entry_uk", Entry.c.entryId, Entry.c.widgetId)];
      },
    }) {}
    class Widget extends Base("widget", {
      widgetId: integer().autoincrement("ignoreFk").primaryKey(),
      favoriteEntryId: integer(),
      get entries() {
        return oneToMany(Entry, {
          primaryJoin: Widget.c.widgetId.eq(Entry.c.widgetId),
          foreignKeys: [Entry.c.widgetId],
        });
      },
      get favoriteEntry() {
        return manyToOne(Entry, {
          primaryJoin: Widget.c.favoriteEntryId.eq(Entry.c.entryId),
          foreignKeys: [Widget.c.favoriteEntryId],
          postUpdate: true,
        });
      },
      get tableArgs() {
        return [foreignKey([Widget.c.widgetId, Widget.c.favoriteEntryId], [Entry.c.widgetId, Entry.c.entryId])];
      },
    }) {}
    const [entries, favorite] = [relationship(Widget, "entries"), relationship(Widget, "favoriteEntry")];
    expect(pairs(entries)).toEqual(["widget.widget_id -> entry.widget_id"]);
    expect(pairs(favorite)).toEqual(["widget.favorite_entry_id -> entry.entry_id"]);
    expect(favorite.foreignKey).toBe(mapperOf(Widget).table.foreignKeys[0]);
    expect(favorite.postUpdate).toBe(true);
    expect(entries.inverse?.hidden).toBe(true);
  });

  it("with foreignKeys joins where the database has no foreign key", () => {
    const Base = declarativeBase();
    class Country extends Base("country", { code: varchar(2).primaryKey() }) {}
    class City extends Base("city", {
      id: integer().primaryKey(),
      countryCode: varchar(2),
      get country() {
        return manyToOne(Country, {
          primaryJoin: City.c.countryCode.eq(Country.c.code),
          foreignKeys: [City.c.countryCode],
        });
      },
    }) {}
    expect(pairs(relationship(City, "country"))).toEqual(["city.country_code -> country.code"]);
    expect(relationship(City, "country").foreignKey).toBeNull();
  });

  it("writes only the columns that are foreign keys", () => {
    const Base = declarativeBase();
    class Tenant extends Base("tenant", { id: integer().primaryKey(), region: integer() }) {}
    class Doc extends Base("doc", {
      id: integer().primaryKey(),
      region: integer(),
      get tenantId() {
        return integer().references(Tenant.c.id);
      },
      get tenant() {
        return manyToOne(Tenant, {
          primaryJoin: and(Doc.c.tenantId.eq(Tenant.c.id), Doc.c.region.eq(Tenant.c.region)),
        });
      },
    }) {}
    const tenant = relationship(Doc, "tenant");
    expect(pairs(tenant)).toEqual(["doc.tenant_id -> tenant.id"]);
    expect(tenant.join.isPlain).toBe(false);
  });

  it("may compare anything if the relationship is only read", () => {
    const Base = declarativeBase();
    class A extends Base("a", {
      id: integer().primaryKey(),
      code: integer(),
      get others() {
        return oneToMany(B, { primaryJoin: A.c.code.eq(B.c.code), viewOnly: true });
      },
    }) {}
    class B extends Base("b", { id: integer().primaryKey(), code: integer() }) {}
    expect(pairs(relationship(A, "others"))).toEqual(["a.code -> b.code"]);
  });
});

describe("a many-to-many", () => {
  it("goes through a table", () => {
    const Base = declarativeBase();
    class Post extends Base("post", {
      id: integer().primaryKey(),
      get tags() {
        return manyToMany(Tag, { through: postTags, backPopulates: "posts" });
      },
    }) {}
    class Tag extends Base("tag", {
      name: varchar(50).primaryKey(),
      get posts() {
        return manyToMany(Post, { through: postTags, backPopulates: "tags" });
      },
    }) {}
    const postTags = new Table("post_tags", Base.metadata, {
      postId: integer("post_id").primaryKey().references(Post.c.id),
      tagName: varchar(50, "tag_name").primaryKey().references(Tag.c.name),
    });
    const tags = relationship(Post, "tags");
    expect(tags).toMatchObject({ direction: "manyToMany", many: true, pairs: [], foreignKey: null });
    expect(tags.secondary?.table).toBe(postTags);
    expect(tags.secondary?.local.map(({ local, secondary }) => `${local.fullName} ${secondary.fullName}`)).toEqual([
      "post.id post_tags.post_id",
    ]);
    expect(tags.secondary?.remote.map(({ remote, secondary }) => `${remote.fullName} ${secondary.fullName}`)).toEqual([
      "tag.name post_tags.tag_name",
    ]);
    expect(tags.inverse).toBe(relationship(Tag, "posts"));
    expect(tags.join.isPlain).toBe(true);
  });

  it("goes through a mapped class", () => {
    const Base = declarativeBase();
    class Post extends Base("post", {
      id: integer().primaryKey(),
      get tags() {
        return manyToMany(Tag, { through: Tagging, viewOnly: true });
      },
    }) {}
    class Tag extends Base("tag", { id: integer().primaryKey() }) {}
    class Tagging extends Base("tagging", {
      get postId() {
        return integer().primaryKey().references(Post.c.id);
      },
      get tagId() {
        return integer().primaryKey().references(Tag.c.id);
      },
    }) {}
    expect(relationship(Post, "tags").secondary?.table).toBe(mapperOf(Tagging).table);
  });

  it("leads to the same class with both joins written out, on one side or on both", () => {
    const Base = declarativeBase();
    class Node extends Base("node", {
      id: integer().primaryKey(),
      get targets() {
        return manyToMany(Node, {
          through: edges,
          primaryJoin: Node.c.id.eq(edges.c.source),
          secondaryJoin: Node.c.id.eq(edges.c.target),
          backPopulates: "sources",
        });
      },
      get sources() {
        return manyToMany(Node, { through: edges, backPopulates: "targets" });
      },
      get outgoing() {
        return manyToMany(Node, { through: edges, primaryJoin: Node.c.id.eq(edges.c.source) });
      },
    }) {}
    const edges: Table<{ source: ReturnType<typeof key>; target: ReturnType<typeof key> }> = new Table(
      "edges",
      Base.metadata,
      { source: key(), target: key() },
    );
    function key() {
      return integer().primaryKey().references("node.id");
    }
    const columns = (name: string) => {
      const { local, remote } = relationship(Node, name).secondary!;
      return [local[0]?.secondary.name, remote[0]?.secondary.name];
    };
    expect(columns("targets")).toEqual(["source", "target"]);
    expect(columns("sources")).toEqual(["target", "source"]);
    expect(columns("outgoing")).toEqual(["source", "target"]);
    expect(relationship(Node, "targets").inverse).toBe(relationship(Node, "sources"));
  });
});

describe("options of a relationship", () => {
  it("are kept for those who follow them", () => {
    const Base = declarativeBase();
    class Parent extends Base("parent", {
      id: integer().primaryKey(),
      get children() {
        return oneToMany(Child, { passiveDeletes: true, passiveUpdates: false, lazy: "selectin", cascade: "delete" });
      },
    }) {}
    class Child extends Base("child", {
      id: integer().primaryKey(),
      get parentId() {
        return integer().references(Parent.c.id);
      },
      get parent() {
        return manyToOne(Parent);
      },
    }) {}
    expect(relationship(Parent, "children")).toMatchObject({
      passiveDeletes: true,
      passiveUpdates: false,
      postUpdate: false,
      lazy: "selectin",
      singleParent: false,
      cascade: { saveUpdate: false, delete: true },
    });
    expect(relationship(Child, "parent")).toMatchObject({ passiveDeletes: false, passiveUpdates: true, lazy: "raise" });
  });
});
