import { MappingError } from "../../errors/index.ts";
import { suggestion } from "../../expression/near-match.ts";
import type { Column } from "../../schema/index.ts";
import { optionColumns } from "./join-request.ts";
import type { Mapper, OnConflict } from "./mapper.ts";
import type { ColumnProperty } from "./property.ts";

const NAMES: readonly string[] = ["target", "do"];

/**
 * Understands `mapperArgs.onConflict`.
 * @throws MappingError for what is not in it, and unless the target is a unique key that the database's upsert can name, in the table that holds
 * the primary key
 */
export function readOnConflict(
  mapper: Mapper,
  onConflict: { readonly target: readonly unknown[]; readonly do: "update" | "nothing" },
): OnConflict {
  if (typeof onConflict !== "object" || onConflict === null) {
    throw new MappingError(`onConflict of ${mapper.name} must be an object: { target: [...], do: "update" }.`);
  }
  for (const name of Object.keys(onConflict)) {
    if (NAMES.includes(name)) continue;
    throw new MappingError(
      `onConflict of ${mapper.name} has "${name}", which does not exist.${suggestion(name, NAMES)}`,
    );
  }
  if (onConflict.do !== "update" && onConflict.do !== "nothing") {
    throw new MappingError(`onConflict of ${mapper.name} must say do: "update" or do: "nothing".`);
  }
  const columns = optionColumns(onConflict.target, "onConflict.target", mapper.name);
  const target = columns.map((column) => targetOf(mapper, column));
  checkTarget(mapper, target.map(rootColumn));
  return { target, do: onConflict.do };
}

/** The columns of `onConflict.target` in the table that holds the primary key. */
export function conflictColumns({ target }: OnConflict): readonly Column<unknown>[] {
  return target.map(rootColumn);
}

function rootColumn(property: ColumnProperty): Column<unknown> {
  return property.columns.at(-1) ?? property.column;
}

function targetOf(mapper: Mapper, column: Column<unknown>): ColumnProperty {
  const property = mapper.findColumnProperty(column);
  if (property === null) {
    throw new MappingError(
      `onConflict.target of ${mapper.name} is ${column.fullName}, which is no column of ${mapper.name}.`,
    );
  }
  const { table } = mapper.root;
  if (rootColumn(property).table === table) return property;
  throw new MappingError(
    `onConflict.target of ${mapper.name} is ${column.fullName}, but the row in "${table.name}" is written first and has to ` +
      `be found by it: take columns of "${table.name}".`,
  );
}

function checkTarget(mapper: Mapper, columns: readonly Column<unknown>[]): void {
  const { table } = mapper.root;
  const names = columns.map(({ name }) => name).join(", ");
  const key = table.uniqueKeys.find(
    ({ columns: members, where }) =>
      where === null && members?.length === columns.length && columns.every((column) => members.includes(column)),
  );
  if (key === undefined) {
    throw new MappingError(
      `onConflict.target of ${mapper.name} is (${names}), which is no primary key and no unique key of all rows of ` +
        `"${table.name}". Name the columns of one, or add unique("...", ...) to tableArgs.`,
    );
  }
  if (key.deferrable) {
    throw new MappingError(
      `onConflict.target of ${mapper.name} is (${names}), a deferrable unique key, by which no database finds the row of an ` +
        "upsert. Declare it without deferrable.",
    );
  }
}
