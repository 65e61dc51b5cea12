import { describe, expect, test } from 'bun:test';
import { eventsOf } from '../../test/support/live-event.ts';
import { historyPage } from './history-page.ts';

describe('historyPage', () => {
  test('shows a whole history to its end', () => {
    const span = { afterSeq: 0, limit: 10, headSeq: 3 };
    expect(historyPage(eventsOf(1, 3), span)).toEqual({
      events: eventsOf(1, 3),
      missing: [],
      nextAfterSeq: null,
    });
  });

  test('names the seqs of a hole and goes on behind it', () => {
    const found = [...eventsOf(1, 3), ...eventsOf(6, 7)];
    expect(historyPage(found, { afterSeq: 0, limit: 10, headSeq: 7 })).toEqual({
      events: found,
      missing: [4, 5],
      nextAfterSeq: null,
    });
  });

  test('names what the book has decided behind the last that the archive has', () => {
    expect(historyPage(eventsOf(1, 3), { afterSeq: 0, limit: 10, headSeq: 5 })).toMatchObject({
      missing: [4, 5],
      nextAfterSeq: null,
    });
  });

  test('a page spans as many seqs as it may hold, however wide the hole is', () => {
    const span = { limit: 4, headSeq: 1_000_000 };
    const found = [...eventsOf(1, 2), ...eventsOf(999_999, 1_000_000)];
    expect(historyPage(found, { ...span, afterSeq: 0 })).toEqual({
      events: eventsOf(1, 2),
      missing: [3, 4],
      nextAfterSeq: 4,
    });
    expect(historyPage(eventsOf(999_999, 1_000_000), { ...span, afterSeq: 4 })).toEqual({
      events: [],
      missing: [5, 6, 7, 8],
      nextAfterSeq: 8,
    });
  });

  test('events that are newer than the book was when it was asked belong to the page', () => {
    expect(historyPage(eventsOf(1, 4), { afterSeq: 0, limit: 10, headSeq: 2 })).toMatchObject({
      events: { length: 4 },
      missing: [],
    });
  });

  test('nothing is missing after the end', () => {
    expect(historyPage([], { afterSeq: Number.MAX_SAFE_INTEGER, limit: 10, headSeq: 5 })).toEqual({
      events: [],
      missing: [],
      nextAfterSeq: null,
    });
  });
});
