import type { SqlType } from "../expression/sql-type.ts";
import type { Column } from "../schema/column.ts";
import type { ColumnDefault } from "../schema/column-definition.ts";

/** Where the value of one placeholder comes from. The order of binds is the order of the placeholders in the text. */
export type CompiledBind =
  /** The literal with this number, counted as {@link fingerprint} meets them. */
  | { readonly kind: "literal"; readonly ordinal: number; readonly type: SqlType<unknown> }
  /** What raw SQL calls `:name`, for which nothing was given. */
  | { readonly kind: "named"; readonly name: string; readonly type: SqlType<unknown> }
  /** The same value at every execution. */
  | { readonly kind: "fixed"; readonly value: unknown; readonly type: SqlType<unknown> }
  /** What a column declares as its default (in an UPDATE, as its onUpdate value), made anew for each row. */
  | {
      readonly kind: "default";
      readonly column: Column;
      readonly value: ColumnDefault;
      readonly type: SqlType<unknown>;
    };

/** A column of the result: the name in the database's answer, and the type that decodes it. */
export interface CompiledColumn {
  readonly name: string;
  readonly sqlType: SqlType<unknown>;
}

/** What a statement does, as far as its execution cares. */
export type CompiledKind = "select" | "insert" | "update" | "delete" | "text" | "ddl";

/** A statement as SQL text, together with how to fill its placeholders and read its rows. */
export interface Compiled {
  readonly sql: string;
  readonly kind: CompiledKind;
  /** Does a common table expression in it change rows, whatever the statement itself does? */
  readonly writesInCte: boolean;
  readonly binds: readonly CompiledBind[];
  /** The columns of the rows; null when there are none, or when only the database knows them (raw SQL). */
  readonly columns: readonly CompiledColumn[] | null;
}

/** A statement of which only some values differ from one execution to the next. */
export interface Repeatable {
  readonly compiled: Compiled;
  /** The values that stay, in placeholder order. */
  readonly values: readonly unknown[];
  /** For each placeholder which of the values that differ it takes; -1 for one that stays. */
  readonly places: readonly number[];
}

/** A statement ready for a connection: the shared text, and the values of this execution in placeholder order. */
export interface Prepared {
  readonly compiled: Compiled;
  /** In the order of `compiled.binds`; not yet converted for the driver. */
  readonly values: readonly unknown[];
}
