/** Properties of every auction, for any impressions, answers and seeds. */
import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  anyAuction,
  anyEvent,
  anyImp,
  anyTerms,
  silenceOf,
} from '../../../test/support/auction.ts';
import { type Micros, toMicros } from '../../core/money.ts';
import { type Answer, type Imp, type ImpResult, REASONS } from './auction.ts';
import { decide, replay } from './decide.ts';

const TEN = 10;
/** Keeps ten times an amount a safe integer. */
const anySmall = fc.integer({ min: 0, max: 1_000 }).map((cents) => toMicros(cents * 10_000));

function wonEntry(result: ImpResult) {
  return result.entries.find(({ reason }) => reason === 'highest_bid');
}

function byBidder(result: ImpResult): ImpResult {
  const entries = result.entries.toSorted((left, right) =>
    left.bidderId < right.bidderId ? -1 : 1,
  );
  return { ...result, entries };
}

function tenfold(amount: Micros): Micros {
  return toMicros(amount * TEN);
}

function tenfoldImp(imp: Imp): Imp {
  return {
    ...imp,
    floorMicros: tenfold(imp.floorMicros),
    incrementMicros: tenfold(imp.incrementMicros),
  };
}

function tenfoldAnswer<One extends Answer>(answer: One): One {
  return { ...answer, priceMicros: tenfold(answer.priceMicros) };
}

describe('every auction', () => {
  test('clears from the floor to the winning bid', () => {
    fc.assert(
      fc.property(anyAuction, ({ imp, answers, terms }) => {
        const result = decide(imp, answers, terms);
        const won = wonEntry(result);
        expect(result.winnerId).toBe(won?.bidderId ?? null);
        expect(result.clearingMicros === null).toBe(won === undefined);
        if (won === undefined || result.clearingMicros === null) return;
        expect(result.clearingMicros).toBeGreaterThanOrEqual(imp.floorMicros);
        expect(result.clearingMicros).toBeLessThanOrEqual(won.priceMicros);
      }),
    );
  });

  test('sells to a bid that no other bid in time exceeds', () => {
    fc.assert(
      fc.property(anyAuction, ({ imp, answers, terms }) => {
        const result = decide(imp, answers, terms);
        const won = wonEntry(result);
        const lost = result.entries.filter(({ reason }) => reason === 'outbid');
        expect(lost.length > 0 && won === undefined).toBe(false);
        for (const { priceMicros, latencyUs } of lost) {
          const behind = priceMicros < (won?.priceMicros ?? 0);
          expect(behind || latencyUs >= (won?.latencyUs ?? 0)).toBe(true);
          expect(priceMicros).toBeLessThanOrEqual(won?.priceMicros ?? 0);
        }
      }),
    );
  });

  test('prices the winner by the best other bid and by nothing else', () => {
    fc.assert(
      fc.property(anyAuction, ({ imp, answers, terms }) => {
        const result = decide({ ...imp, auctionType: 'second-price' }, answers, terms);
        const won = wonEntry(result);
        if (won === undefined) return;
        const others = result.entries.filter(({ reason }) => reason === 'outbid');
        const pressed = others.map(({ priceMicros }) => priceMicros + imp.incrementMicros);
        const asked = Math.max(imp.floorMicros, ...pressed);
        expect(Number(result.clearingMicros)).toBe(Math.min(won.priceMicros, asked));
      }),
    );
  });

  test('does not depend on the order of the answers', () => {
    const shuffled = anyAuction.chain((auction) =>
      fc.record({
        auction: fc.constant(auction),
        answers: fc.shuffledSubarray(auction.answers, { minLength: auction.answers.length }),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ auction: { imp, answers, terms }, answers: other }) => {
        expect(byBidder(decide(imp, other, terms))).toEqual(byBidder(decide(imp, answers, terms)));
      }),
    );
  });

  test('ends each bidder once, and bids = won + lost + rejected + late', () => {
    fc.assert(
      fc.property(anyAuction, ({ imp, answers, terms }) => {
        const { entries } = decide(imp, answers, terms);
        expect(entries.map(({ bidderId }) => bidderId)).toEqual(answers.map((a) => a.bidderId));
        const bids = entries.filter(({ outcome }) => outcome === 'bid');
        const states = bids.map(({ reason }) => REASONS[reason].state);
        const count = (state: string) => states.filter((other) => other === state).length;
        const late = count('timeout');
        expect(count('won') + count('lost') + count('rejected') + late).toBe(bids.length);
        expect(count('won')).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('is not changed by a bidder that does not bid', () => {
    const anySilence = fc.constantFrom('no-bid', 'timeout', 'error');
    fc.assert(
      fc.property(anyAuction, anySilence, ({ imp, answers, terms }, outcome) => {
        const before = decide(imp, answers, terms);
        const after = decide(imp, [silenceOf('silent bidder', outcome), ...answers], terms);
        expect<ImpResult>({ ...after, entries: after.entries.slice(1) }).toEqual(before);
      }),
    );
  });

  test('clears at ten times the price for ten times the prices and floors', () => {
    const anyBid = fc.record({ priceMicros: anySmall, latencyUs: fc.nat({ max: 3 }) });
    fc.assert(
      fc.property(
        fc.record({ imp: anyImp, floor: anySmall, increment: anySmall, terms: anyTerms }),
        fc.array(anyBid, { maxLength: 8 }),
        ({ imp: any, floor, increment, terms }, bids) => {
          const imp = { ...any, floorMicros: floor, incrementMicros: increment };
          const answers = bids.map((bid, index) => ({
            bidderId: `bidder${index}`,
            outcome: 'bid' as const,
            ...bid,
          }));
          const one = decide(imp, answers, terms);
          expect(decide(tenfoldImp(imp), answers.map(tenfoldAnswer), terms)).toEqual({
            imp: tenfoldImp(imp),
            entries: one.entries.map(tenfoldAnswer),
            winnerId: one.winnerId,
            clearingMicros: one.clearingMicros === null ? null : tenfold(one.clearingMicros),
          });
        },
      ),
    );
  });

  test('is decided the same from its event alone', () => {
    fc.assert(fc.property(anyEvent, (event) => expect(replay(event)).toEqual(event.results)));
  });
});
