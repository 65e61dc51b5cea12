import { describe, expect, test } from 'bun:test';
import { definitionOf, itemOf, units } from '../../../test/support/live-item.ts';
import { LIMIT } from '../../core/limit.ts';
import { toMicros } from '../../core/money.ts';
import { isOver, newItem, nextMicros, statusAt } from './life.ts';

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
    const item = { ...itemOf(), leaderId: 'ann', priceMicros: toMicros(LIMIT.priceMicros) };
    expect(nextMicros(item, 0)).toBeNull();
  });
});
