/** What is measured of an ORM: transactions that each load an author with books, change one book and add one. */
export interface Peer {
  /** One transaction of one session. Author `id` is loaded; the new book is named by `number`. */
  transact(id: number, number: number): Promise<void>;
  close(): Promise<void>;
}

/** Opens an ORM on a database, with a pool of so many connections. */
export type OpenPeer = (url: string, pool: number) => Promise<Peer>;

/** Where each ORM's work is written. Those of `bench/peers` are installed apart: `npm ci --prefix bench/peers`. */
export const PEERS: Readonly<Record<string, () => Promise<{ readonly open: OpenPeer }>>> = {
  alkahest: () => import("./alkahest.ts"),
  MikroORM: () => import("../peers/sessions/mikro-orm.ts"),
  Drizzle: () => import("../peers/sessions/drizzle.ts"),
};
