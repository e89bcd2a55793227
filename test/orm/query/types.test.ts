import { describe, expectTypeOf, it } from "vitest";
import { func } from "../../../src/expression/index.ts";
import { joinedLoad, lazy, populateExisting, selectinLoad } from "../../../src/orm/query/index.ts";
import { alias } from "../../../src/statement/alias.ts";
import type { Loaded } from "../../../src/statement/interfaces.ts";
import { select } from "../../../src/statement/select.ts";
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
