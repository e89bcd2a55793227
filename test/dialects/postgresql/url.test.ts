import { ArgumentError, createEngine } from "alkahest";
import { describe, expect, it } from "vitest";
import { postgresqlTarget } from "../../../src/dialects/postgresql/url.ts";
import { parseUrl } from "../../../src/engine/url.ts";

const target = (url: string) => postgresqlTarget(parseUrl(url));

describe("a PostgreSQL URL", () => {
  it("names user, password, host, port and database", () => {
    expect(target("postgresql://ed:p%40ss@db.example.com:5433/app")).toMatchObject({
      user: "ed",
      password: "p@ss",
      host: "db.example.com",
      port: 5433,
      database: "app",
    });
  });

  it("leaves what it does not say to the driver", () => {
    expect(target("postgresql:///app")).toMatchObject({ host: null, port: null, user: null, password: null });
  });

  it("names the folder of a socket in the query, or escaped in the place of the host", () => {
    expect(target("postgresql:///app?host=/var/run/postgresql").host).toBe("/var/run/postgresql");
    expect(target("postgresql://%2Fvar%2Frun%2Fpostgresql/app").host).toBe("/var/run/postgresql");
  });

  it("may have an address of version 6", () => {
    expect(target("postgresql://[::1]:5432/app")).toMatchObject({ host: "::1", port: 5432 });
  });

  it("takes the options of PostgreSQL's own programs, which win", () => {
    const url = "postgresql://a@b:1/c?user=ed&host=h&port=2&sslmode=verify-full&application_name=x&connect_timeout=3";
    expect(target(`${url}&options=-c%20search_path%3Ds`)).toEqual({
      host: "h",
      port: 2,
      user: "ed",
      password: null,
      database: "c",
      sslMode: "verify-full",
      applicationName: "x",
      connectTimeout: 3000,
      options: "-c search_path=s",
    });
  });

  it.each([
    ["postgresql:app", "two slashes"],
    ["postgresql://h/app?sslmode=maybe", "sslmode is one of disable, require"],
    ["postgresql://h/app?port=x", "port is a whole number"],
    ["postgresql://h/a/b", "a database has no"],
    ["postgresql://h/app?schema=x", 'the option "schema" is unknown (there are: host, port'],
  ])("is refused with a reason: %s", (url, reason) => {
    expect(() => target(url)).toThrow(ArgumentError);
    expect(() => target(url)).toThrow(reason);
  });

  it("never shows its password in a message", () => {
    expect(() => createEngine("postgresql://ed:secret@h/app?x=1")).toThrow(/ed:\*\*\*@h/);
    expect(createEngine("postgres://ed:secret@h/app").url).toBe("postgres://ed:***@h/app");
  });

  it("cannot switch foreign keys off", () => {
    expect(() => createEngine("postgresql:///app", { foreignKeys: false })).toThrow("always checks foreign keys");
  });
});
