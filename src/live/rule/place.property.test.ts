import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  bidOf,
  itemOf,
  lastState,
  play,
  policies,
  type Step,
  units,
  type Wish,
  wishes,
} from '../../../test/support/live-item.ts';
import { toMicros } from '../../core/money.ts';
import type { BidEvent, ItemPolicy, ItemState } from './item.ts';
import { placeBid } from './place.ts';

/** Plays random bids on an item of a random policy and checks each step. */
function always(check: (step: Step, index: number) => void): void {
  fc.assert(
    fc.property(policies, wishes, (policy, list) => {
      play(itemOf(policy), list).forEach(check);
    }),
    { numRuns: 500 },
  );
}

function bidEvents(steps: readonly Step[]): BidEvent[] {
  const events = steps.flatMap(({ decision }) => (decision.accepted ? decision.events : []));
  return events.filter((event) => event.type === 'bid');
}

describe('whatever is bid', () => {
  test('prices strictly rise and seq has no gap', () => {
    fc.assert(
      fc.property(policies, wishes, (policy, list) => {
        let priceMicros = 0;
        bidEvents(play(itemOf(policy), list)).forEach((event, index) => {
          expect(event.seq).toBe(index + 1);
          expect(event.previousMicros).toBe(toMicros(priceMicros));
          expect(event.amountMicros).toBeGreaterThan(priceMicros);
          priceMicros = event.amountMicros;
        });
      }),
    );
  });

  test('an accepted bid makes one event exactly when it moves the price', () => {
    always(({ before, decision }) => {
      if (!decision.accepted) return;
      const moved = decision.state.priceMicros > before.priceMicros;
      expect(decision.events).toHaveLength(moved ? 1 : 0);
      expect(decision.state.seq - before.seq).toBe(decision.events.length);
    });
  });

  test('the earliest of those who offered most leads, within that offer', () => {
    fc.assert(
      fc.property(policies, wishes, (policy, list) => {
        let best = { userId: '', offer: 0 };
        for (const { decision } of play(itemOf(policy), list)) {
          if (!decision.accepted) continue;
          const { userId, maxMicros, amountMicros } = decision.record;
          const offer = maxMicros ?? amountMicros ?? 0;
          if (offer > best.offer) best = { userId, offer };
          const { leaderId, leaderMaxMicros, priceMicros } = decision.state;
          expect({ userId: leaderId, offer: leaderMaxMicros as number }).toEqual(best);
          expect(priceMicros).toBeLessThanOrEqual(leaderMaxMicros);
        }
      }),
    );
  });

  test('an accepted visible amount is never undercut', () => {
    always(({ bid, decision }) => {
      if (decision.accepted && decision.events.length > 0) {
        expect(decision.state.priceMicros).toBeGreaterThanOrEqual(bid.amountMicros ?? 0);
      }
    });
  });

  test('a refused amount was below the next one, which would have done', () => {
    always(({ before, bid, decision }) => {
      if (decision.accepted || decision.nextMicros === null) return;
      if (decision.code === 'bid_too_low') {
        expect(bid.amountMicros ?? 0).toBeLessThan(decision.nextMicros);
      }
      const next = { ...bid, amountMicros: decision.nextMicros, maxMicros: null };
      expect(placeBid(before, next, 1)).toMatchObject({ accepted: true });
    });
  });
});

describe('between maxima', () => {
  test('raising the own maximum never raises the price, but to the reserve', () => {
    const by = fc.integer({ min: 1, max: 500 });
    fc.assert(
      fc.property(policies, wishes, by, (policy, list, more) => {
        const item = itemOf(policy);
        const state = lastState(item, play(item, list));
        if (state.leaderId === null) return;
        const bid = {
          ...bidOf({ userId: state.leaderId }),
          maxMicros: toMicros(state.leaderMaxMicros + units(more)),
        };
        const decision = placeBid(state, bid, 1);
        if (!decision.accepted) return;
        const { priceMicros } = decision.state;
        expect([state.priceMicros, policy.reserveMicros ?? null]).toContain(priceMicros);
      }),
    );
  });

  test('of equal maxima the earlier leads at that maximum', () => {
    // Above every start price, reserve and first increment of the policies.
    const maxima = fc.integer({ min: 700, max: 900 });
    fc.assert(
      fc.property(policies, maxima, (policy, max) => {
        const ann = { userId: 'ann', max };
        const ben = { userId: 'ben', max };
        expect(play(itemOf(policy), [ann, ben]).at(-1)?.decision).toMatchObject({
          outbidByProxy: true,
          state: { leaderId: 'ann', priceMicros: units(max) },
        });
      }),
    );
  });
});

describe('the rule is pure:', () => {
  test('a decision never changes what it was given', () => {
    always(({ before, bid }) => {
      const item = deepFreeze(structuredClone(before));
      expect(() => placeBid(item, Object.freeze({ ...bid }), 1)).not.toThrow();
    });
  });

  test('the same bid on the same item gives the same decision', () => {
    always(({ before, bid, decision }, index) => {
      expect(placeBid(before, bid, index + 1)).toEqual(decision);
    });
  });
});

describe('with fixed increments', () => {
  test('ten times the money gives ten times the prices', () => {
    fc.assert(
      fc.property(wishes, (list) => {
        const reserveMicros = units(150);
        const scaled = bidEvents(play(itemOf(timesTen({ reserveMicros })), list.map(wishTimesTen)));
        const plain = bidEvents(play(itemOf({ reserveMicros }), list));
        expect(scaled.map((event) => [event.userId, event.amountMicros])).toEqual(
          plain.map((event) => [event.userId, toMicros(event.amountMicros * 10)]),
        );
      }),
    );
  });
});

describe('no event tells', () => {
  test('a maximum that stands above the price', () => {
    always(({ decision }) => {
      if (!decision.accepted || decision.state.leaderMaxMicros === decision.state.priceMicros)
        return;
      expect(decision.events.flatMap(numbersIn)).not.toContain(decision.state.leaderMaxMicros);
    });
  });

  test('a reserve that is not met', () => {
    always(({ before, decision }) => {
      const { reserveMicros } = before.policy;
      if (!decision.accepted || decision.state.priceMicros >= (reserveMicros ?? 0)) return;
      expect(decision.events.flatMap(numbersIn)).not.toContain(reserveMicros ?? -1);
    });
  });

  test('more than the named facts', () => {
    const names = 'amountMicros atMs beaten bidId byProxy endsAtMs epoch eventId itemId';
    const rest = 'previousMicros reserveMet seq type userId';
    always(({ decision }) => {
      for (const event of decision.accepted ? decision.events : []) {
        expect(Object.keys(event).sort().join(' ')).toBe(`${names} ${rest}`);
      }
    });
  });
});

function timesTen(policy: Partial<ItemPolicy> & { reserveMicros: number }): Partial<ItemPolicy> {
  return {
    startMicros: units(500),
    increment: { kind: 'fixed', amountMicros: units(100) },
    reserveMicros: toMicros(policy.reserveMicros * 10),
  };
}

function wishTimesTen({ userId, amount, max }: Wish): Wish {
  return {
    userId,
    ...(amount === undefined ? {} : { amount: amount * 10 }),
    ...(max === undefined ? {} : { max: max * 10 }),
  };
}

function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}

function deepFreeze(item: ItemState): ItemState {
  const freeze = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  };
  freeze(item);
  return item;
}
