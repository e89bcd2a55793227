import { MappingError } from "../../errors/index.ts";
import { refersTo } from "./foreign-key-candidates.ts";
import { columnText } from "./join-request.ts";
import type { Mapper } from "./mapper.ts";
import { ColumnProperty } from "./property.ts";
import { RelationDefinition } from "./relation-definition.ts";

/**
 * Gives a mapper its column attributes: the parent's, and its own.
 * @throws MappingError if an attribute is declared again where it cannot be, or there is no key
 */
export function configureColumns(mapper: Mapper): void {
  const { declaration, parent } = mapper;
  for (const column of parent?.columns ?? []) mapper.add(column);
  for (const [slot, key] of declaration.keys.entries()) {
    const isOwn = parent === null || declaration.ownKeys.includes(key);
    if (!isOwn) continue;
    const isColumn = !(declaration.definition(key) instanceof RelationDefinition);
    const inherited = parent?.findProperty(key) ?? null;
    if (
      parent?.declaration.keys.includes(key) &&
      !(isColumn && inherited?.kind === "column" && mapper.inheritance === "joined")
    ) {
      throw new MappingError(
        `${mapper.name} declares "${key}" again, which it has from ${parent.name} already. Leave it out; only columns can be ` +
          "declared again, and only in a class with a table of its own.",
      );
    }
    if (!isColumn) continue;
    const column = declaration.column(key);
    const shared = inherited?.kind === "column" ? inherited.columns : [];
    mapper.add(new ColumnProperty(key, slot, mapper, [column, ...shared]));
  }
  if (parent === null) {
    if (mapper.table.primaryKey.length === 0) {
      throw new MappingError(
        `${mapper.name} has no primary key, so its rows could not be told apart. Add .primaryKey() to the column, or the columns, ` +
          `of the table ${mapper.table.name} that identify a row.`,
      );
    }
  } else if (mapper.inheritance === "joined") {
    checkJoinedKey(mapper, parent);
  }
}

/** The table of a subclass has the key of its parent's table, under the same name and with a foreign key to it. */
function checkJoinedKey(mapper: Mapper, parent: Mapper): void {
  const key = parent.primaryKey;
  const shared = key.filter((property) => {
    const own = mapper.findProperty(property.name);
    if (own?.kind !== "column" || own.mapper !== mapper || !own.column.primaryKey) return false;
    return own.columns.slice(1).some((inherited) => refersTo(own.column, inherited));
  });
  if (shared.length === key.length && mapper.table.primaryKey.length === key.length) return;
  const lines = key.map(({ name, column }) => {
    const type = column.sqlType.describe();
    const text = type.includes("(") ? type : `${type}()`;
    return `get ${name}() { return ${text}.primaryKey().references(${columnText(column, [parent])}); }`;
  });
  throw new MappingError(
    `${mapper.name} extends ${parent.name} with a table of its own, ${mapper.table.name}, which must have the same primary key as a ` +
      `foreign key. Write in its shape: ${lines.join(", ")}`,
  );
}
