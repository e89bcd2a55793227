// Writes a schema as large as a real application's, and queries on it, for scripts/check-type-budget.mjs to type-check.
//
// Every class has 20 columns, among them its foreign keys, and 5 relationships: two many-to-one with their inverse
// one-to-many, and a one-to-one. Their targets are spread, so the whole schema is one circle. One query for each class.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

const COLUMNS = 20;
/** How far away the two parents of a class are, in class numbers. */
const PARENT_STEPS = [1, 7];
const SCALARS = ["integer()", "varchar(50)", "float()", "varchar(200).notNull()", "integer().notNull()"];

/**
 * @param {string} directory where schema.ts and queries.ts are written; what was there is removed
 * @param {string} library the module to import `select`, `declarativeBase` and the like from
 * @param {number} [classes] an even number
 */
export async function generate(directory, library, classes = 200) {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const numbers = Array.from({ length: classes }, (_, number) => number);

  await writeFile(
    join(directory, "schema.ts"),
    `import { declarativeBase, float, integer, manyToOne, oneToMany, oneToOne, varchar } from ${JSON.stringify(library)};

const Base = declarativeBase();
${numbers.map((number) => entity(number, classes)).join("")}`,
  );
  await writeFile(
    join(directory, "queries.ts"),
    `import { func, type Loaded, type Session, select, selectinLoad } from ${JSON.stringify(library)};
import { ${numbers.map(className).join(", ")} } from "./schema.ts";

export async function main(session: Session) {
${numbers.map((number) => query(number, classes)).join("")}}
`,
  );
}

const className = (number) => `Model${number}`;

function entity(number, classes) {
  const columns = ["id: integer().primaryKey(),"];
  const relationships = [];
  const wrap = (index) => ((index % classes) + classes) % classes;

  PARENT_STEPS.forEach((step, index) => {
    const parent = className(wrap(number + step));
    const child = className(wrap(number - step));
    columns.push(`get parent${index}Id() { return integer().references(${parent}.c.id); },`);
    relationships.push(
      `get parent${index}() { return manyToOne(${parent}, { backPopulates: "children${index}" }); },`,
      `get children${index}() { return oneToMany(${child}, { backPopulates: "parent${index}" }); },`,
    );
  });

  // Even and odd neighbours are partners; the odd one has the foreign key.
  const isOdd = number % 2 === 1;
  const partner = className(isOdd ? number - 1 : number + 1);
  if (isOdd) columns.push(`get partnerId() { return integer().unique().references(${partner}.c.id); },`);
  relationships.push(`get partner() { return oneToOne(${partner}, { backPopulates: "partner" }); },`);

  for (let index = 0; columns.length < COLUMNS; index++) {
    columns.push(`field${index}: ${SCALARS[(number + index) % SCALARS.length]},`);
  }
  const body = [...columns, ...relationships].map((line) => `  ${line}\n`).join("");
  return `\nexport class ${className(number)} extends Base("model_${number}", {\n${body}}) {}\n`;
}

/** Four shapes of query in turn; each selects, joins through a relationship and filters. */
function query(number, classes) {
  const model = className(number);
  const parent = className((number + PARENT_STEPS[0]) % classes);
  const joined = `.join(${model}.c.parent0).where(${parent}.c.id.eq(${number}), ${model}.c.field1.isNull())`;
  const shapes = [
    `const r${number} = await session.all(select(${model})${joined}.options(selectinLoad(${model}.c.parent0), selectinLoad(${model}.c.children1)));
  r${number}[0] satisfies Loaded<${model}, "parent0" | "children1"> | undefined;`,
    `const r${number} = await session.all(select(${model})${joined}.orderBy(${model}.c.id.desc()).limit(10).options(selectinLoad(${model}.c.partner)));
  r${number}[0]?.partner?.id satisfies number | undefined;`,
    `const r${number} = await session.all(select(${model}.c.id, func.count(${parent}.c.id))${joined}.groupBy(${model}.c.id));
  r${number}[0] satisfies [number, number] | undefined;`,
    `const r${number} = await session.first(select({ entity: ${model}, parentId: ${parent}.c.id })${joined});
  r${number}?.entity.children0[0]?.id satisfies number | undefined;`,
  ];
  return `  ${shapes[number % shapes.length]}\n`;
}
