import { ColumnElement, type FromClause } from "../expression/from.ts";
import { type Node, QueryNode } from "../expression/node.ts";
import { visit } from "../expression/traverse.ts";
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
 * among it. As in SQLAlchemy, ORDER BY, GROUP BY and HAVING add nothing.
 */
export function fromsOf(select: FromParts): readonly FromClause[] {
  const froms = new FromList(select.froms);
  for (const item of select.items) {
    if (item.kind === "entity") froms.add(item.from);
    for (const column of item.columns) froms.addMentioned(column);
  }
  for (const condition of select.conditions) froms.addMentioned(condition);
  return froms.list;
}

/** The FROM elements that an expression mentions outside its subqueries. */
export function mentionedFroms(node: Node): readonly FromClause[] {
  const froms = new FromList([]);
  froms.addMentioned(node);
  return froms.list;
}

class FromList {
  readonly list: FromClause[];
  readonly #members = new Set<FromClause>();

  constructor(froms: readonly FromClause[]) {
    this.list = [];
    for (const from of froms) this.add(from);
  }

  add(from: FromClause): void {
    const members = membersOf(from);
    if (this.#members.has(from) || members.every((member) => this.#members.has(member))) return;
    this.list.push(from);
    this.#members.add(from);
    for (const member of members) this.#members.add(member);
  }

  addMentioned(node: Node): void {
    visit(node, (part) => {
      if (part instanceof QueryNode) return false;
      if (part instanceof ColumnElement) this.add(part.table);
      return true;
    });
  }
}

/** The element of the list that brings `part`, if one does. */
export function fromCovering(froms: readonly FromClause[], part: FromClause): FromClause | undefined {
  return froms.find((from) => covers(from, part));
}
