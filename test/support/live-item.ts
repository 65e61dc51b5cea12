/** Items and bids for tests of the live rules, in whole units of money. */
import fc from 'fast-check';
import { MICROS_PER_UNIT, type Micros, toMicros } from '../../src/core/money.ts';
import type {
  Decision,
  ItemDefinition,
  ItemPolicy,
  ItemState,
  PlaceBid,
} from '../../src/live/rule/item.ts';
import { newItem } from '../../src/live/rule/life.ts';
import { placeBid } from '../../src/live/rule/place.ts';

export function units(amount: number): Micros {
  return toMicros(amount * MICROS_PER_UNIT);
}

/** Starts at 50 with increments of 10, takes maxima, and ends only by hand. */
export const PLAIN_POLICY: ItemPolicy = {
  startMicros: units(50),
  increment: { kind: 'fixed', amountMicros: units(10) },
  reserveMicros: null,
  buyNowMicros: null,
  proxy: true,
  softClose: null,
  maskBidders: false,
};

export function definitionOf(
  policy: Partial<ItemPolicy> = {},
  times: Partial<ItemDefinition> = {},
): ItemDefinition {
  return {
    itemId: 'L1',
    name: 'A lamp',
    policy: { ...PLAIN_POLICY, ...policy },
    opensAtMs: null,
    closesAtMs: null,
    ...times,
  };
}

export function itemOf(
  policy: Partial<ItemPolicy> = {},
  times: Partial<ItemDefinition> = {},
): ItemState {
  return newItem(definitionOf(policy, times), 'epoch1', 0);
}

export type Wish = { userId: string; amount?: number; max?: number; buyNow?: boolean };

/** A wish in units as the `index`-th bid. */
export function bidOf({ userId, amount, max, buyNow = false }: Wish, index = 1): PlaceBid {
  return {
    bidId: `bid${index}`,
    eventId: `event${index}`,
    userId,
    amountMicros: amount === undefined ? null : units(amount),
    maxMicros: max === undefined ? null : units(max),
    buyNow,
  };
}

export type Step = { before: ItemState; bid: PlaceBid; decision: Decision };

/** Places the bids one after another, one millisecond apart unless `stepMs` says otherwise. */
export function play(item: ItemState, wishes: readonly Wish[], stepMs = 1): Step[] {
  let before = item;
  return wishes.map((wish, index) => {
    const bid = bidOf(wish, index + 1);
    const step = { before, bid, decision: placeBid(before, bid, (index + 1) * stepMs) };
    if (step.decision.accepted) before = step.decision.state;
    return step;
  });
}

/** The state after all of `steps`. */
export function lastState(item: ItemState, steps: readonly Step[]): ItemState {
  const last = steps.findLast((step) => step.decision.accepted);
  return last?.decision.accepted ? last.decision.state : item;
}

const amount = fc.integer({ min: 1, max: 60 }).map((tens) => tens * 5);

export const wishes: fc.Arbitrary<Wish[]> = fc.array(
  fc.oneof(
    fc.record({ userId: fc.constantFrom('ann', 'ben', 'cid'), amount }),
    fc.record({ userId: fc.constantFrom('ann', 'ben', 'cid'), max: amount }),
    fc.record({ userId: fc.constantFrom('ann', 'ben', 'cid'), amount, max: amount }),
  ),
  { maxLength: 25 },
);

const increment: fc.Arbitrary<ItemPolicy['increment']> = fc.oneof(
  fc.record({ kind: fc.constant('fixed' as const), amountMicros: amount.map(units) }),
  fc.record({
    kind: fc.constant('percent' as const),
    basisPoints: fc.integer({ min: 1, max: 3_000 }),
    leastMicros: fc.integer({ min: 1, max: 20 }).map(units),
  }),
  fc.constant<ItemPolicy['increment']>({
    kind: 'ladder',
    steps: [
      { belowMicros: units(60), incrementMicros: units(2) },
      { belowMicros: units(150), incrementMicros: units(7) },
      { belowMicros: null, incrementMicros: units(20) },
    ],
  }),
);

/** Policies of every kind of increment, with and without a reserve. */
export const policies: fc.Arbitrary<Partial<ItemPolicy>> = fc.record({
  startMicros: amount.map(units),
  increment,
  reserveMicros: fc.option(amount.map(units), { nil: null }),
});
