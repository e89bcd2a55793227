import {
  createEngine,
  declarativeBase,
  float,
  foreignKey,
  func,
  integer,
  type Loaded,
  lazy,
  manyToOne,
  mixin,
  oneToMany,
  Session,
  select,
  selectinLoad,
  unique,
  varchar,
} from "alkahest";
import { describe, expectTypeOf, it } from "vitest";

const Base = declarativeBase();

// ── seed 0: one address shared through a cascade ───────────────────────────
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
    return varchar(200).references(Address.c.emailAddress, { onUpdate: "cascade" });
  },
  get group() {
    return manyToOne(Group, { backPopulates: "users" });
  },
  get email() {
    return manyToOne(Address);
  },
}) {
  get display() {
    return `${this.name ?? this.login} <${this.email?.emailAddress}>`;
  }
}
class Address extends Base("addresses", { emailAddress: varchar(200).primaryKey() }) {}

// ── seed 1: replace children that share a unique key ───────────────────────
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

// ── seed 2: rows that point at each other ──────────────────────────────────
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
class Employee extends Base("employee", {
  id: integer().primaryKey(),
  name: varchar(50).notNull(),
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
const Stamped = {
  createdAt: integer().notNull(),
  get author() {
    return manyToOne(User);
  },
  get authorLogin() {
    return varchar(50).references(User.c.login);
  },
};
class Doc extends Base(
  "doc",
  mixin(Stamped, {
    id: integer().primaryKey(),
    get previousId() {
      return integer().references(Doc.c.id);
    },
    get previous() {
      return manyToOne(Doc, { remoteSide: [Doc.c.id] });
    },
  }),
) {}
class Manager extends Base.inherit(Employee, "manager", {
  get id() {
    return integer().primaryKey().references(Employee.c.id);
  },
  level: integer().notNull(),
}) {}

async function program(): Promise<void> {
  const engine = createEngine("sqlite::memory:", { echo: true });
  await Base.metadata.createAll(engine);
  await using session = new Session(engine);

  const g1 = new Group({ name: "G1" });
  for (const login of ["u3", "u4", "u5"])
    g1.users.push(new User({ login, email: new Address({ emailAddress: "shared@example.org" }) }));
  const merged = await session.merge(g1);
  merged.users[0]!.email!.emailAddress satisfies string;

  const p = new Parent({ name: "Datum", children: [2.5, 3.5, 5.5].map((z) => new Child({ z })) });
  session.add(p);
  await session.commit();
  p.children = [new Child({ z: 4.0 }), new Child({ z: 5.5 })];

  const w = new Widget({ name: "somewidget" }),
    e = new Entry({ name: "someentry" });
  w.favoriteEntry = e;
  w.entries.push(e);

  const names = await session.all(select(User.c.name).where(User.c.login.in(["a"])));
  names satisfies (string | null)[];
  const rows = await session.all(
    select(Group.c.gid, func.count(User.c.login)).join(Group.c.users).groupBy(Group.c.gid),
  );
  rows[0]! satisfies [number, number];
  const objs = await session.all(select({ gid: Group.c.gid, n: func.count(User.c.login), g: Group }));
  objs[0]! satisfies { gid: number; n: number; g: Group };
  const users = await session.all(select(User).options(selectinLoad(User.c.email)));
  const needsEmail = (u: Loaded<User, "email">) => u.display;
  needsEmail(users[0]!);
  const plain = await session.all(select(User));
  // @ts-expect-error: email was not loaded
  needsEmail(plain[0]!);
  const u = await session.get(User, "ed");
  u?.display;
  // @ts-expect-error: the key is a string
  await session.get(User, 5);
  const m = await session.get(Manager, 5);
  m?.level.toFixed();
  m?.reports[0]?.boss?.name;
  const email = await lazy(u!).email;
  email satisfies Address | null;
  const d = new Doc({ createdAt: 1, previous: new Doc({ id: 2 }) });
  d.previous?.author?.display;
  Doc.c.createdAt.eq(3);
  // @ts-expect-error: wrong FK type
  integer().references(User.c.login);
  // @ts-expect-error
  User.c.login.eq(5);
}

describe("the founding cases as programs", () => {
  it("compile, and refuse what would be wrong", () => {
    expectTypeOf(program).returns.resolves.toBeVoid();
  });
});
