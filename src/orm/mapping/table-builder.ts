import { MappingError } from "../../errors/index.ts";
import { type AnyColumnDefinition, ColumnDefinition, Table, type TableArg } from "../../schema/index.ts";
import { snakeCase } from "./column-names.ts";
import type { Declaration } from "./declaration.ts";
import { evaluateGetter } from "./definition.ts";

/**
 * Makes the table of a class from its shape, and from those of the classes that keep their rows in it. Constraints
 * (`tableArgs`) are asked for later, when somebody looks at them: they mention columns of this and of other tables.
 */
export function buildTable(declaration: Declaration): Table {
  const { registry, tableName } = declaration;
  if (tableName === null) throw new Error(`${declaration.label} has no table of its own.`);
  const sharing = sharingTable(declaration);
  const definitions: Record<string, AnyColumnDefinition> = {};
  for (const member of sharing) {
    for (const key of ownColumnKeys(member)) {
      const definition = member.definition(key);
      if (!(definition instanceof ColumnDefinition)) continue;
      if (Object.hasOwn(definitions, key)) throw declaredTwice(member, declaration, key);
      definitions[key] = member === declaration ? definition : nullable(definition);
    }
  }
  if (Object.keys(definitions).length === 0) {
    throw new MappingError(`${declaration.label} has no column. Add e.g. id: integer().primaryKey() to its shape.`);
  }
  return new Table(tableName, registry.metadata, definitions, () => sharing.flatMap(tableArgs), {
    columnName: registry.columnNames === "verbatim" ? (key) => key : snakeCase,
  });
}

/** The declaration and those below it that have no table of their own. */
function sharingTable(declaration: Declaration): readonly Declaration[] {
  const below = declaration.children.filter(({ tableName }) => tableName === null);
  return [declaration, ...below.flatMap(sharingTable)];
}

/** With concrete inheritance, the table has the columns of the parents as well. */
function ownColumnKeys(declaration: Declaration): readonly string[] {
  return declaration.inheritance === "concrete" ? declaration.keys : declaration.ownKeys;
}

/** Rows of other classes in the same table have no value. */
function nullable(definition: AnyColumnDefinition): AnyColumnDefinition {
  return new ColumnDefinition(definition.sqlType, true, definition.pk, definition.settings);
}

function declaredTwice(member: Declaration, root: Declaration, key: string): MappingError {
  return new MappingError(
    `${member.label} declares "${key}", which another class of the table ${root.tableName} declares as well. Declare it once, in ` +
      `${root.label}, or give the attribute another name.`,
  );
}

function tableArgs(declaration: Declaration): readonly TableArg[] {
  const label = `${declaration.label}.tableArgs`;
  const args = evaluateGetter(declaration.shape, "tableArgs", label);
  if (args === undefined) return [];
  if (!Array.isArray(args) || !args.every(isTableArg)) {
    throw new MappingError(`${label} must be an array of unique(), index(), check(), foreignKey() or tableOptions().`);
  }
  return args;
}

function isTableArg(value: unknown): value is TableArg {
  return typeof value === "object" && value !== null && "kind" in value;
}
