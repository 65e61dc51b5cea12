import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { eventOf, eventsOf } from '../../../test/support/live-event.ts';
import { itemOf } from '../../../test/support/live-item.ts';
import type { ItemEvent, ItemState } from '../rule/item.ts';
import { createFeed } from './feed.ts';

const HELD = 3;

function stateAt(seq: number, epoch = 'epoch1'): ItemState {
  return { ...itemOf(), epoch, seq };
}

function feedAt(seq: number) {
  const feed = createFeed(HELD);
  feed.restart(stateAt(seq));
  return feed;
}

function seqs(events: readonly ItemEvent[]): number[] {
  return events.map(({ seq }) => seq);
}

describe('a feed', () => {
  test('returns an event that follows, and none that was placed before', () => {
    const feed = feedAt(2);
    expect(seqs(feed.take(eventOf(3)))).toEqual([3]);
    expect(feed.take(eventOf(3))).toEqual([]);
    expect(feed.take(eventOf(1))).toEqual([]);
    expect(feed.hasGap()).toBe(false);
    expect(feed.at()).toEqual({ epoch: 'epoch1', seq: 3 });
  });

  test('holds an event that is ahead until the event before it comes', () => {
    const feed = feedAt(0);
    expect(feed.take(eventOf(2))).toEqual([]);
    expect(feed.take(eventOf(3))).toEqual([]);
    expect(feed.hasGap()).toBe(true);
    expect(seqs(feed.take(eventOf(1)))).toEqual([1, 2, 3]);
    expect(feed.hasGap()).toBe(false);
  });

  test('holds everything before its start, and returns what follows that', () => {
    const feed = createFeed(HELD);
    for (const event of eventsOf(1, 3)) expect(feed.take(event)).toEqual([]);
    expect(feed.hasGap()).toBe(false);
    expect(feed.at()).toBeNull();
    expect(seqs(feed.restart(stateAt(1)))).toEqual([2, 3]);
  });

  test('still has a gap behind a start that is not far enough', () => {
    const feed = createFeed(HELD);
    feed.take(eventOf(3));
    expect(feed.restart(stateAt(1))).toEqual([]);
    expect(feed.hasGap()).toBe(true);
    expect(seqs(feed.fill(eventOf(2)))).toEqual([2, 3]);
  });

  test('holds no more events than its bound', () => {
    const feed = feedAt(0);
    for (const event of eventsOf(2, 2 + HELD)) feed.take(event);
    expect(seqs(feed.take(eventOf(1)))).toEqual([1, 2, 3, 4]);
    expect(feed.hasGap()).toBe(false);
  });

  test('treats an event of another history as a gap, and never places it', () => {
    const feed = feedAt(3);
    expect(feed.take(eventOf(4, { epoch: 'epoch0' }))).toEqual([]);
    expect(feed.hasGap()).toBe(true);
    feed.drop();
    expect(feed.hasGap()).toBe(false);
    expect(seqs(feed.take(eventOf(4)))).toEqual([4]);
  });

  test('drops events that do not fill the gap', () => {
    const feed = feedAt(3);
    expect(feed.fill(eventOf(5))).toEqual([]);
    expect(feed.fill(eventOf(4, { epoch: 'epoch0' }))).toEqual([]);
    expect(feed.hasGap()).toBe(false);
  });

  test('is behind an item with a later seq or another history', () => {
    const feed = feedAt(3);
    expect(feed.isBehind(stateAt(3))).toBe(false);
    expect(feed.isBehind(stateAt(4))).toBe(true);
    expect(feed.isBehind(stateAt(1, 'epoch2'))).toBe(true);
  });

  test('returns each event once and by rising seq, in any order of arrival', () => {
    const order = fc.shuffledSubarray(eventsOf(1, 8), { minLength: 8 });
    const twice = fc.tuple(order, order).map((both) => both.flat());
    fc.assert(
      fc.property(twice, (events) => {
        const feed = createFeed(events.length);
        feed.restart(stateAt(0));
        const placed = seqs(events.flatMap(feed.take));
        expect(placed).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      }),
    );
  });
});
