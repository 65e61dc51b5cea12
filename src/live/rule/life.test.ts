import { describe, expect, test } from 'bun:test';
import { eventOf } from '../../../test/support/live-event.ts';
import { definitionOf, itemOf, units } from '../../../test/support/live-item.ts';
import { toMicros, ZERO_MICROS } from '../../core/money.ts';
import type { ItemState } from './item.ts';
import { isOver, newItem, nextAfter, nextMicros, statusAt } from './life.ts';
import { LIVE_LIMIT } from './limit.ts';

describe('a new item', () => {
  test('is active when no opening is set', () => {
    expect(newItem(definitionOf(), 'e', 5)).toMatchObject({ status: 'active', seq: 0, epoch: 'e' });
  });

  test('is scheduled until its opening', () => {
    const definition = definitionOf({}, { opensAtMs: 100 });
    expect(newItem(definition, 'e', 99).status).toBe('scheduled');
    expect(newItem(definition, 'e', 100).status).toBe('active');
  });

  test('ends when its definition says', () => {
    expect(newItem(definitionOf({}, { closesAtMs: 900 }), 'e', 5).endsAtMs).toBe(900);
  });
});

describe('the public status', () => {
  test('turns active by the clock', () => {
    const item = itemOf({}, { opensAtMs: 100 });
    expect(statusAt(item, 99)).toBe('scheduled');
    expect(statusAt(item, 100)).toBe('active');
  });

  test('never turns ended by the clock', () => {
    const item = itemOf({}, { closesAtMs: 100 });
    expect(isOver(item, 100)).toBe(true);
    expect(statusAt(item, 100)).toBe('active');
  });
});

describe('the next amount that would do', () => {
  test('is none when the item is over', () => {
    const item = itemOf({}, { closesAtMs: 100 });
    expect(nextMicros(item, 99)).toBe(units(50));
    expect(nextMicros(item, 100)).toBeNull();
  });

  test('is none when it would pass the largest price', () => {
    const largest = LIVE_LIMIT.priceMicros;
    const at = (micros: number) => ({
      ...itemOf(),
      leaderId: 'ann',
      priceMicros: toMicros(micros),
    });
    expect(nextMicros(at(largest), 0)).toBeNull();
    expect(nextMicros(at(largest - units(10) + 1), 0)).toBeNull();
    expect(nextMicros(at(largest - units(10)), 0)).toBe(toMicros(largest));
  });
});

describe('the next amount after an event', () => {
  /** Whatever came of the item since: only what never changes is looked at. */
  const item: ItemState = { ...itemOf({}, { closesAtMs: 1 }), status: 'ended', leaderId: 'cid' };
  const head = { eventId: 'e', itemId: 'L1', epoch: 'epoch1', seq: 1, atMs: 0 };

  test('of a bid is an increment over it', () => {
    expect(nextAfter(eventOf(1, { amountMicros: units(80) }), item)).toBe(units(90));
  });

  test('of a retraction follows the standing that it left', () => {
    const rest = { ...head, type: 'retract', retractedBidId: 'bid1', reserveMet: true } as const;
    const led = { ...rest, priceMicros: units(60), leaderId: 'ann' };
    expect(nextAfter(led, item)).toBe(units(70));
    const unled = { ...rest, priceMicros: ZERO_MICROS, leaderId: null };
    expect(nextAfter(unled, item)).toBe(units(50));
  });

  test('of a close is none', () => {
    const close = { ...head, type: 'close', outcome: 'sold', winnerId: 'ann' } as const;
    expect(nextAfter({ ...close, priceMicros: units(60) }, itemOf())).toBeNull();
  });
});
