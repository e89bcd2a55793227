import { describe, expect, it } from "vitest";
import { hidePassword, parseUrl } from "../../src/engine/url.ts";
import { ArgumentError } from "../../src/errors/index.ts";

describe("database URLs", () => {
  it("are taken apart and decoded", () => {
    expect(parseUrl("postgresql://me:p%40ss@host.example:5432/my%20db?sslmode=require")).toMatchObject({
      scheme: "postgresql",
      username: "me",
      password: "p@ss",
      host: "host.example",
      port: 5432,
      database: "my db",
      query: new Map([["sslmode", "require"]]),
    });
  });

  it("leave out what is not there", () => {
    const nothing = { username: null, password: null, host: null, port: null };
    expect(parseUrl("sqlite:///file.db")).toMatchObject({ ...nothing, database: "file.db" });
    expect(parseUrl("sqlite::memory:")).toMatchObject({ ...nothing, rest: ":memory:", database: null });
    expect(parseUrl("mysql://localhost")).toMatchObject({ host: "localhost", database: null });
  });

  it("take IPv6 addresses", () => {
    expect(parseUrl("postgresql://[::1]:5433/db")).toMatchObject({ host: "[::1]", port: 5433, database: "db" });
  });

  it.each([
    ["", "has no scheme"],
    ["file.db", "has no scheme"],
    ["./file.db", "has no scheme"],
    ["postgresql://host:port/db", 'the port "port"'],
    ["postgresql://host:99999/db", "from 1 to 65535"],
    ["postgresql://host/100%", "%25"],
  ])("%j is refused", (url, message) => {
    expect(() => parseUrl(url)).toThrow(ArgumentError);
    expect(() => parseUrl(url)).toThrow(message);
  });

  it("of another type than string are refused, for callers without types", () => {
    expect(() => parseUrl(undefined as never)).toThrow(ArgumentError);
  });

  it("show no password in messages", () => {
    expect(hidePassword("postgresql://me:secret@host/db")).toBe("postgresql://me:***@host/db");
    expect(hidePassword("sqlite:///file.db")).toBe("sqlite:///file.db");
    expect(() => parseUrl("postgresql://me:secret@host:x/db")).toThrow(/^(?!.*secret)/);
  });
});
