/** Auctions for tests: small builders, and any auction for properties. Amounts are in units. */
import fc from 'fast-check';
import { LIMIT } from '../../src/core/limit.ts';
import { type Micros, microsFromDecimal, toMicros, ZERO_MICROS } from '../../src/core/money.ts';
import {
  type Answer,
  AUCTION_KINDS,
  type AuctionEvent,
  type AuctionTerms,
  type Imp,
  type ImpResult,
  OUTCOMES,
  type Outcome,
} from '../../src/exchange/rule/auction.ts';
import { decide } from '../../src/exchange/rule/decide.ts';
import { createEventBatch } from '../../src/exchange/rule/event-batch.ts';
import { EXCHANGE_LIMIT } from '../../src/exchange/rule/limit.ts';
import { AUCTION_TYPES } from '../../src/exchange/rule/supply.ts';

export const TERMS: AuctionTerms = { tmaxMs: 200, seed: 7 };

export function units(amount: number): Micros {
  const value = microsFromDecimal(amount);
  if (value === undefined) throw new RangeError(`${amount} has no whole number of micros`);
  return value;
}

export function impOf(wish: Partial<Imp> = {}): Imp {
  return {
    supplyId: 'supply1',
    country: 'US',
    floorMicros: units(0.1),
    auctionType: 'first-price',
    incrementMicros: units(0.01),
    ...wish,
  };
}

export function bidOf(bidderId: string, amount: number, latencyMs = 10): Answer {
  return { bidderId, outcome: 'bid', priceMicros: units(amount), latencyUs: latencyMs * 1000 };
}

export function silenceOf(bidderId: string, outcome: Exclude<Outcome, 'bid'>): Answer {
  return { bidderId, outcome, priceMicros: ZERO_MICROS, latencyUs: 10_000 };
}

export function resultOf(imp: Imp, ...answers: readonly Answer[]): ImpResult {
  return decide(imp, answers, TERMS);
}

export function eventOf(auctionId: string, ...results: readonly ImpResult[]): AuctionEvent {
  return {
    auctionId,
    kind: 'supply',
    atMs: 1_767_225_600_000,
    catalogVersion: 1,
    ...TERMS,
    results,
  };
}

/** What a spool needs to keep these events in one commit. */
export function bytesOf(...events: readonly AuctionEvent[]): number {
  const batch = createEventBatch();
  for (const event of events) batch.add(event);
  return batch.bytes();
}

const anyId = fc.stringMatching(/^[A-Za-z0-9_.:-]{1,12}$/);
const anyCountry = fc.option(fc.stringMatching(/^[A-Z]{2}$/), { nil: null });

/** Small amounts tie often; large ones reach the bound. */
const anyMicros = fc
  .oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 6 }).map((cents) => cents * 10_000) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: LIMIT.priceMicros }) },
  )
  .map(toMicros);

export const anyTerms: fc.Arbitrary<AuctionTerms> = fc.record({
  tmaxMs: fc.integer({ min: 1, max: EXCHANGE_LIMIT.tmaxMs }),
  seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
});

export const anyImp: fc.Arbitrary<Imp> = fc.record({
  supplyId: anyId,
  country: anyCountry,
  floorMicros: anyMicros,
  auctionType: fc.constantFrom(...AUCTION_TYPES),
  incrementMicros: anyMicros,
});

const anyAnswer: fc.Arbitrary<Answer> = fc
  .record({
    bidderId: anyId,
    outcome: fc.constantFrom<Outcome[]>('bid', 'bid', 'bid', ...OUTCOMES),
    priceMicros: fc.oneof(
      { weight: 9, arbitrary: anyMicros },
      { weight: 1, arbitrary: fc.integer({ min: -1_000_000, max: -1 }).map(toMicros) },
    ),
    // Mostly in time and often equal, sometimes around the longest tmax.
    latencyUs: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 11_000_000 })),
  })
  .map((answer) => (answer.outcome === 'bid' ? answer : { ...answer, priceMicros: ZERO_MICROS }));

/** One answer per bidder. */
export const anyAnswers: fc.Arbitrary<Answer[]> = fc.uniqueArray(anyAnswer, {
  selector: ({ bidderId }) => bidderId,
  maxLength: 12,
});

export const anyAuction = fc.record({ imp: anyImp, answers: anyAnswers, terms: anyTerms });

const anyHead = fc.record({
  auctionId: anyId,
  kind: fc.constantFrom(...AUCTION_KINDS),
  atMs: fc.integer({ min: 0, max: 4_102_444_800_000 }),
  catalogVersion: fc.nat(),
});

export const anyEvent: fc.Arbitrary<AuctionEvent> = fc
  .record({
    head: anyHead,
    terms: anyTerms,
    sold: fc.uniqueArray(fc.record({ imp: anyImp, answers: anyAnswers }), {
      selector: ({ imp }) => imp.supplyId,
      maxLength: 4,
    }),
  })
  .map(({ head, terms, sold }) => ({
    ...head,
    ...terms,
    results: sold.map(({ imp, answers }) => decide(imp, answers, terms)),
  }));
