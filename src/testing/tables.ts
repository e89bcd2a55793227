import {
  bigint,
  boolean,
  bytes,
  date,
  double,
  integer,
  json,
  MetaData,
  numeric,
  Table,
  text,
  timestamp,
  varchar,
} from "../schema/index.ts";

/** The tables of the conformance tests. */
export const metadata = new MetaData();

/** A key that the database makes, a unique name, and a row that it refers to. */
export const nodes = new Table("alkahest_node", metadata, {
  id: integer().primaryKey(),
  name: varchar(100).notNull().unique(),
  parentId: integer("parent_id").references("alkahest_node.id"),
});

/** A column of each type whose values have to look alike in every database. */
export const values = new Table("alkahest_value", metadata, {
  id: integer().primaryKey(),
  whole: integer(),
  large: bigint(),
  exact: numeric(20, 6),
  real: double(),
  flag: boolean(),
  words: text(),
  day: date(),
  instant: timestamp(),
  document: json<unknown>(),
  raw: bytes(),
});
