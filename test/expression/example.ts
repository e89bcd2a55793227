import {
  bigint,
  boolean,
  date,
  float,
  integer,
  MetaData,
  numeric,
  Table,
  text,
  timestamp,
  varchar,
} from "../../src/schema/index.ts";

/** A table with a column of most types. */
export const things = new Table("things", new MetaData(), {
  id: integer().primaryKey(),
  name: varchar(50),
  note: text(),
  size: integer(),
  big: bigint(),
  weight: float(),
  price: numeric(10, 2),
  active: boolean(),
  day: date(),
  madeAt: timestamp(),
});

export const { c } = things;
