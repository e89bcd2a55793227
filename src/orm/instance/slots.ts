import type { Entity } from "./entity.ts";

// Where an object keeps its values: in properties of the object itself, which are named here one by one. Code that names
// a property runs at its full speed however many classes there are; a computed name would not.

/** How many values an object keeps in properties of their own; further ones go to the list `$x`. */
export const LITERAL_SLOTS = 64;

/** An object as the place where its values are. */
export interface Slotted extends Entity {
  $0?: unknown;
  $1?: unknown;
  $2?: unknown;
  $3?: unknown;
  $4?: unknown;
  $5?: unknown;
  $6?: unknown;
  $7?: unknown;
  $8?: unknown;
  $9?: unknown;
  $10?: unknown;
  $11?: unknown;
  $12?: unknown;
  $13?: unknown;
  $14?: unknown;
  $15?: unknown;
  $16?: unknown;
  $17?: unknown;
  $18?: unknown;
  $19?: unknown;
  $20?: unknown;
  $21?: unknown;
  $22?: unknown;
  $23?: unknown;
  $24?: unknown;
  $25?: unknown;
  $26?: unknown;
  $27?: unknown;
  $28?: unknown;
  $29?: unknown;
  $30?: unknown;
  $31?: unknown;
  $32?: unknown;
  $33?: unknown;
  $34?: unknown;
  $35?: unknown;
  $36?: unknown;
  $37?: unknown;
  $38?: unknown;
  $39?: unknown;
  $40?: unknown;
  $41?: unknown;
  $42?: unknown;
  $43?: unknown;
  $44?: unknown;
  $45?: unknown;
  $46?: unknown;
  $47?: unknown;
  $48?: unknown;
  $49?: unknown;
  $50?: unknown;
  $51?: unknown;
  $52?: unknown;
  $53?: unknown;
  $54?: unknown;
  $55?: unknown;
  $56?: unknown;
  $57?: unknown;
  $58?: unknown;
  $59?: unknown;
  $60?: unknown;
  $61?: unknown;
  $62?: unknown;
  $63?: unknown;
  $x?: unknown[];
}

export type Reader = (record: Slotted) => unknown;
export type Writer = (record: Slotted, value: unknown) => void;
/** Makes the getter of an attribute: the value, or what `unset` says where there is none. */
export type GetterMaker = (unset: (record: Slotted) => unknown) => (this: Slotted) => unknown;

/** Of the literal slots. */
export const READERS: readonly Reader[] = [
  (r) => r.$0,
  (r) => r.$1,
  (r) => r.$2,
  (r) => r.$3,
  (r) => r.$4,
  (r) => r.$5,
  (r) => r.$6,
  (r) => r.$7,
  (r) => r.$8,
  (r) => r.$9,
  (r) => r.$10,
  (r) => r.$11,
  (r) => r.$12,
  (r) => r.$13,
  (r) => r.$14,
  (r) => r.$15,
  (r) => r.$16,
  (r) => r.$17,
  (r) => r.$18,
  (r) => r.$19,
  (r) => r.$20,
  (r) => r.$21,
  (r) => r.$22,
  (r) => r.$23,
  (r) => r.$24,
  (r) => r.$25,
  (r) => r.$26,
  (r) => r.$27,
  (r) => r.$28,
  (r) => r.$29,
  (r) => r.$30,
  (r) => r.$31,
  (r) => r.$32,
  (r) => r.$33,
  (r) => r.$34,
  (r) => r.$35,
  (r) => r.$36,
  (r) => r.$37,
  (r) => r.$38,
  (r) => r.$39,
  (r) => r.$40,
  (r) => r.$41,
  (r) => r.$42,
  (r) => r.$43,
  (r) => r.$44,
  (r) => r.$45,
  (r) => r.$46,
  (r) => r.$47,
  (r) => r.$48,
  (r) => r.$49,
  (r) => r.$50,
  (r) => r.$51,
  (r) => r.$52,
  (r) => r.$53,
  (r) => r.$54,
  (r) => r.$55,
  (r) => r.$56,
  (r) => r.$57,
  (r) => r.$58,
  (r) => r.$59,
  (r) => r.$60,
  (r) => r.$61,
  (r) => r.$62,
  (r) => r.$63,
];

