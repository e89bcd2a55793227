import { Node } from "./node.ts";

/**
 * Calls `visitor` for the node and all its parts, from the outside in and from left to right. What a column belongs to
 * is no part of it.
 *
 * @param visitor returns false to skip the parts of a node
 */
// biome-ignore lint/suspicious/noConfusingVoidType: visitors that return nothing are the most
export function visit(node: Node, visitor: (node: Node) => void | boolean): void {
  if (visitor(node) === false) return;
  for (const [name, kind] of node.fields) {
    if (kind === "node") {
      const part = field(node, name);
      if (part instanceof Node) visit(part, visitor);
    } else if (kind === "nodes") {
      for (const part of partsOf(field(node, name))) visit(part, visitor);
    }
  }
}

/**
 * A copy of the tree in which nodes are replaced. Subtrees without a replaced node are not copied: where nothing is
 * replaced, the result is the node itself.
 *
 * @param replace returns what to put in the place of a node, whose parts are then not looked at; undefined: look at its
 * parts. What takes the place of an expression must be one, and so on: nobody checks it.
 */
export function transform<N extends Node>(node: N, replace: (node: Node) => Node | undefined): N {
  const replacement = replace(node);
  // The contract with the caller, see above.
  if (replacement !== undefined) return replacement as N;
  let changes: Record<string, unknown> | undefined;
  for (const [name, kind] of node.fields) {
    if (kind !== "node" && kind !== "nodes") continue;
    const before = field(node, name);
    const after = kind === "node" ? transformPart(before, replace) : transformParts(before, replace);
    if (after === before) continue;
    changes ??= {};
    changes[name] = after;
  }
  return changes === undefined ? node : copyWith(node, changes);
}

/** A copy of the node with other fields. */
export function copyWith<N extends Node>(node: N, changes: Readonly<Record<string, unknown>>): N {
  // A node is its class and its own properties, as Node demands.
  return Object.assign(Object.create(Object.getPrototypeOf(node)), node, changes) as N;
}

/** The field of a node by its name, which `fields` says. */
export function field(node: Node, name: string): unknown {
  // Field names are checked against the class where they are declared.
  return (node as unknown as Readonly<Record<string, unknown>>)[name];
}

function partsOf(value: unknown): readonly Node[] {
  // A field of kind "nodes" is an array of nodes, or null.
  return (value ?? []) as readonly Node[];
}

function transformPart(part: unknown, replace: (node: Node) => Node | undefined): unknown {
  return part instanceof Node ? transform(part, replace) : part;
}

function transformParts(value: unknown, replace: (node: Node) => Node | undefined): unknown {
  const parts = partsOf(value);
  const copies = parts.map((part) => transform(part, replace));
  return copies.every((copy, index) => copy === parts[index]) ? value : copies;
}
