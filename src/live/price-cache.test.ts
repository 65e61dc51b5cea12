import { describe, expect, test } from 'bun:test';
import { definitionOf, units } from '../../test/support/live-item.ts';
import { createLiveStage } from '../../test/support/live-stage.ts';
import { createManualClock } from '../../test/support/manual-clock.ts';
import { settled } from '../../test/support/test-hub.ts';
import type { PlaceRequest } from './port/item-book.ts';
import { openPriceCache, PRICE_CACHE_LIMIT, type PriceCacheLimit } from './price-cache.ts';
import type { ItemDefinition } from './rule/item.ts';

const PLAIN = { itemId: 'L1', userId: 'zoe', maxMicros: null, buyNow: false, idempotencyKey: null };

function plain(amount: number, more: Partial<PlaceRequest> = {}): PlaceRequest {
  return { ...PLAIN, amountMicros: units(amount), ...more };
}

type FollowedOptions = {
  readonly life?: Partial<ItemDefinition>;
  readonly limit?: Partial<PriceCacheLimit>;
};

/** A cache that follows L1, whose price is 60; `reads` names the items that were read for it. */
async function followed({ life, limit }: FollowedOptions = {}) {
  const clock = createManualClock();
  const stage = createLiveStage(clock);
  const reads: string[] = [];
  const gate = { passes: Promise.resolve() };
  const cache = await openPriceCache({
    bus: stage.bus,
    clock,
    limit: { ...PRICE_CACHE_LIMIT, ...limit },
    read: async (itemId) => {
      reads.push(itemId);
      const state = await stage.book.read(itemId);
      await gate.passes;
      return state;
    },
  });
  async function follow(itemId: string): Promise<void> {
    cache.follow(itemId);
    await settled();
  }
  await stage.open(definitionOf({}, life));
  await stage.bid('ann', 60);
  await follow('L1');
  return { clock, stage, cache, reads, gate, follow };
}

describe('a price cache', () => {
  test('refuses a bid at or under the price that it has seen, and says so', async () => {
    const { cache } = await followed();
    for (const amount of [59, 60]) {
      expect(cache.refuse(plain(amount))).toMatchObject({
        kind: 'refused',
        code: 'bid_too_low',
        seq: 1,
        priceMicros: units(60),
        nextMicros: units(70),
        isHighest: false,
        cached: true,
      });
    }
  });

  test('leaves to the book what may win, and what it does not follow', async () => {
    const { cache } = await followed();
    expect(cache.refuse(plain(61))).toBeNull();
    expect(cache.refuse(plain(1, { itemId: 'L2' }))).toBeNull();
  });

  test('leaves maxima, buy now and keys to the book', async () => {
    const { cache } = await followed();
    for (const more of [
      { maxMicros: units(50) },
      { buyNow: true },
      { idempotencyKey: 'k' },
      { amountMicros: null },
    ]) {
      expect(cache.refuse(plain(50, more))).toBeNull();
    }
  });

  test('follows the bus: prices, retractions and the end', async () => {
    const { cache, stage } = await followed();
    await stage.bid('ben', 90);
    expect(cache.refuse(plain(80))).toMatchObject({ seq: 2, priceMicros: units(90) });
    await stage.book.retract('L1', { unwanted: { bidId: 'bid2' }, eventId: 'back' });
    await stage.relay();
    expect(cache.refuse(plain(80))).toBeNull();
    expect(cache.refuse(plain(60))).toMatchObject({ seq: 3, priceMicros: units(60) });
    await stage.close();
    expect(cache.refuse(plain(999))).toMatchObject({ code: 'ended', seq: 4, nextMicros: null });
  });

  test('tells the end that a close has set, as the book does', async () => {
    const { cache, stage, clock } = await followed({
      life: { closesAtMs: createManualClock().nowMs() + 60_000 },
    });
    await stage.close();
    const state = await stage.book.read('L1');
    expect(state?.endsAtMs).toBeLessThanOrEqual(clock.nowMs());
    expect(cache.refuse(plain(60))).toMatchObject({ endsAtMs: state?.endsAtMs ?? 0 });
  });

  test('does not use what it has seen too long ago', async () => {
    const { cache, clock } = await followed();
    clock.advance(PRICE_CACHE_LIMIT.sightMs);
    expect(cache.refuse(plain(60))).not.toBeNull();
    clock.advance(1);
    expect(cache.refuse(plain(60))).toBeNull();
  });

  test('forgets an item whose history was lost', async () => {
    const { cache, stage } = await followed();
    const [event] = stage.events;
    if (event === undefined) throw new Error('no event');
    await stage.bus.publish([{ ...event, epoch: 'another', seq: 1 }]);
    expect(cache.refuse(plain(60))).toBeNull();
  });

  test('says nothing at the end of an item that is still to be closed', async () => {
    const { cache, clock } = await followed({
      life: { closesAtMs: createManualClock().nowMs() + 100 },
    });
    expect(cache.refuse(plain(60))).not.toBeNull();
    clock.advance(100);
    expect(cache.refuse(plain(60))).toBeNull();
  });

  test('forgets all when the bus may have lost something', async () => {
    const { cache, stage } = await followed();
    stage.reconnect();
    expect(cache.refuse(plain(60))).toBeNull();
  });

  test('does not take an older state for news', async () => {
    const { cache, stage, gate, clock } = await followed();
    clock.advance(PRICE_CACHE_LIMIT.sightMs / 2);
    const read = Promise.withResolvers<void>();
    gate.passes = read.promise;
    cache.follow('L1');
    await stage.bid('ben', 90);
    read.resolve();
    await settled();
    expect(cache.refuse(plain(80))).toMatchObject({ seq: 2, priceMicros: units(90) });
  });

  test('reads an item again when half of the time of its sight is over, not before', async () => {
    const { reads, clock, follow } = await followed();
    clock.advance(PRICE_CACHE_LIMIT.sightMs / 2 - 1);
    await follow('L1');
    expect(reads).toEqual(['L1']);
    clock.advance(1);
    await follow('L1');
    expect(reads).toEqual(['L1', 'L1']);
  });

  test('keeps no more items than it may: the one not seen for longest goes', async () => {
    const { cache, stage, follow } = await followed({ limit: { items: 2 } });
    for (const itemId of ['L2', 'L3']) {
      await stage.open(definitionOf({}, { itemId }));
      await stage.bid('ann', 60, itemId);
      if (itemId === 'L3') await stage.bid('ben', 70);
      await follow(itemId);
    }
    const refused = ['L1', 'L2', 'L3'].map(
      (itemId) => cache.refuse(plain(60, { itemId })) !== null,
    );
    expect(refused).toEqual([true, false, true]);
  });

  test('reads each item once at a time, and no more of them than it may', async () => {
    const { reads, gate, follow } = await followed({ limit: { reads: 2 } });
    const read = Promise.withResolvers<void>();
    gate.passes = read.promise;
    for (const itemId of ['L2', 'L2', 'L3', 'L4']) await follow(itemId);
    expect(reads).toEqual(['L1', 'L2', 'L3']);
    read.resolve();
    await settled();
    await follow('L4');
    expect(reads).toEqual(['L1', 'L2', 'L3', 'L4']);
  });

  test('forgets an item that cannot be read', async () => {
    const { cache, gate, clock, follow } = await followed();
    clock.advance(PRICE_CACHE_LIMIT.sightMs / 2);
    expect(cache.refuse(plain(60))).not.toBeNull();
    gate.passes = Promise.reject(new Error('the book is away'));
    await follow('L1');
    expect(cache.refuse(plain(60))).toBeNull();
  });
});
