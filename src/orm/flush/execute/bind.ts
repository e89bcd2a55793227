import type { Dialect, Processor } from "../../../engine/dialect.ts";
import type { Column } from "../../../schema/index.ts";
import { GeneratedValue, type RowImage, resolve } from "../decompose/operation.ts";

/** Makes parameters of the values of some columns, as the driver wants them. */
export class Binder {
  readonly #positions: readonly number[];
  /** Null where the driver takes values as they are. */
  readonly #encoders: readonly (Processor | null)[];

  constructor(dialect: Dialect, columns: readonly Column<unknown>[]) {
    this.#positions = columns.map(({ index }) => index);
    this.#encoders = columns.map(({ sqlType }) => dialect.bindProcessor(sqlType));
  }

  /** Appends what a row has in the columns. */
  pushImage(parameters: unknown[], image: RowImage): void {
    for (let i = 0; i < this.#positions.length; i++) {
      // `i` counts them
      parameters.push(bound(image[this.#positions[i] as number], this.#encoders[i] as Processor | null));
    }
  }

  /** The parameters of a part of a flat list of whole rows, in which values are known and in the order of the columns. */
  parametersOf(values: readonly unknown[], start: number, end: number): unknown[] {
    const parameters = values.slice(start, end);
    const encoders = this.#encoders;
    for (let i = 0; i < encoders.length; i++) {
      const encode = encoders[i] as Processor | null; // `i` counts them
      if (encode === null) continue;
      for (let at = i; at < parameters.length; at += encoders.length) {
        const value = parameters[at];
        if (value !== null) parameters[at] = encode(value);
      }
    }
    return parameters;
  }

  /** Appends a row of a flat list, in which values are known and in the order of the columns. */
  pushRow(parameters: unknown[], values: readonly unknown[], start: number): void {
    const encoders = this.#encoders;
    for (let i = 0; i < encoders.length; i++) {
      const value = values[start + i];
      const encode = encoders[i] as Processor | null; // `i` counts them
      parameters.push(value === null || value === undefined || encode === null ? value : encode(value));
    }
  }

  /** Appends values that are given in the order of the columns. */
  pushValues(parameters: unknown[], values: readonly unknown[]): void {
    for (let i = 0; i < this.#positions.length; i++)
      parameters.push(bound(values[i], this.#encoders[i] as Processor | null)); // `i` counts them
  }
}

function bound(value: unknown, encode: Processor | null): unknown {
  const known = value instanceof GeneratedValue ? resolve(value) : value;
  if (known === null || known === undefined) return null;
  return encode === null ? known : encode(known);
}

/** The values of one row, by the types of columns. */
export function boundValues(
  dialect: Dialect,
  types: readonly Column<unknown>[],
  values: readonly unknown[],
): unknown[] {
  const parameters: unknown[] = [];
  new Binder(dialect, types).pushValues(parameters, values);
  return parameters;
}
