/** Who is measured, and at what. Those of `bench/peers` are installed apart: `npm ci --prefix bench/peers`. */
import type { DatabaseName } from "./databases/database.ts";
import { WORKLOADS, type WorkloadName } from "./workloads.ts";

export interface Peer {
  readonly title: string;
  /** Where its program is, as it is built. */
  readonly module: string;
  readonly offers: readonly WorkloadName[];
  readonly fails?: Partial<Record<DatabaseName, readonly WorkloadName[]>>;
}

/** What those offer that have neither an identity map nor a unit of work. */
const ROWS: readonly WorkloadName[] = ["W1", "W2", "W2b", "W3", "W4", "W5", "W7", "W8"];

export const PEERS: Readonly<Record<string, Peer>> = {
  raw: {
    title: "driver",
    module: "./raw/raw.js",
    offers: ["W1", "W2", "W2b", "W3", "W4", "W5", "W7", "W8", "W9"],
  },
  floor: { title: "by hand", module: "./floor.js", offers: ["W2", "W2b", "W4b", "W6", "W8"] },
  alkahest: { title: "alkahest", module: "./alkahest/program.js", offers: WORKLOADS },
  "mikro-orm": { title: "MikroORM", module: "./peers/mikro-orm.js", offers: WORKLOADS },
  deepkit: {
    title: "Deepkit",
    module: "./peers/deepkit.js",
    offers: ["W1", "W2", "W2b", "W3", "W4", "W5", "W6", "W7", "W8"],
    // Its updates are of MySQL 8: MariaDB has no WITH before an UPDATE.
    fails: { mariadb: ["W3", "W7"] },
  },
  typeorm: {
    title: "TypeORM",
    module: "./peers/typeorm.js",
    offers: ["W1", "W2", "W2b", "W3", "W4", "W5", "W6", "W7", "W8"],
  },
  kysely: { title: "Kysely", module: "./peers/kysely.js", offers: ROWS },
  drizzle: { title: "Drizzle", module: "./peers/drizzle.js", offers: ROWS },
  prisma: {
    title: "Prisma",
    module: "./peers/prisma.js",
    offers: ROWS,
    // It cannot insert many rows and get their keys there.
    fails: { mariadb: ["W1"] },
  },
};
