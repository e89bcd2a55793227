import { describe, expectTypeOf, it } from "vitest";
import { caseWhen, func, literal, type Query, type Typed } from "../../src/expression/index.ts";
import type { ColumnDefinition } from "../../src/schema/index.ts";
import {
  alias,
  type CompoundSelect,
  insert,
  type PlainRow,
  type Select,
  select,
  text,
  union,
  update,
} from "../../src/statement/index.ts";
import { users } from "../compiler/tables.ts";

type RowInSession<S> = S extends Select<infer R, infer _> ? R : never;
type RowOfCompound<S> = S extends CompoundSelect<unknown, infer Items> ? PlainRow<Items> : never;
type RowOfConnection<S> = S extends { readonly itemTypes: infer Items } ? PlainRow<Items> : never;

class User {
  readonly name: string = "";
}

const { id, name, age, bossId } = users.c;

describe("the types of rows", () => {
  it("are unwrapped in a session when one thing is selected", () => {
    const column = select(id);
    expectTypeOf<RowInSession<typeof column>>().toEqualTypeOf<number>();
    expectTypeOf<RowOfConnection<typeof column>>().toEqualTypeOf<[number]>();
    const nullable = select(name).where(id.lt(5)).orderBy(id).limit(3);
    expectTypeOf<RowInSession<typeof nullable>>().toEqualTypeOf<string | null>();
    const instance = (): Select<User> => select(User);
    expectTypeOf<RowInSession<ReturnType<typeof instance>>>().toEqualTypeOf<User>();
  });

  it("are columns where a connection gives what a session makes objects of", () => {
    const instance = (): Select<User, readonly [typeof User]> => select(User);
    expectTypeOf<RowOfConnection<ReturnType<typeof instance>>>().toEqualTypeOf<readonly unknown[]>();
    const named = () => select({ user: User, id });
    expectTypeOf<RowInSession<ReturnType<typeof named>>>().toEqualTypeOf<{ user: User; id: number }>();
    type Plain = { user: Readonly<Record<string, unknown>>; id: number };
    expectTypeOf<RowOfConnection<ReturnType<typeof named>>>().toEqualTypeOf<Plain>();
    const returned = () => insert(users).values({ id: 1 }).returning(User, id);
    expectTypeOf<RowOfConnection<ReturnType<typeof returned>>>().toEqualTypeOf<readonly unknown[]>();
  });

  it("are tuples of several, and objects of an object or a table", () => {
    const pair = select(id, func.count());
    expectTypeOf<RowInSession<typeof pair>>().toEqualTypeOf<[number, number]>();
    const named = select({ id, n: func.max(name) });
    expectTypeOf<RowInSession<typeof named>>().toEqualTypeOf<{ id: number; n: string | null }>();
    expectTypeOf<RowOfConnection<typeof named>>().toEqualTypeOf<{ id: number; n: string | null }>();
    const table = select(users);
    expectTypeOf<RowOfConnection<typeof table>>().toEqualTypeOf<{
      id: number;
      name: string | null;
      age: number | null;
      bossId: number | null;
    }>();
    const aliased = select(alias(users));
    expectTypeOf<RowInSession<typeof aliased>>().toEqualTypeOf<RowInSession<typeof table>>();
  });

  it("of combined queries are those of each", () => {
    const either = union(select(id), select(name));
    expectTypeOf<RowOfCompound<typeof either>>().toEqualTypeOf<[number | string | null]>();
    const pairs = select(id, name).unionAll(select(age, literal("x")));
    expectTypeOf<RowOfCompound<typeof pairs>>().toEqualTypeOf<[number | null, string | null]>();
    const named = union(select({ key: id }), select({ key: age }));
    expectTypeOf<RowOfCompound<typeof named>>().toEqualTypeOf<{ key: number | null }>();
    const sub = named.subquery();
    expectTypeOf(sub.c.key).toExtend<Typed<number | null>>();
    const instances = (): CompoundSelect<User> => select(User).union(select(User));
    expectTypeOf(instances).returns.toExtend<Query<User>>();
  });

  it("know the columns of subqueries of objects", () => {
    const sub = select({ key: id, n: func.count() }).subquery();
    const outer = select(sub.c.key, sub.c.n);
    expectTypeOf<RowInSession<typeof outer>>().toEqualTypeOf<[number, number]>();
    // @ts-expect-error: there is no such column
    void sub.c.missing;
  });
});

describe("the types of expressions", () => {
  it("may be NULL where a part of them is", () => {
    const sums = select(id.add(1), id.add(id), id.add(age), age.mul(id), age.sub(age), id.mod(age));
    type Sums = [number, number, number | null, number | null, number | null, number | null];
    expectTypeOf<RowInSession<typeof sums>>().toEqualTypeOf<Sums>();
    const texts = select(literal("x").concat("y"), literal("x").concat(name));
    expectTypeOf<RowInSession<typeof texts>>().toEqualTypeOf<[string, string | null]>();
    const isOld = age.gt(5);
    const cases = select(
      caseWhen([[isOld, id]], 0),
      caseWhen([[isOld, age]], 0),
      caseWhen([[isOld, 0]], age),
      caseWhen([[isOld, id]], null),
      caseWhen([[isOld, id]]),
    );
    type Cases = [number, number | null, number | null, number | null, number | null];
    expectTypeOf<RowInSession<typeof cases>>().toEqualTypeOf<Cases>();
    const first = select(func.coalesce(age, bossId), func.coalesce(age, bossId, 0), func.coalesce(age, id, bossId));
    expectTypeOf<RowInSession<typeof first>>().toEqualTypeOf<[number | null, number, number]>();
    const alone = select(func.coalesce(age), func.coalesce(id, age));
    expectTypeOf<RowInSession<typeof alone>>().toEqualTypeOf<[number | null, number]>();
    const scalar = select(select(id).where(isOld).scalar());
    expectTypeOf<RowInSession<typeof scalar>>().toEqualTypeOf<number | null>();
    const check = (): void => {
      // @ts-expect-error: texts are no numbers
      id.add(name);
      // @ts-expect-error: texts are no numbers
      func.coalesce(age, "x");
      // @ts-expect-error: texts are no numbers
      caseWhen([[isOld, id]], "x");
    };
    void check;
  });
});

describe("the types of values", () => {
  it("follow the columns", () => {
    insert(users).values({ id: 1, name: null });
    insert(users).values([{ age: 1 }, { name: name.concat("x") }]);
    update(users).set({ name: "x" });
    const check = (): void => {
      // @ts-expect-error: the name is a string
      insert(users).values({ name: 5 });
      // @ts-expect-error: there is no such column
      insert(users).values({ nope: 5 });
      // @ts-expect-error: the key is a number
      update(users).set({ id: "x" });
      // @ts-expect-error: the key is not null
      update(users).set({ id: null });
      // @ts-expect-error: a condition is an expression
      select(id).where(true);
    };
    void check;
  });
});

describe("the type of text()", () => {
  it("is a statement when there is white space in it, or any string", () => {
    expectTypeOf(text("select 1")).not.toExtend<ColumnDefinition<string>>();
    expectTypeOf(text("x" as string)).not.toExtend<ColumnDefinition<string>>();
    expectTypeOf(text()).toExtend<ColumnDefinition<string>>();
    expectTypeOf(text("body")).toExtend<ColumnDefinition<string>>();
    expectTypeOf(text("VACUUM", {})).toEqualTypeOf(text("select 1"));
  });
});
