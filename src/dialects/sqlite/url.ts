import type { DatabaseUrl } from "../../engine/url.ts";
import { ArgumentError } from "../../errors/index.ts";
import type { SqliteTarget } from "./driver-factory.ts";

const FORMS =
  'In memory: "sqlite::memory:". A file beside the working directory: "sqlite:///file.db". An absolute path: "sqlite:////folder/file.db".';

/** SQLite's own default waits not at all; this one is that of most drivers. */
const BUSY_TIMEOUT = 5000;

/**
 * The database that a SQLite URL means. Options in the query: `timeout` (milliseconds to wait for a lock), `mode=ro`
 * (read only).
 *
 * @throws ArgumentError for a URL with a host, a path that is not in the path, or an unknown option
 */
export function sqliteTarget(url: DatabaseUrl): SqliteTarget {
  const fail = (reason: string): never => {
    throw new ArgumentError(`"${url.text}" is not a SQLite URL: ${reason} ${FORMS}`);
  };
  if (url.rest === "") fail("it does not say which database.");
  if (url.rest !== ":memory:" && !url.rest.startsWith("//")) fail("a path comes after three slashes.");
  if (url.host !== null || url.username !== null || url.port !== null) {
    fail(`SQLite has no host, and "${url.rest.slice(2).split("/")[0]}" stands in its place.`);
  }
  for (const name of url.query.keys()) {
    if (name !== "timeout" && name !== "mode") fail(`the option "${name}" is unknown (there are: timeout, mode).`);
  }
  const mode = url.query.get("mode") ?? "rw";
  if (mode !== "ro" && mode !== "rw") fail(`mode is "ro" or "rw", not "${mode}".`);
  const busyTimeout = Number(url.query.get("timeout") ?? BUSY_TIMEOUT);
  if (!(busyTimeout >= 0)) fail(`timeout is a number of milliseconds, not "${url.query.get("timeout")}".`);

  const path = url.rest === ":memory:" ? ":memory:" : (url.database ?? ":memory:");
  return { path, readOnly: mode === "ro", busyTimeout };
}
