import { unstorable } from "../../../engine/check-values.ts";
import type { ValueLimit } from "../../../engine/dialect.ts";
import { DataError, MissingPrimaryKeyError, NotNullViolation } from "../../../errors/index.ts";
import type { Column } from "../../../schema/index.ts";
import { describe, type Entity } from "../../instance/index.ts";
import type { ColumnProperty, Mapper } from "../../mapping/index.ts";
import { GeneratedValue, type RowOperation } from "./operation.ts";
import type { ColumnWrite } from "./table-writes.ts";
import { toOneOver } from "./to-one.ts";

/**
 * Refuses a value that the column cannot hold, by the attribute's name and before any statement: databases that convert
 * silently, as SQLite does, would store something else.
 *
 * @param limit what the database cannot hold of what the column's type allows
 * @throws DataError
 */
export function checkValue(
  entity: Entity,
  property: ColumnProperty,
  column: Column<unknown>,
  value: unknown,
  limit: ValueLimit | null,
): void {
  if (value === null || value instanceof GeneratedValue) {
    if (value === null && !column.nullable) throw notNull(entity, property.mapper, property, column);
    return;
  }
  const reason = column.sqlType.validate(value) ?? (limit === null ? null : limit(value));
  if (reason === null) return;
  const className = property.mapper.name;
  throw new DataError(unstorable(`${describe(entity)}.${property.name}`, column, reason), {
    className,
    property: property.name,
    table: column.table.name,
    columns: [column.name],
  });
}

/**
 * Refuses a row that no INSERT could write.
 * @throws MissingPrimaryKeyError, NotNullViolation
 */
export function checkInsert(
  entity: Entity,
  mapper: Mapper,
  operation: RowOperation,
  columns: readonly ColumnWrite[],
): void {
  for (let i = 0; i < columns.length; i++) {
    const { column, property, isGenerated } = columns[i] as ColumnWrite; // `i` counts them
    const value = operation.after[column.index];
    if (value !== null || column.nullable) {
      if (value === undefined && column.primaryKey && !isGenerated && operation.kind === "insert")
        throw missingKey(entity, mapper, property);
      continue;
    }
    throw column.primaryKey ? missingKey(entity, mapper, property) : notNull(entity, mapper, property, column);
  }
}

function missingKey(entity: Entity, mapper: Mapper, property: ColumnProperty): MissingPrimaryKeyError {
  return new MissingPrimaryKeyError(
    `${describe(entity)} has no primary key: ${mapper.name}.${property.name} is not set and the database does not make it. ` +
      `Set it before the flush, or declare a default.`,
  );
}

function notNull(entity: Entity, mapper: Mapper, property: ColumnProperty, column: Column<unknown>): NotNullViolation {
  const relationship = toOneOver(mapper, column)[0];
  const remedy =
    relationship === undefined
      ? `Set ${mapper.name}.${property.name}, or declare a default`
      : relationship.hidden
        ? `Set it, or put the object into ${relationship.inverse?.mapper.name}.${relationship.inverse?.name}`
        : `Set ${mapper.name}.${relationship.name} or ${mapper.name}.${property.name}`;
  const orphan = relationship?.inverse;
  const owner =
    orphan === null || orphan === undefined || entity.$key === null
      ? ""
      : ` If ${describe(entity)} is to go with its owner, declare ${orphan.mapper.name}.${orphan.name} with cascade "all, delete-orphan".`;
  return new NotNullViolation(
    `${describe(entity)}.${property.name} must not be NULL (column ${column.table.name}.${column.name}). ${remedy}.${owner}`,
    {
      className: mapper.name,
      property: property.name,
      table: column.table.name,
      columns: [column.name],
    },
  );
}
