import type { Column, ForeignKeyConstraint, UniqueKey } from "../../schema/index.ts";
import type { RowOperation } from "./decompose/operation.ts";
import { describeCell, describeRow, describeTuple } from "./describe.ts";
import { EDGE_KINDS } from "./edges/edge.ts";
import type { Edge } from "./graph.ts";

/**
 * Why `edge.from` runs before `edge.to`, in one sentence: `User#2 takes users_email_key (email) = "a@b" that User#1 gives
 * up`.
 */
export function explainEdge(edge: Edge): string {
  const { from, to, constraint, kind } = edge;
  const [first, second] = [describeRow(from), describeRow(to)];
  switch (kind) {
    case "slot":
    case "likelySlot":
    case "laterSlot": {
      const uniqueKey = constraint as UniqueKey; // the constraint of a slot is a unique key
      if (to.kind === "propagate" || to.table !== uniqueKey.table)
        return `rows of ${uniqueKey.table.name} that follow a changed key may take what ${first} has of ${nameOf(uniqueKey)}`;
      const takes = EDGE_KINDS[kind].soft ? "may take" : "takes";
      return `${second} ${takes} ${describeSlot(uniqueKey, to)} that ${first} gives up`;
    }
    case "refer":
    case "uncheckedRefer":
      return `${second} refers to ${first}${by(constraint)}${ownRow(from, to)}`;
    case "release":
    case "uncheckedRelease":
    case "goAlong":
      return `${first} lets go of ${second}${by(constraint)}${ownRow(to, from)}`;
    case "leaveAlong":
      return `${first} leaves${by(constraint)} what goes along with ${second}`;
    case "mayLeave":
      return `${first} leaves${by(constraint)} what may go along with ${second}`;
    case "takeAlong":
      return `${second} takes ${first} along${by(constraint)}`;
    case "actOn":
      return `${first} refers to ${second}, which goes, and ON DELETE says what becomes of it${by(constraint)}`;
    case "carry":
      return to.kind === "propagate"
        ? `${second} follow ${describeKeyChange(edge, first)}${by(constraint)}`
        : `${second} refers to a key that ${first} no longer has then${by(constraint)}`;
    case "locate":
      return `${first} ${from.kind === "propagate" ? "are" : "is"} found by the key that ${second} changes`;
    case "draw":
      return `${second} needs ${first}`;
    case "restore":
      return explainParts(edge, second);
  }
}

/** Says of which table the row is where both are of one object. */
function ownRow(referred: RowOperation, referring: RowOperation): string {
  if (referred.entity === null || referred.entity !== referring.entity || referred.table === referring.table) return "";
  return `, its row of ${referred.table.name}`;
}

/** Two operations on one row. */
function explainParts({ from, to }: Edge, row: string): string {
  if (to.role === "late link") return `${row} is linked once it is there`;
  switch (from.role) {
    case "park":
      return `${row} gets its value after it was parked`;
    case "early link":
      return `${row} is written after it let go of what it referred to`;
    case "reinsert":
      return `${row} is inserted again after it was deleted`;
    case "vacate":
      return `${row} is deleted after it gave its value up`;
    default:
      return `${row} is deleted after it was unlinked`;
  }
}

/** `users_email_key (email) = "a@b"`; without a name: `users(email) = "a@b"`. No object knows what will be computed. */
function describeSlot(uniqueKey: UniqueKey, taker: RowOperation): string {
  const { name, columns, table } = uniqueKey;
  if (columns === null) return name ?? `a unique value of ${table.name}`;
  if (columns.some(({ computed }) => computed !== null)) return nameOf(uniqueKey);
  return `${name === null ? table.name : `${name} `}${describeTuple(columns, (column) => taker.current(column))}`;
}

/** `the key of Country#dx (code "de" to "dx")`. */
function describeKeyChange({ from, constraint }: Edge, row: string): string {
  if (from.kind === "propagate") return `the key that ${row} get`;
  const { referredColumns } = constraint as ForeignKeyConstraint; // a change is carried along a foreign key
  const changes = referredColumns
    .filter((column) => from.writes(column))
    .map(
      (column) => `${column.name} ${describeCell(from.before[column.index])} to ${describeCell(from.current(column))}`,
    );
  return `the key of ${row}${changes.length === 0 ? "" : ` (${changes.join(", ")})`}`;
}

/** ` by child(parent_id)`. */
function by(constraint: Edge["constraint"]): string {
  if (constraint === null || constraint.columns === null) return "";
  return ` by ${constraint.table.name}(${namesOf(constraint.columns)})`;
}

function namesOf(columns: readonly Column<unknown>[]): string {
  return columns.map((column) => column.name).join(", ");
}

/** A constraint's name, or its columns if it has none. */
export function nameOf(constraint: ForeignKeyConstraint | UniqueKey): string {
  if (constraint.name !== null) return constraint.name;
  return `${constraint.table.name}(${constraint.columns === null ? "an expression" : namesOf(constraint.columns)})`;
}
