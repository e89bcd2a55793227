import { DuplicateIdentityError, declarativeBase, integer, manyToOne, oneToMany, Session, varchar } from "alkahest";
import type { Stage } from "./stage.ts";

const Base = declarativeBase();

// show: the classes
// biome-ignore format: a getter a line, as it is read
class Group extends Base("groups", {
  gid: integer().primaryKey(),
  name: varchar(255),
  get users() { return oneToMany(User, { backPopulates: "group" }); },
}) {}

// biome-ignore format: a getter a line, as it is read
class User extends Base("users", {
  login: varchar(50).primaryKey(),
  name: varchar(255),
  get groupId() { return integer().references(Group.c.gid); },
  get address() { return varchar(200).references(Address.c.emailAddress); },
  get group() { return manyToOne(Group, { backPopulates: "users" }); },
  get email() { return manyToOne(Address); },
}) {}

// biome-ignore format: a getter a line, as it is read
class Address extends Base("addresses", { emailAddress: varchar(200).primaryKey() }) {}
// end

/** Founding case 0: one row that a graph reaches several times. */
export async function merge(stage: Stage): Promise<void> {
  const { narrator, engine } = stage;
  narrator.title("Case 0: one row, reached several times");
  narrator.say(`Groups have users, users have an e-mail address, and an address that several users share is one row. Each
    user below comes with an Address object of its own, as if read from a form or from JSON.`);
  stage.show(import.meta.url, "the classes");
  await Base.metadata.createAll(engine);

  narrator.part("Two users, merged one after the other");
  narrator.say(`merge() looks each key up, in the session and in the database, and copies onto what it finds. The second
    merge finds the address that the first one has made, though nothing was written yet.`);
  await using session = new Session(engine);
  await stage.play(import.meta.url, "two merges", async () => {
    // show: two merges
    const guy = await session.merge(
      new User({ login: "guy", email: new Address({ emailAddress: "shared@example.org" }) }),
    );
    const gal = await session.merge(
      new User({ login: "gal", email: new Address({ emailAddress: "shared@example.org" }) }),
    );
    // end
    narrator.check("the two users hold the same Address object", guy.email === gal.email, true);
  });

  narrator.say("session.plan() says what a flush would do, without doing it:");
  await stage.plan(session);
  const first = await stage.echo(() => session.commit());
  narrator.check("one INSERT for the address, then one for both users", first, ["INSERT addresses", "INSERT users"]);

  narrator.part("A group of three users, merged at once");
  narrator.say(`The same through a cascade: one merge of the group reaches three new users and, through them, three equal
    new addresses. In the bug report, the address was inserted three times. Here the graph is walked first and equal
    primary keys become one object; each class costs one SELECT, however many objects there are.`);
  await stage.play(import.meta.url, "merge of a graph", async () => {
    // show: merge of a graph
    const users = ["u3", "u4", "u5"].map(
      (login) => new User({ login, email: new Address({ emailAddress: "crew@example.org" }) }),
    );
    const group = await session.merge(new Group({ name: "G1", users }));
    await session.commit();
    // end
    narrator.check("three users, one Address object", new Set(group.users.map((user) => user.email)).size, 1);
  });
  narrator.check("two address rows in all", await stage.rows("SELECT email_address FROM addresses ORDER BY 1"), [
    ["crew@example.org"],
    ["shared@example.org"],
  ]);
  narrator.check(
    "five users, each with the right one",
    await stage.rows("SELECT login, group_id, address FROM users ORDER BY login"),
    [
      ["gal", null, "shared@example.org"],
      ["guy", null, "shared@example.org"],
      ["u3", 1, "crew@example.org"],
      ["u4", 1, "crew@example.org"],
      ["u5", 1, "crew@example.org"],
    ],
  );

  narrator.part("The same graph with add() instead of merge()");
  narrator.say(`add() never unites: it says that these very objects are to be stored. Two of them with one primary key
    cannot be, and the flush says so by name before it sends any SQL.`);
  const statements = await stage.count(async () => {
    await using other = new Session(engine);
    const users = ["u6", "u7"].map(
      (login) => new User({ login, email: new Address({ emailAddress: "new@example.org" }) }),
    );
    other.add(new Group({ name: "G2", users }));
    const refused = await other.commit().catch((error: unknown) => error);
    if (!(refused instanceof DuplicateIdentityError)) throw refused;
    narrator.quote(`${refused.name}: ${refused.message}`);
  });
  narrator.check("nothing was written", statements, []);
  await Base.metadata.dropAll(engine);
}
