/** A spool that only counts positions, for statistics that do not read it. */
import type { Spool } from '../../src/exchange/port/spool.ts';

export function createCountingSpool(): Spool {
  let position = 0;
  return {
    append: () => ++position,
    find: async () => null,
    read: () => [],
    flush: async () => {},
    reader: () => {
      throw new Error('nobody reads it');
    },
  };
}
