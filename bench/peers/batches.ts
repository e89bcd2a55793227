/** Parts of a list, in order; 1,000 rows a statement is what peers that leave it to their user are fastest with. */
export function* inBatches<T>(all: readonly T[], size = 1_000): Generator<T[]> {
  for (let i = 0; i < all.length; i += size) yield all.slice(i, i + size);
}
