/**
 * How the time of one flush grows with its rows: prints milliseconds for 10 to 100,000 rows of each workload and the
 * exponent (slope of log time over log rows; 1 is linear). Run it with `npm run bench:growth`, on an idle machine.
 */
import { performance } from "node:perf_hooks";
import {
  createEngine,
  declarativeBase,
  float,
  integer,
  manyToOne,
  oneToMany,
  Session,
  unique,
  varchar,
} from "alkahest";

const SIZES = [10, 100, 1_000, 10_000, 100_000];
const RUNS = 3;

function models() {
  const Base = declarativeBase();
  class Parent extends Base("parent", {
    id: integer().primaryKey(),
    name: varchar(50),
    get children() {
      return oneToMany(Child, { backPopulates: "parent", cascade: "all, delete-orphan" });
    },
  }) {}
  class Child extends Base("child", {
    id: integer().primaryKey(),
    get parentId() {
      return integer().notNull().references(Parent.c.id);
    },
    z: float(),
    get parent() {
      return manyToOne(Parent, { backPopulates: "children" });
    },
    get tableArgs() {
      return [unique("child_uk", Child.c.parentId, Child.c.z)];
    },
  }) {}
  return { Base, Parent, Child };
}

type Models = ReturnType<typeof models>;
type ParentObject = InstanceType<Models["Parent"]>;

/** Builds the start, changes it, and gives the number of rows that the measured flush writes. */
interface Workload {
  readonly name: string;
  change(models: Models, session: Session, parents: readonly ParentObject[]): void;
  /** Rows are inserted by the measured flush itself. */
  readonly fresh: boolean;
}

const CHILDREN = 5;

const workloads: readonly Workload[] = [
  { name: "insert", fresh: true, change: () => {} },
  {
    name: "update",
    fresh: false,
    change: (_, __, parents) => {
      for (const parent of parents) for (const child of parent.children) child.z = (child.z ?? 0) + 100;
    },
  },
  {
    name: "rotate unique values",
    fresh: false,
    change: (_, __, parents) => {
      for (const parent of parents) {
        const values = parent.children.map((child) => child.z);
        parent.children.forEach((child, i) => {
          child.z = values[(i + 1) % values.length] ?? 0;
        });
      }
    },
  },
  {
    name: "replace children",
    fresh: false,
    change: ({ Child }, _, parents) => {
      for (const parent of parents) parent.children = parent.children.map((child) => new Child({ z: child.z }));
    },
  },
  {
    name: "delete by cascade",
    fresh: false,
    change: (_, session, parents) => {
      for (const parent of parents) session.delete(parent);
    },
  },
];

async function measure(workload: Workload, rows: number): Promise<number> {
  const { Base, Parent, Child } = models();
  const engine = createEngine("sqlite::memory:");
  await Base.metadata.createAll(engine);
  const session = new Session(engine);
  const count = Math.max(1, Math.round(rows / (CHILDREN + 1)));
  const parents = Array.from(
    { length: count },
    (_, i) => new Parent({ name: `p${i}`, children: Array.from({ length: CHILDREN }, (_, k) => new Child({ z: k })) }),
  );
  session.addAll(parents);
  if (!workload.fresh) await session.flush();
  workload.change({ Base, Parent, Child }, session, parents);
  const start = performance.now();
  await session.flush();
  const elapsed = performance.now() - start;
  await session.rollback();
  await session.close();
  await engine.dispose();
  return elapsed;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Slope of the least squares line through the logarithms; small sizes only measure constant costs. */
function exponent(points: readonly (readonly [number, number])[]): number {
  const logs = points.filter(([rows]) => rows >= 1_000).map(([rows, ms]) => [Math.log(rows), Math.log(ms)] as const);
  const meanX = logs.reduce((sum, [x]) => sum + x, 0) / logs.length;
  const meanY = logs.reduce((sum, [, y]) => sum + y, 0) / logs.length;
  const covariance = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return covariance / logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}

console.log(["workload", ...SIZES.map((size) => `${size} rows`), "exponent"].join(" | "));
for (const workload of workloads) {
  const points: [number, number][] = [];
  for (const size of SIZES) {
    const times: number[] = [];
    for (let run = 0; run < RUNS; run++) times.push(await measure(workload, size));
    points.push([size, median(times)]);
  }
  const cells = points.map(([, ms]) => `${ms.toFixed(1)} ms`);
  console.log([workload.name, ...cells, exponent(points).toFixed(2)].join(" | "));
}
