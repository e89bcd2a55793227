import type { Mapper } from "../mapping/index.ts";

/**
 * Facts about classes, worked out once each. Objects mostly come in runs of one class: the last one is found without a
 * look-up.
 */
export class ByMapper<Facts> {
  readonly #derive: (mapper: Mapper) => Facts;
  readonly #known = new WeakMap<Mapper, Facts>();
  #last: Mapper | null = null;
  #lastFacts: Facts | null = null;

  constructor(derive: (mapper: Mapper) => Facts) {
    this.#derive = derive;
  }

  of(mapper: Mapper): Facts {
    if (mapper === this.#last && this.#lastFacts !== null) return this.#lastFacts;
    let facts = this.#known.get(mapper);
    if (facts === undefined) {
      facts = this.#derive(mapper);
      this.#known.set(mapper, facts);
    }
    this.#last = mapper;
    this.#lastFacts = facts;
    return facts;
  }
}
