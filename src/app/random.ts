/** Where a node's chance comes from: its SEED, or the system when there is none. */
import { createRandom, type Random } from '../core/random.ts';
import type { Config } from './config.ts';

export function randomOf({ seed }: Pick<Config, 'seed'>): Random {
  const [drawn = 0] = crypto.getRandomValues(new Uint32Array(1));
  return createRandom(seed ?? drawn);
}
