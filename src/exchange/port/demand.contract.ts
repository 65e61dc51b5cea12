/**
 * The contract of `Demand` drivers, whether the bidders behind them are fast, slow, silent or
 * broken.
 */
import { describe, expect, test } from 'bun:test';
import { impOf, units } from '../../../test/support/auction.ts';
import { systemClock } from '../../core/clock.ts';
import { createDeadline, type Deadline } from '../../core/deadline.ts';
import type { BidderAnswer, CalledBidder, Demand, Offer } from './demand.ts';

export type DemandUnderTest = AsyncDisposable & {
  readonly demand: Demand;
  /** One per way in which a bidder behind this driver may behave. */
  readonly called: readonly CalledBidder[];
};

const TMAX_MS = 60;
/** How late an answer may be on a busy machine. */
const MARGIN_MS = 30;
/** An hour: a call that ends earlier was not ended by the deadline. */
const FAR_MS = 3_600_000;
const US_PER_MS = 1000;
const ROUNDS = 40;

function offerOf(impCount: number): Offer {
  const imps = Array.from({ length: impCount }, (_, index) =>
    impOf({ supplyId: `supply${index}` }),
  );
  return { auctionId: 'auc_1', imps };
}

function deadlineOf(tmaxMs: number, hangUp?: AbortSignal): Deadline {
  return createDeadline(systemClock, tmaxMs, () => hangUp);
}

/** A deadline with `spentMs` spent before the call. */
function spentDeadline(tmaxMs: number, spentMs: number): Deadline {
  const deadline = deadlineOf(tmaxMs);
  return {
    ...deadline,
    elapsedMs: () => deadline.elapsedMs() + spentMs,
    remainingMs: () => deadline.remainingMs() - spentMs,
  };
}

type Calls = { readonly offer?: Offer; readonly deadline: () => Deadline };

/** Calls every bidder many times concurrently. */
function callMany(under: DemandUnderTest, { offer, deadline }: Calls): Promise<BidderAnswer[]> {
  const offered = offer ?? offerOf(3);
  const rounds = Array.from({ length: ROUNDS }, () => under.called).flat();
  return Promise.all(rounds.map((one) => under.demand.call(offered, one, deadline())));
}

function expectShape(answer: BidderAnswer, impCount: number): void {
  expect(['bids', 'no-bid', 'timeout', 'error']).toContain(answer.kind);
  expect(Number.isSafeInteger(answer.latencyUs) && answer.latencyUs >= 0).toBe(true);
  if (answer.kind !== 'bids') return;
  for (const { impIndex, priceMicros } of answer.bids) {
    expect(Number.isInteger(impIndex) && impIndex >= 0 && impIndex < impCount).toBe(true);
    expect(Number.isSafeInteger(priceMicros)).toBe(true);
  }
}

export function demandContract(name: string, open: () => Promise<DemandUnderTest>): void {
  describe(`a bidder called by ${name}`, () => {
    test('answers by the deadline or is a timeout, never later', async () => {
      await using under = await open();
      const startedMs = systemClock.elapsedMs();
      const answers = await callMany(under, { deadline: () => deadlineOf(TMAX_MS) });
      expect(systemClock.elapsedMs() - startedMs).toBeLessThan(TMAX_MS + MARGIN_MS);
      for (const { kind, latencyUs } of answers) {
        if (kind === 'bids' || kind === 'no-bid') {
          expect(latencyUs).toBeLessThanOrEqual(TMAX_MS * US_PER_MS);
        }
      }
    });

    test('keeps to the time that is left of a deadline', async () => {
      await using under = await open();
      const startedMs = systemClock.elapsedMs();
      await callMany(under, { deadline: () => spentDeadline(FAR_MS, FAR_MS - TMAX_MS) });
      await callMany(under, { deadline: () => spentDeadline(TMAX_MS, TMAX_MS + 5) });
      expect(systemClock.elapsedMs() - startedMs).toBeLessThan(TMAX_MS + MARGIN_MS);
    });

    test('gives answers in the shape of the port', async () => {
      await using under = await open();
      for (const impCount of [1, 100]) {
        const offer = offerOf(impCount);
        const answers = await callMany(under, { offer, deadline: () => deadlineOf(TMAX_MS) });
        for (const answer of answers) expectShape(answer, impCount);
      }
    });

    test('has no bid when nothing is for sale', async () => {
      await using under = await open();
      const offer = offerOf(0);
      const answers = await callMany(under, { offer, deadline: () => deadlineOf(TMAX_MS) });
      for (const answer of answers)
        expect(answer.kind === 'bids' && answer.bids.length > 0).toBe(false);
    });

    test('never throws and never rejects, whatever the offer', async () => {
      await using under = await open();
      for (const bidFloorMicros of [0, 0.000001, 0.83, 1_000_000].map(units)) {
        const called = under.called.map((one) => ({ ...one, bidFloorMicros }));
        const answers = callMany({ ...under, called }, { deadline: () => deadlineOf(1) });
        for (const answer of await answers) expectShape(answer, 3);
      }
    });

    test('stops calls under way when the client hangs up', async () => {
      await using under = await open();
      const client = new AbortController();
      const startedMs = systemClock.elapsedMs();
      const answers = callMany(under, { deadline: () => deadlineOf(FAR_MS, client.signal) });
      client.abort();
      for (const answer of await answers) expectShape(answer, 3);
      expect(systemClock.elapsedMs() - startedMs).toBeLessThan(TMAX_MS + MARGIN_MS);
    });

    test('ends at once when the client has already hung up', async () => {
      await using under = await open();
      const startedMs = systemClock.elapsedMs();
      await callMany(under, { deadline: () => deadlineOf(FAR_MS, AbortSignal.abort()) });
      expect(systemClock.elapsedMs() - startedMs).toBeLessThan(TMAX_MS + MARGIN_MS);
    });

    test('calls many at once, each independently', async () => {
      await using under = await open();
      const client = new AbortController();
      const hungUp = callMany(under, { deadline: () => deadlineOf(FAR_MS, client.signal) });
      const others = callMany(under, { deadline: () => deadlineOf(TMAX_MS) });
      client.abort();
      const kinds = new Set((await others).map(({ kind }) => kind));
      await hungUp;
      expect([...kinds]).not.toEqual(['error']);
    });
  });
}
