import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { anyEvent, bidOf, eventOf, impOf, resultOf } from '../../../test/support/auction.ts';
import { AssertionError } from '../../core/assert.ts';
import { LIMIT } from '../../core/limit.ts';
import { toMicros } from '../../core/money.ts';
import { type AuctionEvent, OUTCOMES, REASONS, type Reason } from './auction.ts';
import { createEventBatch, type EventColumns, readEventColumns } from './event-batch.ts';
import { EXCHANGE_LIMIT } from './limit.ts';

const NAMES = Object.keys(REASONS) as Reason[];

function columnsOf(events: readonly AuctionEvent[]): EventColumns {
  const batch = createEventBatch();
  for (const event of events) batch.add(event);
  return batch.columns();
}

function readBack(...events: readonly AuctionEvent[]): AuctionEvent[] {
  return [...readEventColumns(columnsOf(events))];
}

function eventOfMany(bidders: number): AuctionEvent {
  const answers = Array.from({ length: bidders }, (_, index) => bidOf(`bidder${index}`, 0.5));
  const imps = Array.from({ length: 100 }, (_, index) => impOf({ supplyId: `supply${index}` }));
  return eventOf('auc_many', ...imps.map((imp) => resultOf(imp, ...answers)));
}

describe('a batch of events', () => {
  test('returns any events, in the order they were added', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 8 }), (events) => {
        expect(readBack(...events)).toEqual(events);
      }),
    );
  });

  test('returns an auction without impressions, country, bidders or winner', () => {
    const nothing = eventOf('auc_1');
    const unsold = eventOf('auc_2', resultOf(impOf({ country: null })));
    expect(readBack(nothing, unsold)).toEqual([nothing, unsold]);
  });

  test('returns every outcome with every reason', () => {
    const entries = OUTCOMES.flatMap((outcome) =>
      NAMES.map((reason) => ({ ...bidOf(`${outcome}:${reason}`, 0.5), outcome, reason })),
    );
    const event = eventOf('auc_1', { imp: impOf(), entries, winnerId: null, clearingMicros: null });
    expect(readBack(event)).toEqual([event]);
  });

  test('returns the greatest numbers exactly', () => {
    const greatest = toMicros(LIMIT.priceMicros * 2);
    const answer = {
      ...bidOf('a', 1),
      priceMicros: greatest,
      latencyUs: EXCHANGE_LIMIT.tmaxMs * 1000,
    };
    const imp = impOf({ floorMicros: greatest, incrementMicros: greatest });
    const event = { ...eventOf('auc_1', resultOf(imp, answer)), seed: 2 ** 32 - 1, atMs: 4e12 };
    expect(readBack(event)).toEqual([event]);
  });

  test('returns a negative bid, and everything after it', () => {
    const below = eventOf('auc_1', resultOf(impOf(), bidOf('a', -1), bidOf('b', 0.5)));
    const next = eventOf('auc_2', resultOf(impOf(), bidOf('a', 0.5)));
    expect(readBack(below, next)).toEqual([below, next]);
  });

  test('grows with the events that it holds', () => {
    const batch = createEventBatch(1);
    const events = Array.from({ length: 5 }, () => eventOfMany(100));
    for (const event of events) batch.add(event);
    expect([...readEventColumns(batch.columns())]).toEqual(events);
  });

  test('reports how many events and bytes it holds', () => {
    const batch = createEventBatch();
    expect([batch.count(), batch.bytes()]).toEqual([0, 0]);
    batch.add(eventOf('auc_1', resultOf(impOf(), bidOf('a', 0.5))));
    batch.add(eventOf('auc_2', resultOf(impOf(), bidOf('a', 0.5))));
    const { ids, names, numbers } = batch.columns();
    expect(batch.count()).toBe(2);
    expect(batch.bytes()).toBe(
      'auc_1auc_2'.length + names.replaceAll('\n', '').length + numbers.length,
    );
    expect(ids).toBe('auc_1\nauc_2');
  });

  test('writes a name once, however often it occurs', () => {
    const event = eventOf('auc_1', resultOf(impOf(), bidOf('a', 0.5), bidOf('b', 0.6)));
    expect(columnsOf([event, event]).names.split('\n').toSorted()).toEqual(
      columnsOf([event]).names.split('\n').toSorted(),
    );
  });

  test('is empty once cleared', () => {
    const batch = createEventBatch();
    batch.add(eventOfMany(3));
    batch.clear();
    expect([batch.count(), batch.bytes()]).toEqual([0, 0]);
    expect([...readEventColumns(batch.columns())]).toEqual([]);
    const event = eventOf('auc_2', resultOf(impOf(), bidOf('z', 0.5)));
    batch.add(event);
    expect([...readEventColumns(batch.columns())]).toEqual([event]);
  });

  test('is read from bytes that lie anywhere in memory', () => {
    const event = eventOf('auc_1', resultOf(impOf(), bidOf('a', 0.5)));
    const { numbers, ...texts } = columnsOf([event]);
    const elsewhere = new Uint8Array(numbers.length + 3);
    elsewhere.set(numbers, 3);
    const columns = { ...texts, numbers: elsewhere.subarray(3) };
    expect([...readEventColumns(columns)]).toEqual([event]);
  });

  test('that is cut off is a fault, never an event', () => {
    const { numbers, ...texts } = columnsOf([eventOf('auc_1', resultOf(impOf(), bidOf('a', 0.5)))]);
    for (let end = 1; end < numbers.length; end++) {
      const cut = { ...texts, numbers: numbers.subarray(0, end) };
      expect(() => [...readEventColumns(cut)]).toThrow(AssertionError);
    }
    expect(() => [...readEventColumns({ ...texts, names: 'supply1', numbers })]).toThrow(
      AssertionError,
    );
  });
});