/** Of the literal slots. */
// biome-ignore format: one line each
export const WRITERS: readonly Writer[] = [
  (r, v) => { r.$0 = v; },
  (r, v) => { r.$1 = v; },
  (r, v) => { r.$2 = v; },
  (r, v) => { r.$3 = v; },
  (r, v) => { r.$4 = v; },
  (r, v) => { r.$5 = v; },
  (r, v) => { r.$6 = v; },
  (r, v) => { r.$7 = v; },
  (r, v) => { r.$8 = v; },
  (r, v) => { r.$9 = v; },
  (r, v) => { r.$10 = v; },
  (r, v) => { r.$11 = v; },
  (r, v) => { r.$12 = v; },
  (r, v) => { r.$13 = v; },
  (r, v) => { r.$14 = v; },
  (r, v) => { r.$15 = v; },
  (r, v) => { r.$16 = v; },
  (r, v) => { r.$17 = v; },
  (r, v) => { r.$18 = v; },
  (r, v) => { r.$19 = v; },
  (r, v) => { r.$20 = v; },
  (r, v) => { r.$21 = v; },
  (r, v) => { r.$22 = v; },
  (r, v) => { r.$23 = v; },
  (r, v) => { r.$24 = v; },
  (r, v) => { r.$25 = v; },
  (r, v) => { r.$26 = v; },
  (r, v) => { r.$27 = v; },
  (r, v) => { r.$28 = v; },
  (r, v) => { r.$29 = v; },
  (r, v) => { r.$30 = v; },
  (r, v) => { r.$31 = v; },
  (r, v) => { r.$32 = v; },
  (r, v) => { r.$33 = v; },
  (r, v) => { r.$34 = v; },
  (r, v) => { r.$35 = v; },
  (r, v) => { r.$36 = v; },
  (r, v) => { r.$37 = v; },
  (r, v) => { r.$38 = v; },
  (r, v) => { r.$39 = v; },
  (r, v) => { r.$40 = v; },
  (r, v) => { r.$41 = v; },
  (r, v) => { r.$42 = v; },
  (r, v) => { r.$43 = v; },
  (r, v) => { r.$44 = v; },
  (r, v) => { r.$45 = v; },
  (r, v) => { r.$46 = v; },
  (r, v) => { r.$47 = v; },
  (r, v) => { r.$48 = v; },
  (r, v) => { r.$49 = v; },
  (r, v) => { r.$50 = v; },
  (r, v) => { r.$51 = v; },
  (r, v) => { r.$52 = v; },
  (r, v) => { r.$53 = v; },
  (r, v) => { r.$54 = v; },
  (r, v) => { r.$55 = v; },
  (r, v) => { r.$56 = v; },
  (r, v) => { r.$57 = v; },
  (r, v) => { r.$58 = v; },
  (r, v) => { r.$59 = v; },
  (r, v) => { r.$60 = v; },
  (r, v) => { r.$61 = v; },
  (r, v) => { r.$62 = v; },
  (r, v) => { r.$63 = v; },
];

// biome-ignore format: one line each
const GETTERS: readonly GetterMaker[] = [
  (unset) => function () { const v = this.$0; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$1; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$2; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$3; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$4; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$5; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$6; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$7; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$8; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$9; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$10; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$11; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$12; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$13; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$14; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$15; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$16; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$17; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$18; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$19; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$20; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$21; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$22; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$23; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$24; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$25; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$26; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$27; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$28; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$29; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$30; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$31; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$32; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$33; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$34; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$35; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$36; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$37; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$38; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$39; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$40; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$41; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$42; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$43; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$44; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$45; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$46; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$47; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$48; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$49; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$50; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$51; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$52; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$53; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$54; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$55; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$56; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$57; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$58; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$59; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$60; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$61; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$62; return v === undefined ? unset(this) : v; },
  (unset) => function () { const v = this.$63; return v === undefined ? unset(this) : v; },
];

/** Reads the value of a slot; undefined where there is none. */
export function readerOf(slot: number): Reader {
  return READERS[slot] ?? ((record) => record.$x?.[slot - LITERAL_SLOTS]);
}

/** Writes a slot, and nothing else. */
export function writerOf(slot: number): Writer {
  const literal = WRITERS[slot];
  if (literal !== undefined) return literal;
  return (record, value) => {
    if (record.$x !== undefined) record.$x[slot - LITERAL_SLOTS] = value;
  };
}

export function getterOf(slot: number, unset: (record: Slotted) => unknown): (this: Slotted) => unknown {
  const literal = GETTERS[slot];
  if (literal !== undefined) return literal(unset);
  return function () {
    const value = this.$x?.[slot - LITERAL_SLOTS];
    return value === undefined ? unset(this) : value;
  };
}
