import type { ForeignKeyConstraint, UniqueKey } from "../../schema/index.ts";
import { describeRow, describeTuple } from "./describe.ts";
import { EDGE_KINDS } from "./edges/edge.ts";
import type { Edge } from "./graph.ts";

/** Why `edge.from` runs before `edge.to`, in one sentence: "Child (new) takes child_uk (parent_id, z) = (1, 5.5) that Child#2 gives up". */
export function explainEdge(edge: Edge): string {
  const { from, to, constraint, kind } = edge;
  const info = EDGE_KINDS[kind];
  if (info.constraint === "unique" && constraint !== null) {
    const uniqueKey = constraint as UniqueKey; // the kind says which class of constraint it is
    const tuple =
      uniqueKey.columns === null ? "" : ` ${describeTuple(uniqueKey.columns, (column) => to.current(column))}`;
    const may = info.soft ? "may take" : "takes";
    return `${describeRow(to)} ${may} ${nameOf(uniqueKey)}${tuple} that ${describeRow(from)} gives up`;
  }
  if (info.constraint === "foreign key" && constraint !== null) {
    const foreignKey = constraint as ForeignKeyConstraint; // the kind says which class of constraint it is
    const columns = `${foreignKey.table.name}(${foreignKey.columns.map((column) => column.name).join(", ")})`;
    return kind === "refer" || kind === "uncheckedRefer"
      ? `${describeRow(to)} refers to ${describeRow(from)} by ${columns}`
      : `${describeRow(from)} lets go of ${describeRow(to)} by ${columns}`;
  }
  return `${describeRow(to)} ${info.reason} ${describeRow(from)}`;
}

/** A constraint's name, or its columns if it has none. */
export function nameOf(constraint: ForeignKeyConstraint | UniqueKey): string {
  if (constraint.name !== null) return constraint.name;
  const columns = constraint.columns?.map((column) => column.name).join(", ") ?? "an expression";
  return `(${columns})`;
}
