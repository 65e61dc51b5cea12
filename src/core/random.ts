/**
 * Seeded randomness: the same seed draws the same numbers on every engine, so an auction can be
 * rerun.
 *
 * sfc32, a small fast generator of good quality; not for secrets.
 */
export type Random = {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [low, high], both included. */
  integer(low: number, high: number): number;
  /** A fresh seed for another generator: an unsigned 32-bit integer. */
  seed(): number;
};

const UINT32 = 2 ** 32;
const WARM_UP_ROUNDS = 12;

export function createRandom(seed: number): Random {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = seed | 0;
  let counter = 1;

  function uint32(): number {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  }

  // The first outputs of neighbouring seeds are similar until the state has been mixed.
  for (let round = 0; round < WARM_UP_ROUNDS; round++) uint32();

  return {
    next: () => uint32() / UINT32,
    integer: (low, high) => low + Math.floor((uint32() / UINT32) * (high - low + 1)),
    seed: uint32,
  };
}

/** A pure hash of a seed and a text (FNV-1a with a final mix), as an unsigned 32-bit integer. */
export function seededHash(seed: number, text: string): number {
  let hash = (seed ^ 0x811c9dc5) >>> 0;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b3c6d) >>> 0;
}
