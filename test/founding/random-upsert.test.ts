import { inspect, Session } from "alkahest";
import fc from "fast-check";
import { expect, it } from "vitest";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";
import { rowsOf } from "../support/statements.ts";
import { orderModels } from "./upsert-models.ts";

/** A twentieth of those of the random flushes: each of these writes many objects. */
const RUNS = Math.ceil(Number(process.env.ALKAHEST_RANDOM_RUNS ?? 2_000) / 20);
const SEED = Number(process.env.ALKAHEST_RANDOM_SEED ?? 20_261_125);

/** A new object that is added: an order, or a line of an order that is new itself or one of those added before. */
interface Addition {
  readonly code: string;
  readonly note: string | null | undefined;
  readonly line: {
    readonly number: number;
    readonly text: string | null | undefined;
    readonly order: number | null;
    readonly byCollection: boolean;
  } | null;
}

interface Round {
  readonly additions: readonly Addition[];
  readonly end: "commit" | "roll back" | "roll back to savepoint";
  readonly newSession: boolean;
}

const value = fc.constantFrom("a", "b", null, undefined);
const addition: fc.Arbitrary<Addition> = fc.record({
  code: fc.constantFrom("A", "B", "C"),
  note: value,
  line: fc.option(
    fc.record({
      number: fc.nat(2),
      text: value,
      order: fc.option(fc.nat(5)),
      byCollection: fc.boolean(),
    }),
  ),
});
const round: fc.Arbitrary<Round> = fc.record({
  additions: fc.array(addition, { minLength: 1, maxLength: 6 }),
  end: fc.constantFrom("commit" as const, "commit" as const, "roll back" as const, "roll back to savepoint" as const),
  newSession: fc.boolean(),
});

type Models = ReturnType<typeof orderModels>;
type Order = InstanceType<Models["Order"]>;
type Line = InstanceType<Models["Line"]>;
type Value = string | null | undefined;

/** Rows by the values of their targets. */
interface World {
  readonly orders: Map<string, Value>;
  readonly lines: Map<string, Value>;
}

const copyOf = ({ orders, lines }: World): World => ({ orders: new Map(orders), lines: new Map(lines) });

/** One random program against a model of it. */
class Program {
  readonly #models: Models;
  readonly #action: "update" | "nothing";
  readonly #engine: ReturnType<TestDatabase["open"]>;
  #session: Session;
  #world: World = { orders: new Map(), lines: new Map() };
  /** All orders of this session that were added and not rolled back, with their codes. */
  #orders: Order[] = [];

  constructor(database: TestDatabase, action: "update" | "nothing") {
    this.#models = orderModels(action);
    this.#action = action;
    this.#engine = database.open();
    this.#session = new Session(this.#engine);
  }

  async run(rounds: readonly Round[]): Promise<void> {
    await this.#models.Base.metadata.createAll(this.#engine);
    for (const one of rounds) await this.#round(one);
  }

  async close(): Promise<void> {
    await this.#session.close();
    await this.#engine.dispose();
  }

