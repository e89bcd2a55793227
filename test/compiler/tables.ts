import { boolean, integer, MetaData, Table, text, varchar } from "../../src/schema/index.ts";

const metadata = new MetaData();

export const users = new Table("user", metadata, {
  id: integer().primaryKey(),
  name: varchar(50),
  age: integer(),
  bossId: integer("boss_id").references("user.id"),
});

export const addresses = new Table("address", metadata, {
  id: integer().primaryKey(),
  userId: integer("user_id").notNull().references("user.id"),
  email: varchar(100).notNull(),
  main: boolean(),
});

export const notes = new Table("note", metadata, {
  id: integer().primaryKey(),
  body: text(),
});
