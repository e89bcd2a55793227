import { type Fields, Node } from "./node.ts";
import { BindParameter } from "./sql-expression.ts";
import { SqlType } from "./sql-type.ts";
import { field } from "./traverse.ts";

/** A tree without the values bound in it: what decides the SQL text. */
export interface Fingerprint {
  /** Equal for trees of equal structure. */
  readonly key: string;
  /** The parameters in the order of traversal; equal keys have equally many. */
  readonly binds: readonly BindParameter<unknown>[];
}

/** What is to be taken for a node that stands for another one: a parameter whose value was given apart. */
export type Replacement = (node: Node) => Node | undefined;

/**
 * The structure of the tree as a string, and the parameters in it.
 *
 * Aliases and subqueries are numbered as they are met, so that two statements that each make an alias of their own are
 * equal if they use it equally. Nothing is remembered here: statements are made anew for each execution, and a
 * WeakMap of them costs the garbage collector more than the walk.
 *
 * @param replace undefined for all nodes that stand for themselves
 */
export function fingerprint(node: Node, replace: Replacement | null = null): Fingerprint {
  const writer = new FingerprintWriter(replace);
  writer.node(node);
  return { key: writer.key, binds: writer.binds };
}

/** The structure of the tree as a string: equal for trees that differ at most in the values bound in them. */
export function cacheKey(node: Node): string {
  return fingerprint(node).key;
}

/** The parameters of the tree in the order of traversal. */
export function collectBinds(node: Node): readonly BindParameter<unknown>[] {
  return fingerprint(node).binds;
}

/** Are the trees equal, the values bound in them included? */
export function equals(a: Node, b: Node): boolean {
  if (a === b) return true;
  const [first, second] = [fingerprint(a), fingerprint(b)];
  return (
    first.key === second.key &&
    first.binds.every(({ value, sqlType }, index) => {
      const other = second.binds[index]?.value;
      if (value === other) return true;
      return (
        value !== null && value !== undefined && other !== null && other !== undefined && sqlType.equals(value, other)
      );
    })
  );
}

class FingerprintWriter {
  key = "";
  readonly binds: BindParameter<unknown>[] = [];
  readonly #replace: Replacement | null;
  #numbers: Map<object, number> | undefined;

  constructor(replace: Replacement | null) {
    this.#replace = replace;
  }

  node(given: Node): void {
    const node = this.#replace?.(given) ?? given;
    const { symbol } = node;
    if (symbol !== null) {
      this.key += symbol;
      return;
    }
    if (node.isEntity && this.#isKnown(node)) return;
    if (node instanceof BindParameter) {
      // There may be thousands of them in a list.
      this.binds.push(node);
      this.key += "?";
      this.key += node.sqlType.cacheKey;
      this.key += ";";
      return;
    }
    this.key += node.kind;
    this.key += "(";
    const { fields } = node;
    for (let i = 0; i < fields.length; i++) {
      const [name, kind] = fields[i] as Fields[number]; // `i` counts them
      this.#field(field(node, name), kind);
    }
    this.key += ")";
  }

  #field(value: unknown, kind: string): void {
    switch (kind) {
      case "node":
      case "reference":
        if (value instanceof Node) this.node(value);
        else if (typeof value === "object" && value !== null) this.key += `@${identityOf(value)}`;
        else this.key += "-";
        break;
      case "nodes":
        this.#nodes(value);
        break;
      case "value":
        this.#value(value);
        break;
      case "type":
        this.key += value instanceof SqlType ? `:${value.cacheKey}` : "-";
        break;
    }
    this.key += ",";
  }

  #nodes(value: unknown): void {
    if (!Array.isArray(value)) {
      this.key += "-";
      return;
    }
    if (value.length === 0) return;
    this.key += "[";
    for (let i = 0; i < value.length; i++) {
      this.node(value[i]);
      this.key += ",";
    }
    this.key += "]";
  }

  #value(value: unknown): void {
    if (typeof value === "string") this.key += `${value.length}'${value}`;
    else if (typeof value === "object" && value !== null) this.key += JSON.stringify(value);
    else this.key += String(value);
  }

  /** Writes the number of a thing that was met before. */
  #isKnown(node: Node): boolean {
    this.#numbers ??= new Map();
    const number = this.#numbers.get(node);
    if (number === undefined) this.#numbers.set(node, this.#numbers.size);
    else this.key += `#${number}`;
    return number !== undefined;
  }
}

const identities = new WeakMap<object, number>();
let identityCount = 0;

/** A number for an object that is itself and nothing else. */
export function identityOf(object: object): number {
  let identity = identities.get(object);
  if (identity === undefined) {
    identity = ++identityCount;
    identities.set(object, identity);
  }
  return identity;
}
