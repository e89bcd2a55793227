import { instanceRuntime } from "../../../src/orm/instance/index.ts";
import {
  declarativeBase,
  manyToMany,
  manyToOne,
  oneToMany,
  oneToOne,
  setInstanceRuntime,
} from "../../../src/orm/mapping/index.ts";
import { bigint, foreignKey, integer, timestamp, varchar } from "../../../src/schema/index.ts";

setInstanceRuntime(instanceRuntime);

export const Base = declarativeBase();

/** Both sides mapped. */
export class Parent extends Base("parent", {
  id: integer().primaryKey(),
  name: varchar(50),
  get children() {
    return oneToMany(Child, { backPopulates: "parent", cascade: "all, delete-orphan" });
  },
}) {}

export class Child extends Base("child", {
  id: integer().primaryKey(),
  get parentId() {
    return integer().references(Parent.c.id);
  },
  name: varchar(50),
  get parent() {
    return manyToOne(Parent, { backPopulates: "children" });
  },
}) {}

/** The many-to-one side is not mapped. */
export class Album extends Base("album", {
  id: integer().primaryKey(),
  title: varchar(50),
  released: timestamp(),
  plays: bigint(),
  get songs() {
    return oneToMany(Song);
  },
}) {}

export class Song extends Base("song", {
  id: integer().primaryKey(),
  get albumId() {
    return integer().references(Album.c.id);
  },
}) {}

/** Two relationships over one foreign key, which do not know of each other. */
export class Team extends Base("team", {
  id: integer().primaryKey(),
  get players() {
    return oneToMany(Player);
  },
}) {}

export class Player extends Base("player", {
  id: integer().primaryKey(),
  get teamId() {
    return integer().references(Team.c.id);
  },
  get team() {
    return manyToOne(Team);
  },
}) {}

/** A tree. */
export class Employee extends Base("employee", {
  id: integer().primaryKey(),
  name: varchar(50),
  get bossId() {
    return integer().references(Employee.c.id);
  },
  get boss() {
    return manyToOne(Employee, { remoteSide: [Employee.c.id], backPopulates: "reports" });
  },
  get reports() {
    return oneToMany(Employee, { backPopulates: "boss" });
  },
}) {}

export class Person extends Base("person", {
  id: integer().primaryKey(),
  get passport() {
    return oneToOne(Passport, { backPopulates: "person" });
  },
}) {}

export class Passport extends Base("passport", {
  id: integer().primaryKey(),
  get personId() {
    return integer().references(Person.c.id);
  },
  get person() {
    return oneToOne(Person, { backPopulates: "passport" });
  },
}) {}

class ArticleTag extends Base("article_tag", {
  get articleId() {
    return integer().primaryKey().references(Article.c.id);
  },
  get tagId() {
    return integer().primaryKey().references(Tag.c.id);
  },
}) {}

export class Article extends Base("article", {
  id: integer().primaryKey(),
  title: varchar(50),
  get tags() {
    return manyToMany(Tag, { through: ArticleTag, backPopulates: "articles" });
  },
}) {}

export class Tag extends Base("tag", {
  id: integer().primaryKey(),
  get articles() {
    return manyToMany(Article, { through: ArticleTag, backPopulates: "tags" });
  },
}) {}

class Friendship extends Base("friendship", {
  get leftId() {
    return integer().primaryKey().references(Friend.c.id);
  },
  get rightId() {
    return integer().primaryKey().references(Friend.c.id);
  },
}) {}

/** Many-to-many with itself. */
export class Friend extends Base("friend", {
  id: integer().primaryKey(),
  get follows() {
    return manyToMany(Friend, {
      through: Friendship,
      primaryJoin: Friend.c.id.eq(Friendship.c.leftId),
      secondaryJoin: Friend.c.id.eq(Friendship.c.rightId),
      backPopulates: "followers",
    });
  },
  get followers() {
    return manyToMany(Friend, {
      through: Friendship,
      primaryJoin: Friend.c.id.eq(Friendship.c.rightId),
      secondaryJoin: Friend.c.id.eq(Friendship.c.leftId),
      backPopulates: "follows",
    });
  },
}) {}

/** A key of two columns; the first one is shared by both foreign keys of Ticket. */
export class Member extends Base("member", {
  tenantId: integer().primaryKey(),
  number: integer().primaryKey(),
  get assigned() {
    return oneToMany(Ticket, { backPopulates: "assignee", foreignKeys: [Ticket.c.assigneeNumber, Ticket.c.tenantId] });
  },
}) {}

export class Ticket extends Base("ticket", {
  id: integer().primaryKey(),
  tenantId: integer().notNull(),
  assigneeNumber: integer(),
  reporterNumber: integer(),
  get assignee() {
    return manyToOne(Member, { backPopulates: "assigned", foreignKeys: [Ticket.c.assigneeNumber, Ticket.c.tenantId] });
  },
  get reporter() {
    return manyToOne(Member, { foreignKeys: [Ticket.c.reporterNumber, Ticket.c.tenantId] });
  },
  get tableArgs() {
    return [
      foreignKey([Ticket.c.tenantId, Ticket.c.assigneeNumber], [Member.c.tenantId, Member.c.number]),
      foreignKey([Ticket.c.tenantId, Ticket.c.reporterNumber], [Member.c.tenantId, Member.c.number]),
    ];
  },
}) {}

/** The foreign key is a part of the primary key. */
export class Line extends Base("line", {
  get ticketId() {
    return integer().primaryKey().references(Ticket.c.id);
  },
  position: integer().primaryKey(),
  get ticket() {
    return manyToOne(Ticket);
  },
}) {}
