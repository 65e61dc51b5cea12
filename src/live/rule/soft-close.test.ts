import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { itemOf } from '../../../test/support/live-item.ts';
import type { SoftClose } from './item.ts';
import { endAfterBid } from './soft-close.ts';

function endAfter(nowMs: number, softClose: SoftClose | null, endsAtMs = 1_000): number | null {
  return endAfterBid(itemOf({ softClose }, { closesAtMs: endsAtMs }), nowMs);
}

const SOFT: SoftClose = { windowMs: 100, extendMs: 200, absoluteEndMs: null };

describe('a soft close', () => {
  test('moves the end when a bid comes in the window', () => {
    expect(endAfter(950, SOFT)).toBe(1_150);
  });

  test('counts a bid at the very start of the window', () => {
    expect(endAfter(900, SOFT)).toBe(1_100);
    expect(endAfter(899, SOFT)).toBe(1_000);
  });

  test('stops at the absolute end', () => {
    expect(endAfter(950, { ...SOFT, absoluteEndMs: 1_060 })).toBe(1_060);
  });

  test('leaves the end of an item that has none, or no soft close', () => {
    expect(endAfterBid(itemOf({ softClose: SOFT }), 5)).toBeNull();
    expect(endAfter(950, null)).toBe(1_000);
  });

  test('never shortens and never passes the absolute end', () => {
    const span = fc.integer({ min: 1, max: 2_000 });
    const spans = fc.record({ windowMs: span, extendMs: span, beyondMs: span, nowMs: span });
    fc.assert(
      fc.property(spans, ({ windowMs, extendMs, beyondMs, nowMs }) => {
        const endsAtMs = 2_000;
        const absoluteEndMs = endsAtMs + beyondMs;
        const end = endAfter(nowMs, { windowMs, extendMs, absoluteEndMs }, endsAtMs);
        expect(end).toBeGreaterThanOrEqual(endsAtMs);
        expect(end).toBeLessThanOrEqual(absoluteEndMs);
      }),
    );
  });
});
