import type { TupleKey } from "./tuple.ts";

const SMALLEST = 16;

/**
 * A map by tuple keys, which are mostly whole numbers: those lie in flat tables. A `Map` keeps an object for each number
 * that is not small and searches a few times as long, and a large flush looks up every row.
 */
export class TupleMap<V> {
  readonly #others = new Map<TupleKey, V>();
  readonly #values: V[] = [];
  #numbers = new Float64Array(0);
  /** One more than the position of the value; 0: there is none. */
  #positions = new Int32Array(0);
  readonly #expected: number;

  /** @param expected as many entries as there mostly are */
  constructor(expected: number) {
    this.#expected = expected;
  }

  get size(): number {
    return this.#values.length + this.#others.size;
  }

  get(key: TupleKey): V | undefined {
    if (!isWhole(key)) return this.#others.get(key);
    if (this.#values.length === 0) return undefined;
    const position = this.#positions[this.#find(key)] as number; // `#find` stays within the tables
    return position === 0 ? undefined : this.#values[position - 1];
  }

  set(key: TupleKey, value: V): void {
    if (!isWhole(key)) {
      this.#others.set(key, value);
      return;
    }
    const { length } = this.#values;
    if (length * 2 >= this.#positions.length) this.#grow();
    const at = this.#find(key);
    const position = this.#positions[at] as number; // as above
    if (position > 0) this.#values[position - 1] = value;
    else {
      this.#numbers[at] = key;
      this.#positions[at] = length + 1;
      this.#values.push(value);
    }
  }

  /** Where the number is, or belongs: half of the places are free, so that the search ends. */
  #find(key: number): number {
    const last = this.#positions.length - 1;
    let at = hash(key) & last;
    while (this.#positions[at] !== 0 && this.#numbers[at] !== key) at = (at + 1) & last;
    return at;
  }

  #grow(): void {
    const [numbers, positions] = [this.#numbers, this.#positions];
    let size = Math.max(SMALLEST, positions.length * 2);
    while (positions.length === 0 && size < this.#expected * 2) size *= 2;
    this.#numbers = new Float64Array(size);
    this.#positions = new Int32Array(size);
    for (let i = 0; i < positions.length; i++) {
      if (positions[i] === 0) continue;
      const at = this.#find(numbers[i] as number); // `i` counts them
      this.#numbers[at] = numbers[i] as number; // as above
      this.#positions[at] = positions[i] as number; // as above
    }
  }
}

function isWhole(key: TupleKey): key is number {
  return typeof key === "number" && Number.isInteger(key);
}

/** Eight numbers in a row stay together, since keys that are near each other are asked for one after the other. */
function hash(key: number): number {
  const line = Math.floor(key / 8);
  // The finalizer of MurmurHash3, which brings every bit into the lower ones.
  let mixed = (line | 0) ^ Math.imul(Math.floor(line / 2 ** 32), 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) << 3) | (key & 7);
}
