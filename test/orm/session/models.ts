import {
  createEngine,
  declarativeBase,
  type Engine,
  type EngineOptions,
  float,
  integer,
  manyToMany,
  manyToOne,
  oneToMany,
  oneToOne,
  Session,
  type SessionOptions,
  unique,
  varchar,
} from "alkahest";
import { onTestFinished } from "vitest";

export const Base = declarativeBase();

/** The group, users and addresses of the first founding case. */
export class Group extends Base("groups", {
  gid: integer().primaryKey(),
  name: varchar(255),
  get users() {
    return oneToMany(User, { backPopulates: "group" });
  },
}) {}

export class User extends Base("users", {
  login: varchar(50).primaryKey(),
  name: varchar(255),
  get groupId() {
    return integer().references(Group.c.gid);
  },
  get address() {
    return varchar(200).references(Address.c.emailAddress, { onUpdate: "cascade" });
  },
  get group() {
    return manyToOne(Group, { backPopulates: "users" });
  },
  get email() {
    return manyToOne(Address);
  },
}) {}

export class Address extends Base("addresses", { emailAddress: varchar(200).primaryKey() }) {}

/** Children that share a unique key and go with their parent. */
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

/** Lines whose key begins with that of their order; the order alone knows of them. */
export class Order extends Base("orders", {
  id: integer().primaryKey(),
  code: varchar(20).unique(),
  note: varchar(50),
  get lines() {
    return oneToMany(Line, { cascade: "all, delete-orphan" });
  },
}) {}

export class Line extends Base("lines", {
  get orderId() {
    return integer().references(Order.c.id).primaryKey();
  },
  number: integer().primaryKey(),
  text: varchar(50),
}) {}

/** Many-to-many, and a one-to-one whose key is on the other side. */
export class Post extends Base("posts", {
  id: integer().primaryKey(),
  title: varchar(50).notNull(),
  get tags() {
    return manyToMany(Tag, { through: PostTag, backPopulates: "posts" });
  },
  get summary() {
    return oneToOne(Summary, { backPopulates: "post", cascade: "all" });
  },
}) {}

export class Tag extends Base("tags", {
  id: integer().primaryKey(),
  name: varchar(50).unique(),
  get posts() {
    return manyToMany(Post, { through: PostTag, backPopulates: "tags" });
  },
}) {}

export class PostTag extends Base("post_tags", {
  get postId() {
    return integer().references(Post.c.id).primaryKey();
  },
  get tagId() {
    return integer().references(Tag.c.id).primaryKey();
  },
}) {}

export class Summary extends Base("summaries", {
  id: integer().primaryKey(),
  text: varchar(200),
  get postId() {
    return integer().references(Post.c.id);
  },
  get post() {
    return oneToOne(Post, { backPopulates: "summary" });
  },
}) {}

/** A row that counts its versions. */
export class Doc extends Base("docs", {
  id: integer().primaryKey(),
  text: varchar(50),
  version: integer(),
  get mapperArgs() {
    return { versionId: Doc.c.version };
  },
}) {}

/** An engine with empty tables, and the statements that it executes from now on. */
export interface Database {
  readonly engine: Engine;
  /** SQL of the statements since the last call of `take`, transaction control left out. */
  readonly statements: string[];
  /** The statements so far; the list is empty afterwards. */
  take(): string[];
  session(options?: SessionOptions): Session;
}

/** A new database in memory; it is closed when the test is over. */
export async function openDatabase(options: EngineOptions = {}): Promise<Database> {
  const engine = createEngine("sqlite::memory:", { pool: { timeout: 1000 }, ...options });
  await Base.metadata.createAll(engine);
  const statements: string[] = [];
  engine.on("statement", ({ sql }) => statements.push(sql));
  const sessions: Session[] = [];
  onTestFinished(async () => {
    for (const session of sessions) await session.close();
    await engine.dispose();
  });
  return {
    engine,
    statements,
    take: () => statements.splice(0),
    session(sessionOptions) {
      const session = new Session(engine, sessionOptions);
      sessions.push(session);
      return session;
    },
  };
}

/** The verb and the table of each statement: `INSERT users`. */
export function verbs(statements: readonly string[]): string[] {
  return statements.map((sql) => {
    const verb = /^\s*(?:WITH\b.*?\)\s*)?(SELECT|INSERT|UPDATE|DELETE)/is.exec(sql)?.[1]?.toUpperCase() ?? sql;
    const table = /\b(?:FROM|INTO|UPDATE)\s+"?(\w+)"?/i.exec(sql)?.[1] ?? "?";
    return `${verb} ${table}`;
  });
}
