import { describe, expectTypeOf, it } from "vitest";
import { func } from "../../../src/expression/index.ts";
import { joinedLoad, lazy, populateExisting, selectinLoad } from "../../../src/orm/query/index.ts";
import { alias } from "../../../src/statement/alias.ts";
import type { Loaded } from "../../../src/statement/interfaces.ts";
import { type Select, select } from "../../../src/statement/select.ts";
import { Address, Group, User } from "./models.ts";
import type { TestSession } from "./support.ts";

describe("types of loading", () => {
  it("say what was loaded", () => {
    const check = async (session: TestSession) => {
      const needsBoth = (_: Loaded<User, "addresses" | "group">) => {};
      const [both] = await session.all(
        select(User).options(selectinLoad(User.c.addresses), joinedLoad(User.c.group).selectinLoad(Group.c.users)),
      );
      if (both !== undefined) needsBoth(both);
      const [one] = await session.all(select(User).options(selectinLoad(User.c.addresses)));
      // @ts-expect-error: the group was not loaded
      if (one !== undefined) needsBoth(one);
      const [none] = await session.all(select(User).options(populateExisting()));
      // @ts-expect-error: nothing was loaded
      if (none !== undefined) needsBoth(none);
    };
    expectTypeOf(check).toBeFunction();
  });

  it("say whose relationships were loaded, where several things are selected", () => {
    const check = async (session: TestSession) => {
      const needsAddresses = (_: Loaded<User, "addresses">) => {};
      const needsGroup = (_: Loaded<User, "group">) => {};
      const needsUsers = (_: Loaded<Group, "users">) => {};
      const options = [selectinLoad(User.c.addresses), joinedLoad(Group.c.users)] as const;
      for (const [user, group, name] of await session.all(select(User, Group, User.c.name).options(...options))) {
        needsAddresses(user);
        needsUsers(group);
        expectTypeOf(name).toEqualTypeOf<string | null>();
        // @ts-expect-error: the group was not loaded
        needsGroup(user);
      }
      for (const { u, g, n } of await session.all(select({ u: User, g: Group, n: func.count() }).options(...options))) {
        needsAddresses(u);
        needsUsers(g);
        expectTypeOf(n).toEqualTypeOf<number>();
        // @ts-expect-error: the group was not loaded
        needsGroup(u);
      }
      for (const [user, count] of await session.all(select(User, func.count()).options(options[0]).limit(1))) {
        needsAddresses(user);
        expectTypeOf(count).toEqualTypeOf<number>();
        // @ts-expect-error: the group was not loaded
        needsGroup(user);
      }
      const twice = select(User, func.count()).options(options[0]).options(joinedLoad(User.c.group));
      for (const [user, count] of await session.all(twice)) {
        needsAddresses(user);
        needsGroup(user);
        expectTypeOf(count).toEqualTypeOf<number>();
      }
      const named = select({ u: User, n: func.count() }).options(options[0]).options(joinedLoad(User.c.group));
      for (const { u } of await session.all(named)) {
        needsAddresses(u);
        needsGroup(u);
      }
      const other = alias(User);
      for (const [user] of await session.all(select(User, other).options(options[0]))) {
        // @ts-expect-error: nobody can tell by its name whose addresses were loaded
        needsAddresses(user);
      }
      for (const [user] of await session.all(select(User, Group).options(populateExisting()))) {
        // @ts-expect-error: nothing was loaded
        needsAddresses(user);
      }
    };
    expectTypeOf(check).toBeFunction();
  });

  it("let any query have options", () => {
    const withAddresses = <R>(query: Select<R>): Select<R> => query.options(selectinLoad(User.c.addresses));
    expectTypeOf(withAddresses(select(User))).toEqualTypeOf<Select<User>>();
    const query: Select<User> = select(User);
    expectTypeOf(query.options(selectinLoad(User.c.addresses))).toEqualTypeOf<Select<Loaded<User, "addresses">>>();
  });

  it("take relationships only", () => {
    // @ts-expect-error: a column
    expectTypeOf(() => selectinLoad(User.c.name)).toBeFunction();
    // @ts-expect-error: a column
    expectTypeOf(() => selectinLoad(User.c.addresses).joinedLoad(Address.c.email)).toBeFunction();
  });

  it("follow the form of the selection", () => {
    const check = (session: TestSession) => {
      const other = alias(User);
      expectTypeOf(session.all(select(User, func.count()))).resolves.toEqualTypeOf<[User, number][]>();
      expectTypeOf(session.all(select(other))).resolves.toEqualTypeOf<User[]>();
      expectTypeOf(session.all(select({ u: User, n: User.c.name }))).resolves.toEqualTypeOf<
        { u: User; n: string | null }[]
      >();
    };
    expectTypeOf(check).toBeFunction();
  });

  it("make promises of attributes", () => {
    const view = (user: User) => lazy(user);
    expectTypeOf<ReturnType<typeof view>["addresses"]>().toEqualTypeOf<Promise<Address[]>>();
    expectTypeOf<ReturnType<typeof view>["group"]>().toEqualTypeOf<Promise<Group | null>>();
  });
});
