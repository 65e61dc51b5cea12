/**
 * Hits in the order of time, counted and linked by slot: the store of the sliding window.
 *
 * Everything is in typed arrays that double when they are full. A slot is a small number that
 * stands for a key; times must not decrease.
 */
import { present } from '../../../core/assert.ts';

const NONE = -1;
const FIRST_ENTRIES = 1024;

export type HitRing = {
  size(): number;
  add(slot: number, atMs: number): void;
  /** Takes off the oldest entry when it is at or before `limitMs`. @returns its slot */
  dropOldest(limitMs: number): number | undefined;
  count(slot: number): number;
  /** The time of the slot's oldest entry; only for a slot that has one. */
  oldestMs(slot: number): number;
};

export function createHitRing(): HitRing {
  // Per entry: its time, its slot, the index of the slot's next entry.
  let times = new Float64Array(FIRST_ENTRIES);
  let slots = new Int32Array(FIRST_ENTRIES);
  let nexts = new Int32Array(FIRST_ENTRIES);
  let head = 0;
  let size = 0;
  // Per slot: the number of entries, and the indexes of the first and the last.
  let counts = new Int32Array(FIRST_ENTRIES);
  let firsts = new Int32Array(FIRST_ENTRIES);
  let lasts = new Int32Array(FIRST_ENTRIES);

  /** Unrolls the ring into arrays of twice the length; every index moves down by the old head. */
  function growEntries(): void {
    const length = times.length;
    const moved = (place: number) => (place === NONE ? NONE : (place - head + length) % length);
    times = unrolled(times, new Float64Array(2 * length), head);
    slots = unrolled(slots, new Int32Array(2 * length), head);
    nexts = unrolled(nexts, new Int32Array(2 * length), head).map(moved);
    firsts = firsts.map(moved);
    lasts = lasts.map(moved);
    head = 0;
  }

  function growSlots(slot: number): void {
    while (slot >= counts.length) {
      counts = unrolled(counts, new Int32Array(2 * counts.length), 0);
      firsts = unrolled(firsts, new Int32Array(2 * firsts.length), 0);
      lasts = unrolled(lasts, new Int32Array(2 * lasts.length), 0);
    }
  }

  /** A slot that never had an entry may lie behind the arrays. */
  function count(slot: number): number {
    return counts[slot] ?? 0;
  }

  function add(slot: number, atMs: number): void {
    if (size === times.length) growEntries();
    if (slot >= counts.length) growSlots(slot);
    const place = (head + size++) % times.length;
    times[place] = atMs;
    slots[place] = slot;
    nexts[place] = NONE;
    if (counts[slot] === 0) firsts[slot] = place;
    else nexts[numberIn(lasts, slot)] = place;
    lasts[slot] = place;
    counts[slot] = count(slot) + 1;
  }

  function dropOldest(limitMs: number): number | undefined {
    if (size === 0 || numberIn(times, head) > limitMs) return undefined;
    const slot = numberIn(slots, head);
    counts[slot] = count(slot) - 1;
    firsts[slot] = numberIn(nexts, head);
    head = (head + 1) % times.length;
    size--;
    return slot;
  }

  return {
    size: () => size,
    add,
    dropOldest,
    count,
    oldestMs: (slot) => numberIn(times, numberIn(firsts, slot)),
  };
}

function numberIn(numbers: Float64Array | Int32Array, index: number): number {
  return present(numbers[index], 'an entry of the ring');
}

function unrolled<Numbers extends Float64Array | Int32Array>(
  from: Numbers,
  into: Numbers,
  head: number,
): Numbers {
  into.set(from.subarray(head));
  into.set(from.subarray(0, head), from.length - head);
  return into;
}
