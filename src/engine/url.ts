import { ArgumentError } from "../errors/index.ts";

/** A database URL, taken apart. Parts are decoded; a part that is not there is null. */
export interface DatabaseUrl {
  /** The URL as it was given. */
  readonly text: string;
  /** In lower case, without the colon. */
  readonly scheme: string;
  /** All between the scheme's colon and the query, as it was given: `//user@host/db`, `:memory:`. */
  readonly rest: string;
  readonly username: string | null;
  readonly password: string | null;
  readonly host: string | null;
  readonly port: number | null;
  /** The path without its first slash. */
  readonly database: string | null;
  readonly query: ReadonlyMap<string, string>;
}

const FORM = /^(?<scheme>[a-z][a-z0-9+.-]*):(?<rest>[^?]*)(?:\?(?<query>.*))?$/is;
const AUTHORITY =
  /^\/\/(?:(?<user>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<host>\[[^\]]*\]|[^:/]*)(?::(?<port>[^/]*))?(?:\/(?<path>.*))?$/s;

/**
 * Takes a database URL apart: `scheme://user:password@host:port/database?option=value`, or `scheme:rest` for those
 * without a host.
 *
 * @throws ArgumentError for text that is no URL
 */
export function parseUrl(text: string): DatabaseUrl {
  if (typeof text !== "string") {
    throw new ArgumentError(`A database URL is a string such as "sqlite:///file.db", not ${typeof text}.`);
  }
  const form = FORM.exec(text.trim())?.groups;
  if (!form) {
    throw new ArgumentError(
      `"${hidePassword(text)}" is not a database URL: it has no scheme. Write for example "sqlite:///file.db" or "sqlite::memory:".`,
    );
  }
  const rest = form.rest ?? "";
  const authority = AUTHORITY.exec(rest)?.groups;
  const decode = (part: string | undefined) => decodePart(part, text);
  return {
    text,
    scheme: (form.scheme ?? "").toLowerCase(),
    rest,
    username: decode(authority?.user),
    password: decode(authority?.password),
    host: decode(authority?.host),
    port: parsePort(authority?.port, text),
    database: decode(authority?.path),
    query: new Map(new URLSearchParams(form.query ?? "")),
  };
}

/** The URL as it may appear in messages and logs: without its password. */
export function hidePassword(url: string): string {
  return url.replace(/(:\/\/[^:@/]*:)[^@/]*@/, "$1***@");
}

function decodePart(part: string | undefined, url: string): string | null {
  if (part === undefined || part === "") return null;
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    throw new ArgumentError(
      `The database URL "${hidePassword(url)}" has a "%" that starts no escape. Write a percent sign as %25.`,
      { cause },
    );
  }
}

function parsePort(part: string | undefined, url: string): number | null {
  if (part === undefined || part === "") return null;
  const port = Number(part);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new ArgumentError(
      `The database URL "${hidePassword(url)}" has the port "${part}": a port is a number from 1 to 65535.`,
    );
  }
  return port;
}
