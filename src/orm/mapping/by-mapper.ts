import { configurations, mapperOf } from "./configuration.ts";
import { DECLARATION, type Declaration } from "./declaration.ts";
import type { Mapper } from "./mapper.ts";

/**
 * Facts about classes, worked out once each, and again when further classes were configured: those may add to them.
 * Objects mostly come in runs of one class: the last one is found without a look-up.
 */
export class ByMapper<Facts> {
  readonly #derive: (mapper: Mapper) => Facts;
  #known = new WeakMap<Mapper, Facts>();
  #configurations = -1;
  #last: Mapper | null = null;
  #lastFacts: Facts | null = null;

  constructor(derive: (mapper: Mapper) => Facts) {
    this.#derive = derive;
  }

  /** Those about the class of an object. */
  ofObject(object: object): Facts {
    // As in mapperOf(), without a step in between.
    const mapper = (object as { readonly [DECLARATION]?: Declaration })[DECLARATION]?.mapper;
    const isLast = mapper === this.#last && this.#configurations === configurations.count;
    return isLast && this.#lastFacts !== null ? this.#lastFacts : this.of(mapperOf(object));
  }

  of(mapper: Mapper): Facts {
    const isCurrent = this.#configurations === configurations.count;
    if (mapper === this.#last && this.#lastFacts !== null && isCurrent) return this.#lastFacts;
    if (!isCurrent) {
      this.#known = new WeakMap();
      this.#configurations = configurations.count;
    }
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
