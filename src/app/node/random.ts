/** Where a node's chance comes from: its SEED, or the system when there is none. */
import { createRandom, type Random } from '../../core/random.ts';
import type { Config } from '../setting/config.ts';

const UINT32 = 2 ** 32;

export function randomOf({ seed }: Pick<Config, 'seed'>): Random {
  return createRandom(seed ?? systemRandom().seed());
}

/** For ids: they must differ between two starts, also of one SEED. */
export function systemRandom(): Random {
  const draw = () => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const next = () => draw() / UINT32;
  return { next, seed: draw, integer: (low, high) => low + Math.floor(next() * (high - low + 1)) };
}
