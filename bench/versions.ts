import { existsSync, readFileSync } from "node:fs";

/**
 * The versions of packages as they are installed for a module.
 *
 * @param from the URL of the module that imports them
 */
export function versionsOf(from: string, ...names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, versionOf(from, name)]));
}

function versionOf(from: string, name: string): string {
  for (let folder = new URL(".", from); ; folder = new URL("..", folder)) {
    const manifest = new URL(`node_modules/${name}/package.json`, folder);
    // A package.json has a version.
    if (existsSync(manifest)) return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
    if (folder.pathname === "/") throw new Error(`${name} is not installed.`);
  }
}
