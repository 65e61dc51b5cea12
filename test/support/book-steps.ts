/** Random commands to an item book, for tests that compare two books. */
import fc from 'fast-check';
import { type Micros, toMicros } from '../../src/core/money.ts';
import { DOLLAR, findCurrency } from '../../src/live/rule/currency.ts';
import { DEFINITION_LIMIT } from '../../src/live/rule/definition.ts';
import type { IncrementPolicy, ItemPolicy } from '../../src/live/rule/item.ts';
import { LIVE_LIMIT } from '../../src/live/rule/limit.ts';

export const STEP_ITEMS = ['L1', 'L:2'] as const;

type ItemId = (typeof STEP_ITEMS)[number];

export type PlaceStep = {
  readonly itemId: ItemId;
  readonly userId: string;
  readonly amountMicros: Micros | null;
  readonly maxMicros: Micros | null;
  readonly buyNow: boolean;
  readonly idempotencyKey: string | null;
};

export type OpenStep = {
  readonly kind: 'open';
  readonly itemId: ItemId;
  readonly name: string;
  readonly policy: ItemPolicy;
  /** From now on. */
  readonly opensInMs: number | null;
  readonly closesInMs: number | null;
};

export type BookStep =
  | OpenStep
  | { readonly kind: 'place'; readonly bids: readonly PlaceStep[]; readonly atOnce: boolean }
  | { readonly kind: 'close'; readonly itemId: ItemId; readonly force: boolean }
  /** Retracts the bid that is so many places from the newest. */
  | { readonly kind: 'retract'; readonly itemId: ItemId; readonly bidsAgo: number }
  | {
      readonly kind: 'remove';
      readonly itemId: ItemId;
      readonly unwanted: { readonly userId: string; readonly ban: boolean };
    }
  | { readonly kind: 'advance'; readonly ms: number };

const itemId = fc.constantFrom(...STEP_ITEMS);
const userId = fc.constantFrom('ann', 'ben', 'cid:1', 'dé "x" \\ \u2028');

/** In steps, so that amounts meet often; now and then a cent beside, which yen do not have. */
const STEP_MICROS = 10_000_000;
const micros = fc
  .tuple(fc.integer({ min: 1, max: 40 }), fc.constantFrom(0, 0, 0, 0, 0, 10_000))
  .map(([steps, odd]) => toMicros(steps * STEP_MICROS + odd));
const fewMicros = fc.integer({ min: 1, max: 3 }).map((steps) => toMicros(steps * STEP_MICROS));

const maybe = (amount: fc.Arbitrary<Micros>) => fc.option(amount, { nil: null });

const increment: fc.Arbitrary<IncrementPolicy> = fc.oneof(
  fc.record({ kind: fc.constant('fixed' as const), amountMicros: fewMicros }),
  fc.record({
    kind: fc.constant('percent' as const),
    basisPoints: fc.oneof(
      fc.integer({ min: 1, max: 200 }).map((tens) => tens * 10),
      fc.integer({ min: 1, max: DEFINITION_LIMIT.incrementBasisPoints }),
    ),
    leastMicros: fc.constantFrom(1, 10_000, STEP_MICROS).map(toMicros),
  }),
  fc
    .tuple(
      fc.uniqueArray(micros, { minLength: 2, maxLength: 6, size: 'max' }),
      fc.array(fewMicros, { minLength: 7, maxLength: 7 }),
    )
    .map(([belows, increments]): IncrementPolicy => {
      const bounds = [...belows.toSorted((left, right) => left - right), null];
      const steps = increments.toSorted((left, right) => left - right);
      return {
        kind: 'ladder',
        steps: bounds.map((belowMicros, index) => ({
          belowMicros,
          incrementMicros: steps[index] ?? toMicros(1),
        })),
      };
    }),
);

/** In steps too, so that something is done at the very end. */
const span = fc.integer({ min: 1, max: 6 }).map((steps) => steps * 50);

/** The API would refuse some of them: the book has to agree with the rule on any. */
const policy: fc.Arbitrary<ItemPolicy> = fc.record({
  startMicros: fewMicros,
  increment,
  reserveMicros: maybe(micros),
  buyNowMicros: maybe(micros),
  proxy: fc.integer({ min: 0, max: 4 }).map((die) => die > 0),
  softClose: fc.option(
    fc.record({
      windowMs: span,
      extendMs: span,
      absoluteEndMs: fc.option(
        fc.integer({ min: 1, max: 18 }).map((steps) => steps * 50),
        { nil: null },
      ),
    }),
    { nil: null },
  ),
  maskBidders: fc.boolean(),
  currency: fc.constantFrom(
    ...['USD', 'USD', 'JPY', 'KWD'].map((code) => findCurrency(code) ?? DOLLAR),
  ),
});

const open: fc.Arbitrary<OpenStep> = fc.record({
  kind: fc.constant('open' as const),
  itemId,
  name: fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
  policy,
  opensInMs: fc.option(fc.constantFrom(-50, 0, 50, 100), { nil: null, freq: 2 }),
  closesInMs: fc.option(
    fc.integer({ min: 1, max: 12 }).map((steps) => steps * 50),
    { nil: null },
  ),
});

const place: fc.Arbitrary<PlaceStep> = fc.record({
  itemId,
  userId,
  amountMicros: maybe(micros),
  maxMicros: maybe(micros),
  buyNow: fc.integer({ min: 0, max: 19 }).map((die) => die === 0),
  idempotencyKey: fc.option(fc.constantFrom('k:1', 'k2'), { nil: null, freq: 3 }),
});

const step: fc.Arbitrary<BookStep> = fc.oneof(
  { weight: 1, arbitrary: open },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('place' as const),
      bids: fc.array(place, { minLength: 1, maxLength: 12, size: 'max' }),
      atOnce: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('close' as const), itemId, force: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('retract' as const),
      itemId,
      bidsAgo: fc.integer({ min: 0, max: 9 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('remove' as const),
      itemId,
      unwanted: fc.record({ userId, ban: fc.integer({ min: 0, max: 3 }).map((die) => die === 0) }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: span }) },
);

/**
 * Both items are opened at first; an `open` behind that meets a taken id. One time in four all
 * amounts but the increments are next to the largest price.
 */
export const bookSteps: fc.Arbitrary<BookStep[]> = fc
  .tuple(
    open,
    open,
    fc.array(step, { minLength: 1, maxLength: 25, size: 'max' }),
    fc.constantFrom(0, 0, 0, 1),
  )
  .map(([first, second, steps, isHigh]) => {
    const all: BookStep[] = [
      { ...first, itemId: STEP_ITEMS[0] },
      { ...second, itemId: STEP_ITEMS[1] },
      ...steps,
    ];
    return isHigh === 1
      ? all.map((one) => raised(one, LIVE_LIMIT.priceMicros - 41 * STEP_MICROS))
      : all;
  });

function raised(step: BookStep, byMicros: number): BookStep {
  const more = <Amount extends Micros | null>(amount: Amount) =>
    (amount === null ? null : toMicros(amount + byMicros)) as Amount;
  switch (step.kind) {
    case 'open': {
      const { startMicros, reserveMicros, buyNowMicros } = step.policy;
      const amounts = {
        startMicros: more(startMicros),
        reserveMicros: more(reserveMicros),
        buyNowMicros: more(buyNowMicros),
      };
      return { ...step, policy: { ...step.policy, ...amounts } };
    }
    case 'place':
      return {
        ...step,
        bids: step.bids.map((bid) => ({
          ...bid,
          amountMicros: more(bid.amountMicros),
          maxMicros: more(bid.maxMicros),
        })),
      };
    default:
      return step;
  }
}
