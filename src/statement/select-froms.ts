import { ColumnElement, type FromClause } from "../expression/from.ts";
import { type Node, QueryNode } from "../expression/node.ts";
import { visit } from "../expression/traverse.ts";
import { entityOfMember } from "./interfaces.ts";
import { covers, membersOf } from "./join.ts";
import type { SelectItem } from "./select-item.ts";

/** What decides the FROM list of a SELECT. */
export interface FromParts {
  /** What FROM was told to contain, joins included. */
  readonly froms: readonly FromClause[];
  readonly items: readonly SelectItem[];
  /** WHERE. */
  readonly conditions: readonly Node[];
}

/**
 * The FROM list of a SELECT: what it was told, and every table that its columns and its WHERE mention and that is not
 * among it. As in SQLAlchemy, ORDER BY, GROUP BY and HAVING add nothing. Tables of one class that are there one by one are
 * joined.
 */
export function fromsOf(select: FromParts): readonly FromClause[] {
  const froms = new FromList(select.froms);
  for (const item of select.items) {
    for (const from of item.froms) froms.add(from);
    for (const column of item.columns) froms.addMentioned(column);
  }
  for (const condition of select.conditions) froms.addMentioned(condition);
  froms.joinClasses();
  return froms.list;
}

/** The FROM elements that an expression mentions outside its subqueries. */
export function mentionedFroms(node: Node): readonly FromClause[] {
  const froms = new FromList([]);
  froms.addMentioned(node);
  return froms.list;
}

class FromList {
  list: FromClause[] = [];
  readonly #members = new Set<FromClause>();
  /** The joined tables of the classes whose attributes are mentioned. */
  readonly #classes = new Set<FromClause>();

  constructor(froms: readonly FromClause[]) {
    for (const from of froms) this.add(from);
  }

  add(from: FromClause): void {
    const members = membersOf(from);
    if (this.#members.has(from) || members.every((member) => this.#members.has(member))) return;
    // A join that brings what was there by itself takes its place.
    this.list = [...this.list.filter((one) => !members.includes(one)), from];
    this.#members.add(from);
    for (const member of members) this.#members.add(member);
  }

  addMentioned(node: Node): void {
    visit(node, (part) => {
      if (part instanceof QueryNode) return false;
      if (!(part instanceof ColumnElement)) return true;
      this.add(part.table);
      const entity = entityOfMember(part);
      if (entity !== null) this.#classes.add(entity.from);
      return true;
    });
  }

  /** Joins the tables of a class where several of them are listed one by one. */
  joinClasses(): void {
    for (const from of this.#classes) {
      const members = membersOf(from);
      const [first, second] = this.list.filter((one) => members.includes(one));
      if (first === undefined || second === undefined) continue;
      this.list = this.list.flatMap((one) => (one === first ? [from] : members.includes(one) ? [] : [one]));
    }
  }
}

/** The element of the list that brings `part`, if one does. */
export function fromCovering(froms: readonly FromClause[], part: FromClause): FromClause | undefined {
  return froms.find((from) => covers(from, part));
}
