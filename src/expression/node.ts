import type { SqlType } from "./sql-type.ts";

/**
 * How a field of a node takes part in the tree:
 * - `node`: a part, or null; `nodes`: an array of parts;
 * - `value`: structure, i.e. strings, numbers, booleans, null, and arrays and plain objects of these;
 * - `type`: an SQL type;
 * - `literal`: a value that the SQL text does not depend on (what is bound to a placeholder), not part of the structure;
 * - `reference`: something that the node mentions and that belongs elsewhere: the table of a column. It is not visited
 *   and not transformed, but is part of the structure.
 */
export type FieldKind = "node" | "nodes" | "value" | "type" | "literal" | "reference";

/** The fields of a node class in the order of traversal. */
export type Fields = readonly (readonly [name: string, kind: FieldKind])[];

/** Says what the nodes of a class consist of; every class that can be instantiated does it once, in a static block. */
export function declareFields<N extends Node>(
  nodeClass: { readonly prototype: N },
  fields: { readonly [K in keyof N & string]?: FieldKind },
): void {
  Object.defineProperty(nodeClass.prototype, "fields", { value: Object.freeze(Object.entries(fields)) });
}

/**
 * A node of the tree that statements are made of. Nodes are immutable and shared: a change makes a new node.
 *
 * A class says once, with {@link declareFields}, what its nodes consist of; visiting, rewriting, comparing and cache keys follow from
 * that (`traverse.ts`, `fingerprint.ts`). Fields are plain properties that the constructor sets: a rewritten node is
 * copied property by property, without the constructor, so node classes have no `#private` members (but for those that
 * are never rewritten, like columns and tables).
 */
export abstract class Node {
  /** The name of the kind of node: compilers have a method for each. */
  abstract readonly kind: string;
  /** What the node consists of; each class overrides it, by {@link declareFields}. */
  get fields(): Fields {
    throw new TypeError(`${this.constructor.name} does not say what its nodes consist of.`);
  }
  /**
   * Is this a thing with an identity, like a table or an alias? Then two of them differ even when they look the same,
   * and what mentions one twice mentions the same one twice.
   */
  get isEntity(): boolean {
    return false;
  }
  /**
   * What stands for the node in fingerprints, for one that is the same in every statement: a table, a column of a table.
   * Null: what it consists of is written instead.
   */
  get symbol(): string | null {
    return null;
  }
}

let symbolCount = 0;

/** A {@link Node.symbol} that no other node has. */
export function newSymbol(): string {
  symbolCount++;
  return `$${symbolCount}`;
}

declare const result: unique symbol;

/** Anything that gives rows of type `R`, as far as types go. */
export interface Query<out R> {
  readonly [result]: R;
}

/** A statement that gives rows and can stand inside another one: the base of `Select`. */
export abstract class QueryNode<R = unknown> extends Node implements Query<R> {
  /** Exists in types only. */
  declare readonly [result]: R;
  /** The types of the columns of its rows; null in the place of one that only the database knows. */
  abstract readonly columnTypes: readonly (SqlType<unknown> | null)[];
}
