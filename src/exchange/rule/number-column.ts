/**
 * A column of whole numbers as bytes: groups of seven bits, the lowest first.
 *
 * Numbers range from 0 to the largest safe integer. Reading trusts the bytes: they come from a
 * store that only this writer fills.
 */
import { present } from '../../core/assert.ts';

/** A safe integer takes eight groups of seven bits. */
const BYTES_PER_NUMBER = 8;
const GROUP = 128;
const INT32_END = 2 ** 31;

export type NumberColumn = {
  /** Makes room for `count` numbers: `put` does not check. */
  reserve(numbers: number): void;
  put(value: number): void;
  byteCount(): number;
  /** A view that is valid until the next `reserve`, `put` or `clear`. */
  bytes(): Uint8Array;
  clear(): void;
};

/** @param firstBytes the initial size; it doubles whenever needed. */
export function createNumberColumn(firstBytes: number): NumberColumn {
  let bytes = new Uint8Array(firstBytes);
  let end = 0;
  return {
    reserve(numbers) {
      const needed = end + numbers * BYTES_PER_NUMBER;
      if (needed <= bytes.length) return;
      const grown = new Uint8Array(Math.max(needed, bytes.length * 2));
      grown.set(bytes);
      bytes = grown;
    },
    put(value) {
      let high = value;
      for (; high >= INT32_END; high = Math.floor(high / GROUP))
        bytes[end++] = (high % GROUP) | GROUP;
      let low = high | 0;
      for (; low >= GROUP; low >>>= 7) bytes[end++] = (low & (GROUP - 1)) | GROUP;
      bytes[end++] = low;
    },
    byteCount: () => end,
    bytes: () => bytes.subarray(0, end),
    clear() {
      end = 0;
    },
  };
}

/** @returns a function that reads one number after the other. */
export function createNumberReader(bytes: Uint8Array): () => number {
  let place = 0;
  return () => {
    let value = 0;
    for (let weight = 1; ; weight *= GROUP) {
      const byte = present(bytes[place++], 'a number of the column');
      value += (byte % GROUP) * weight;
      if (byte < GROUP) return value;
    }
  };
}
