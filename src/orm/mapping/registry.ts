import type { MetaData } from "../../schema/index.ts";
import type { Declaration } from "./declaration.ts";

/** Where column names come from that are not written out: `parentId` gives `parent_id`, or stays as it is. */
export type ColumnNames = "snake_case" | "verbatim";

/** What the classes of one declarative base have in common. */
export class Registry {
  readonly metadata: MetaData;
  readonly columnNames: ColumnNames;
  /** In the order in which they were declared. */
  readonly declarations: Declaration[] = [];

  constructor(metadata: MetaData, columnNames: ColumnNames) {
    this.metadata = metadata;
    this.columnNames = columnNames;
  }
}
