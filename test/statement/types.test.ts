import { describe, expectTypeOf, it } from "vitest";
import { func } from "../../src/expression/index.ts";
import type { ColumnDefinition } from "../../src/schema/index.ts";
import { alias, insert, type PlainRow, type Select, select, text, union, update } from "../../src/statement/index.ts";
import { users } from "../compiler/tables.ts";

type RowInSession<S> = S extends Select<infer R, infer _> ? R : never;
type RowOfConnection<S> = S extends { readonly itemTypes: infer Items } ? PlainRow<Items> : never;

class User {
  readonly name: string = "";
}

const { id, name } = users.c;

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
    expectTypeOf(union(select(id), select(name))).toExtend<{ readonly itemTypes: readonly [typeof id] }>();
  });

  it("know the columns of subqueries of objects", () => {
    const sub = select({ key: id, n: func.count() }).subquery();
    const outer = select(sub.c.key, sub.c.n);
    expectTypeOf<RowInSession<typeof outer>>().toEqualTypeOf<[number, number]>();
    // @ts-expect-error: there is no such column
    void sub.c.missing;
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