  async #round({ additions, end, newSession }: Round): Promise<void> {
    if (newSession) {
      await this.#session.close();
      this.#session = new Session(this.#engine);
      this.#orders = [];
    }
    const before = [...this.#orders];
    const savepoint = end === "roll back to savepoint" ? await this.#session.beginNested() : null;
    const next = copyOf(this.#world);
    const made = additions.map((one) => this.#add(one, next));
    if (end === "commit") {
      await this.#session.commit();
      this.#world = next;
      this.#orders = this.#orders.filter((order) => inspect(order).state === "persistent");
      this.#checkCommitted(made);
    } else {
      await this.#session.flush();
      if (savepoint === null) await this.#session.rollback();
      else await savepoint.rollback();
      this.#orders = before;
      for (const one of made) this.#checkRolledBack(one);
      if (savepoint !== null) await this.#session.commit();
    }
    await this.#checkRows();
  }

  #add({ code, note, line }: Addition, world: World): Made {
    const { Order: OrderClass, Line: LineClass } = this.#models;
    const known = line === null || line.order === null ? undefined : this.#orders[line.order];
    const order = known ?? new OrderClass({ code, ...(note !== undefined && { note }) });
    if (known === undefined) {
      this.#orders.push(order);
      this.#write(world.orders, code, note);
    }
    const made: Made = { order: known === undefined ? order : null, note, line: null, owner: order };
    if (line === null) {
      this.#session.add(order);
      return made;
    }
    const { number, text, byCollection } = line;
    const object = new LineClass({ number, ...(text !== undefined && { text }) });
    if (byCollection) {
      order.lines.push(object);
      this.#session.add(order);
    } else {
      object.order = order;
      this.#session.add(object);
    }
    this.#write(world.lines, `${order.code}/${number}`, text);
    return { ...made, line: object, text };
  }

  /** What a new object makes of the value of its row. */
  #write(rows: Map<string, Value>, key: string, given: Value): void {
    const there = rows.get(key);
    const isStored = this.#world.orders.has(key) || this.#world.lines.has(key);
    if (!rows.has(key)) rows.set(key, given);
    else if (this.#action === "update") rows.set(key, given === undefined ? there : given);
    else if (!isStored && there === undefined) rows.set(key, given);
  }

  #checkCommitted(made: readonly Made[]): void {
    const { orders, lines } = this.#world;
    const stored = new Map<string, object>();
    const isOnly = (key: string, object: object): boolean => {
      const other = stored.get(key) ?? object;
      stored.set(key, other);
      return other === object;
    };
    for (const { order, line } of made) {
      if (order !== null && inspect(order).state === "persistent") {
        expect(order.note).toBe(orders.get(order.code) ?? null);
        expect(isOnly(`#${order.id}`, order)).toBe(true);
        const loaded = inspect(order).isLoaded("lines")
          ? order.lines.map(({ number }) => `${order.code}/${number}`)
          : null;
        const own = [...lines.keys()].filter((key) => key.startsWith(`${order.code}/`));
        if (loaded !== null) expect(loaded.sort()).toEqual(own.sort());
      } else if (order !== null) expect([inspect(order).state, order.lines.length]).toEqual(["transient", 0]);
      if (line === null) continue;
      if (inspect(line).state === "persistent") {
        const owner = line.order;
        expect(owner === null ? null : inspect(owner).state).toBe("persistent");
        expect(line.orderId).toBe(owner?.id);
        expect(line.text).toBe(lines.get(`${owner?.code}/${line.number}`) ?? null);
        expect(isOnly(`${line.orderId}/${line.id}`, line)).toBe(true);
      } else expect([inspect(line).state, line.order]).toEqual(["transient", null]);
    }
  }

  #checkRolledBack({ order, note, line, text, owner }: Made): void {
    if (order !== null) expect([inspect(order).state, order.note, order.id]).toEqual(["transient", note ?? null, null]);
    if (line === null) return;
    expect([inspect(line).state, line.text, line.id]).toEqual(["transient", text ?? null, null]);
    expect(line.order).toBe(owner);
  }

  async #checkRows(): Promise<void> {
    const orders = await rowsOf(this.#engine, "select code, note from orders order by code");
    expect(orders).toEqual([...this.#world.orders].map(([code, note]) => [code, note ?? null]).sort());
    const lines = await rowsOf(
      this.#engine,
      "select code, number, text from order_lines l join orders o on o.id = l.order_id order by code, number",
    );
    expect(lines.map(([code, number, text]) => [`${code}/${number}`, text])).toEqual(
      [...this.#world.lines].map(([key, text]) => [key, text ?? null]).sort(),
    );
  }
}

/** What an addition has made, and what it was given. */
interface Made {
  readonly order: Order | null;
  readonly note: Value;
  readonly line: Line | null;
  readonly text?: Value;
  readonly owner: Order;
}

onEveryDatabase("random new objects with onConflict", (database) => {
  const runs = database.name === "SQLite" ? RUNS : Math.ceil(RUNS / 10);

  it.each(["update", "nothing"] as const)(
    "end in the rows of a simple model, and in objects that agree with them (%s)",
    async (action) => {
      await fc.assert(
        fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 4 }), async (rounds) => {
          const program = new Program(database, action);
          try {
            await program.run(rounds);
          } finally {
            await program.close();
          }
        }),
        { numRuns: runs, seed: SEED },
      );
    },
    3_600_000,
  );
});
