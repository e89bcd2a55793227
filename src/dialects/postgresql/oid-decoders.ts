import { type ArrayText, readArrayText } from "./array-text.ts";
import { readTimestampText } from "./timestamp-text.ts";

type Decoder = (text: string) => unknown;

const bytes: Decoder = (text) => bytesOf(text);
const json: Decoder = (text) => JSON.parse(text);
const timestamp: Decoder = (text) => readTimestampText(text) ?? text;

/** A whole number: as `number` where that is exact, as `bigint` where it is not. */
function integer(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

/** By the number that PostgreSQL gives the type. Types that are not here stay text, `numeric` and `date` among them. */
const SCALARS: readonly (readonly [oid: number, arrayOid: number, decode: Decoder | null])[] = [
  [16, 1000, (text) => text === "t"], // bool
  [17, 1001, bytes], // bytea
  [20, 1016, integer], // int8
  [21, 1005, Number], // int2
  [23, 1007, Number], // int4
  [26, 1028, Number], // oid
  [700, 1021, Number], // float4
  [701, 1022, Number], // float8
  [114, 199, json], // json
  [3802, 3807, json], // jsonb
  [1114, 1115, timestamp], // timestamp
  [1184, 1185, timestamp], // timestamptz
  [18, 1002, null], // "char"
  [19, 1003, null], // name
  [25, 1009, null], // text
  [1042, 1014, null], // bpchar
  [1043, 1015, null], // varchar
  [1082, 1182, null], // date
  [1083, 1183, null], // time
  [1266, 1270, null], // timetz
  [1186, 1187, null], // interval
  [1700, 1231, null], // numeric
  [2950, 2951, null], // uuid
];

const DECODERS = new Map<number, Decoder>();
for (const [oid, arrayOid, decode] of SCALARS) {
  if (decode !== null) DECODERS.set(oid, decode);
  DECODERS.set(arrayOid, (text) => decodeElements(readArrayText(text), decode));
}

function decodeElements(elements: ArrayText, decode: Decoder | null): unknown[] {
  return elements.map((element) => {
    if (element === null) return null;
    if (typeof element !== "string") return decodeElements(element, decode);
    return decode === null ? element : decode(element);
  });
}

/** What makes a JavaScript value of the text of a column; null when the text is the value. */
export function decoderOf(oid: number): Decoder | null {
  return DECODERS.get(oid) ?? null;
}

/** The bytes that PostgreSQL writes as `\x00ff`. */
export function bytesOf(text: string): Uint8Array {
  const buffer = Buffer.from(text.slice(2), "hex");
  // A Buffer prints and compares unlike other Uint8Arrays.
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
