import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { bidOf, PLAIN_POLICY, units } from '../../../test/support/live-item.ts';
import type { Standing } from './item.ts';
import { settle } from './standing.ts';

const LED: Standing = { priceMicros: units(100), leaderId: 'ann', leaderMaxMicros: units(200) };

describe('counting an accepted bid again', () => {
  test('that is under the price by now leaves the price', () => {
    const { standing, outbid } = settle(LED, bidOf({ userId: 'ben', amount: 80 }), PLAIN_POLICY);
    expect(standing).toEqual(LED);
    expect(outbid).toEqual({ userId: 'ben', amountMicros: units(80) });
  });

  test('gives the lead to whoever offered more, though it is less than an increment', () => {
    const bid = bidOf({ userId: 'ben', amount: 201 });
    expect(settle(LED, bid, PLAIN_POLICY).standing).toEqual({
      priceMicros: units(201),
      leaderId: 'ben',
      leaderMaxMicros: units(201),
    });
  });

  test('never lets the price fall, nor pass the maximum of the leader', () => {
    const amounts = fc.tuple(fc.integer({ min: 50, max: 400 }), fc.integer({ min: 0, max: 100 }));
    const users = fc.constantFrom('ann', 'ben');
    fc.assert(
      fc.property(users, amounts, fc.boolean(), (userId, [amount, more], visible) => {
        const wish = { userId, max: amount + more, ...(visible ? { amount } : {}) };
        const { standing } = settle(LED, bidOf(wish), PLAIN_POLICY);
        expect(standing.priceMicros).toBeGreaterThanOrEqual(LED.priceMicros);
        expect(standing.priceMicros).toBeLessThanOrEqual(standing.leaderMaxMicros);
      }),
    );
  });
});
