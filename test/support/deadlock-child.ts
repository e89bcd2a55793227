/**
 * A process of its own that moves money between two accounts, in one direction and back, locking them in that order:
 * `deadlock-child.ts <url> <table> <first> <second> <transactions>`. Prints how often its function ran.
 */
import { createEngine, declarativeBase, integer, type Session, select, sessionmaker } from "../../src/index.ts";

const [url = "", table = "", first = "", second = "", transactions = ""] = process.argv.slice(2);
const Base = declarativeBase();
class Account extends Base(table, { id: integer().primaryKey(), balance: integer().notNull() }) {}

async function add(session: Session, id: number, amount: number): Promise<void> {
  const account = await session.one(select(Account).where(Account.c.id.eq(id)).forUpdate());
  account.balance += amount;
  await session.flush();
}

const engine = createEngine(url);
const openSession = sessionmaker(engine);
let runs = 0;
for (let done = 0; done < Number(transactions); done++) {
  await openSession.begin(
    async (session) => {
      runs++;
      await add(session, Number(first), -1);
      // The other process gets the time to take its first lock.
      await new Promise((resolve) => setTimeout(resolve, 2));
      await add(session, Number(second), 1);
    },
    { retries: 100 },
  );
}
await engine.dispose();
console.log(runs);
