import { declarativeBase, foreignKey, Session, varchar } from "alkahest";
import type { Stage } from "./stage.ts";

/** Declared twice: with ON UPDATE CASCADE and without. */
function declareShop(onUpdate: { onUpdate?: "cascade" }) {
  const Base = declarativeBase();
  // show: the classes
  // biome-ignore format: a getter a line, as it is read
  class User extends Base("users", {
    username: varchar(50).primaryKey(),
    fullname: varchar(100),
  }) {}
  // biome-ignore format: a getter a line, as it is read
  class Address extends Base("addresses", {
    get username() { return varchar(50).references(User.c.username, onUpdate).primaryKey(); },
    kind: varchar(20).primaryKey(),
  }) {}
  // biome-ignore format: a getter a line, as it is read
  class Parcel extends Base("parcels", {
    code: varchar(20).primaryKey(),
    username: varchar(50),
    kind: varchar(20),
    get tableArgs() {
      const address = [Address.c.username, Address.c.kind];
      return [foreignKey([Parcel.c.username, Parcel.c.kind], address, { name: "fk_parcel_address", ...onUpdate })];
    },
  }) {}
  // end
  return { Base, User, Address, Parcel };
}

/** Founding case 2, second half: primary keys that change under rows that refer to them. */
export async function naturalKeys(stage: Stage): Promise<void> {
  const { narrator, engine } = stage;
  narrator.title("Case 2, continued: primary keys that change");
  narrator.say(`A parcel goes to an address, an address belongs to a user, and the user's name is part of all three keys.
    A new name has to arrive three levels deep, also in rows that nobody has loaded.`);
  stage.show(import.meta.url, "the classes");

  narrator.part("With ON UPDATE CASCADE: one UPDATE, the database does the rest");
  const cascaded = await rename(stage, { onUpdate: "cascade" });
  narrator.check("one UPDATE", cascaded, ["UPDATE users"]);

  narrator.part("Without it, foreign keys enforced: the flush does the rest");
  const { dataModifyingCte, suspendableForeignKeys } = engine.dialect.capabilities;
  const tables = ["UPDATE addresses", "UPDATE parcels", "UPDATE users"];
  if (dataModifyingCte) {
    narrator.say(`The foreign keys forbid every order of these UPDATEs, but they are checked at the end of a statement, and
      one statement can update all three tables. Nothing has to be loaded.`);
    narrator.check("one statement for all tables", await rename(stage, {}), ["UPDATE users"]);
  } else if (suspendableForeignKeys) {
    narrator.say(`The foreign keys forbid every order of these UPDATEs. Their checks can be suspended, which a session does
      only when it is told to; what they would have found, the flush looks for itself. Nothing has to be loaded.`);
    const followed = await rename(stage, {}, { suspendForeignKeyChecks: true });
    narrator.check("one UPDATE a table", [...followed].sort(), tables);
  } else {
    narrator.say(`The foreign keys forbid every order of these UPDATEs. SQLite can check them at the end of the transaction;
      then one UPDATE a table is enough, and nothing has to be loaded.`);
    const followed = await rename(stage, {});
    narrator.check("one UPDATE a table", [...followed].sort(), tables);
  }
}

async function rename(
  stage: Stage,
  onUpdate: { onUpdate?: "cascade" },
  options: { suspendForeignKeyChecks?: true } = {},
): Promise<readonly string[]> {
  const { narrator, engine } = stage;
  const { Base, User, Address, Parcel } = declareShop(onUpdate);
  await Base.metadata.createAll(engine);
  await using before = new Session(engine);
  before.addAll([new User({ username: "jack" }), new User({ username: "zoe" })]);
  before.addAll(["home", "work"].map((kind) => new Address({ username: "jack", kind })));
  before.addAll([1, 2, 3].map((n) => new Parcel({ code: `p${n}`, username: "jack", kind: n === 3 ? "work" : "home" })));
  await before.commit();

  await using session = new Session(engine, options);
  // show: rename
  const parcel = await session.get(Parcel, "p1"); // one of three, to watch it
  const user = await session.get(User, "jack");
  user!.username = "ed";
  // end
  stage.show(import.meta.url, "rename");
  await stage.plan(session);
  const writes = await stage.echo(() => session.commit());
  const rows = await stage.rows(`SELECT p.code, p.username, a.kind, u.username FROM parcels p
    JOIN addresses a ON a.username = p.username AND a.kind = p.kind JOIN users u ON u.username = a.username ORDER BY 1`);
  narrator.check("all parcels and addresses have followed", rows, [
    ["p1", "ed", "home", "ed"],
    ["p2", "ed", "home", "ed"],
    ["p3", "ed", "work", "ed"],
  ]);
  narrator.check("so has the parcel in memory", parcel?.username, "ed");
  await Base.metadata.dropAll(engine);
  return writes;
}
