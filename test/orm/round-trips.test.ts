import { expect, it } from "vitest";
import { Base } from "../../bench/alkahest/models.ts";
import { measuresOf } from "../../bench/alkahest/program.ts";
import type { Run } from "../../bench/program.ts";
import type { WorkloadName } from "../../bench/workloads.ts";
import { onEveryDatabase, type TestDatabase } from "../support/databases.ts";

const AUTHORS = 300;

/** What is sent to the database for one of the workloads that `npm run bench` measures; each line is a round trip. */
interface Expected {
  readonly title: string;
  /** How many objects it is about. */
  readonly count?: number;
  /** Authors with five books each that are there before. */
  readonly authors?: number;
  readonly sent: readonly string[];
}

const request = ["BEGIN", "SELECT author", "SELECT book", "UPDATE book", "INSERT book", "COMMIT"];
const hundredKeys = ["BEGIN", "SELECT book ×100", "ROLLBACK"];

const expected: Readonly<Record<Exclude<WorkloadName, "W8">, Expected>> = {
  W1: {
    title: "inserts linked objects with a statement for each table",
    authors: 0,
    sent: ["BEGIN", "INSERT author", "INSERT book", "COMMIT"],
  },
  W2: { title: "loads all objects with one statement", sent: ["BEGIN", "SELECT book"] },
  W2b: { title: "loads all objects and what they refer to with one statement", sent: ["BEGIN", "SELECT book"] },
  W3: {
    title: "updates a column of all objects with one statement",
    sent: ["BEGIN", "SELECT author", "UPDATE author", "COMMIT"],
  },
  W4: {
    title: "gets an object by key with a statement, and begins once in a session",
    count: 200,
    sent: [...hundredKeys, ...hundredKeys],
  },
  W4b: { title: "gets an object that the session has without a statement", sent: [] },
  W5: {
    title: "deletes by cascade with a statement for each table",
    count: 100,
    sent: ["BEGIN", "SELECT author", "SELECT book", "DELETE book", "DELETE author", "COMMIT"],
  },
  W6: { title: "flushes objects that did not change without a statement", sent: [] },
  W7: {
    title: "loads, changes and adds with a statement for each",
    count: 3,
    sent: [...request, ...request, ...request],
  },
  W9: {
    title: "inserts a tree with a statement for each level, and a circle of two tables with three",
    authors: 0,
    sent: ["BEGIN", "INSERT widget", "INSERT entry", "UPDATE widget", "INSERT node ×9", "COMMIT"],
  },
};

function label(sql: string): string {
  if (/^START TRANSACTION/i.test(sql)) return "BEGIN";
  const [, verb = sql, table = ""] =
    /^(?:WITH .*?\) (?=UPDATE))?(SELECT .*? FROM|INSERT INTO|UPDATE|DELETE FROM) (\w+)/s.exec(sql) ?? [];
  return `${verb.split(" ")[0]} ${table}`.trim();
}

/** One line for what is sent several times in a row. */
function summarize(statements: readonly string[]): string[] {
  const lines: { readonly text: string; times: number }[] = [];
  for (const text of statements.map(label)) {
    const last = lines.at(-1);
    if (last?.text === text) last.times++;
    else lines.push({ text, times: 1 });
  }
  return lines.map(({ text, times }) => (times === 1 ? text : `${text} ×${times}`));
}

async function sentFor(
  database: TestDatabase,
  workload: WorkloadName,
  { count, authors }: Required<Omit<Expected, "title" | "sent">>,
) {
  const sent: string[] = [];
  const engine = database.open({
    around: (sql, execute) => {
      sent.push(sql);
      return execute();
    },
  });
  await Base.metadata.createAll(engine);
  const measures = measuresOf(engine);
  let measured: readonly string[] = [];
  const run = (objects: number): Run => ({
    count: objects,
    authors,
    repetition: 0,
    latencies: [],
    start: () => {
      sent.length = 0;
    },
    stop: () => {
      measured = [...sent];
    },
    hold: async (load) => load(),
  });
  if (authors > 0) await measures.W1(run(authors));
  await measures[workload](run(count));
  await engine.dispose();
  return summarize(measured);
}

onEveryDatabase("round trips", (database) => {
  // The names of a workload are the keys of expected.
  for (const [name, { title, count = AUTHORS, authors = AUTHORS, sent }] of Object.entries(expected) as [
    WorkloadName,
    Expected,
  ][]) {
    it(`${title} (${name})`, async () => {
      expect(await sentFor(database, name, { count, authors })).toEqual(sent);
    });
  }
});
