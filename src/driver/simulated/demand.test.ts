import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { impOf, units } from '../../../test/support/auction.ts';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { createManualTime } from '../../../test/support/manual-timers.ts';
import { createDeadline, type Deadline } from '../../core/deadline.ts';
import { type Micros, toMicros } from '../../core/money.ts';
import { createRandom } from '../../core/random.ts';
import { systemTimers } from '../../core/timer.ts';
import { demandContract } from '../../exchange/port/demand.contract.ts';
import type { BidderAnswer, CalledBidder, Demand } from '../../exchange/port/demand.ts';
import { createSimulatedDemand, type SimulatedLatency } from './demand.ts';

const BIDDER: CalledBidder = { id: 'bidder1', country: null };
const TMAX_MS = 200;
const CALLS = 20_000;
const US_PER_MS = 1000;

for (const latency of ['drawn', 'real'] as const satisfies readonly SimulatedLatency[]) {
  demandContract(`simulated ${latency} latency`, async () => ({
    demand: createSimulatedDemand({ random: createRandom(1), latency, timers: systemTimers }),
    called: [BIDDER, { ...BIDDER, id: 'bidder2', bidFloorMicros: units(0.5) }],
    [Symbol.asyncDispose]: async () => {},
  }));
}

function drawnDemand(seed: number): Demand {
  const { timers } = createManualTime();
  return createSimulatedDemand({ random: createRandom(seed), latency: 'drawn', timers });
}

function drawMany(seed: number, count: number, called: CalledBidder = BIDDER): BidderAnswer[] {
  const demand = drawnDemand(seed);
  const deadline = createDeadline(createManualClock(), TMAX_MS);
  const offer = { auctionId: 'auc_1', imps: [impOf()] };
  return Array.from({ length: count }, () => demand.call(offer, called, deadline) as BidderAnswer);
}

function pricesOf(answers: readonly BidderAnswer[]): Micros[] {
  return answers.flatMap((answer) =>
    answer.kind === 'bids' ? answer.bids.map(({ priceMicros }) => priceMicros) : [],
  );
}

/** Four standard deviations of a share of `count` draws. */
function margin(share: number, count: number): number {
  return 4 * Math.sqrt((share * (1 - share)) / count);
}

describe('a simulated bidder', () => {
  const answers = drawMany(1, CALLS);
  const inTime = answers.filter(({ kind }) => kind !== 'timeout');

  test('is too late in a third of all calls', () => {
    const share = 1 - inTime.length / CALLS;
    expect(Math.abs(share - 1 / 3)).toBeLessThan(margin(1 / 3, CALLS));
  });

  test('with a floor of its own is too late in fewer than one call of twenty, but sometimes', () => {
    const own = drawMany(1, CALLS, { ...BIDDER, bidFloorMicros: units(0.5) });
    const share = own.filter(({ kind }) => kind === 'timeout').length / CALLS;
    expect(share).toBeLessThan(0.05 + margin(0.05, CALLS));
    expect(share).toBeGreaterThan(0.04);
  });

  test('draws its latency evenly from 0 to 1.5 x tmax', () => {
    const tenths = new Array<number>(10).fill(0);
    for (const { latencyUs } of answers) {
      const tenth = Math.floor((latencyUs / (1.5 * TMAX_MS * US_PER_MS)) * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    expect(tenths.length).toBe(10);
    for (const count of tenths) {
      expect(Math.abs(count / CALLS - 0.1)).toBeLessThan(margin(0.1, CALLS));
    }
  });

  test('is too late exactly when its latency is over tmax', () => {
    for (const { kind, latencyUs } of answers) {
      expect(kind === 'timeout').toBe(latencyUs > TMAX_MS * US_PER_MS);
    }
  });

  test('has no bid in 30 of 100 answers', () => {
    const share = inTime.filter(({ kind }) => kind === 'no-bid').length / inTime.length;
    expect(Math.abs(share - 0.3)).toBeLessThan(margin(0.3, inTime.length));
  });

  test('bids each of 0.01 to 1.00 in whole cents, all equally often', () => {
    const prices = pricesOf(answers);
    const seen = new Set(prices.map((priceMicros) => priceMicros / 10_000));
    expect([...seen].sort((left, right) => left - right)).toEqual(
      Array.from({ length: 100 }, (_, index) => index + 1),
    );
    const low = prices.filter((priceMicros) => priceMicros <= units(0.5)).length / prices.length;
    expect(Math.abs(low - 0.5)).toBeLessThan(margin(0.5, prices.length));
  });

  test('bids from its floor to twice it, in cents when the floor is in cents', () => {
    const prices = pricesOf(drawMany(1, 5_000, { ...BIDDER, bidFloorMicros: units(0.05) }));
    const seen = [...new Set(prices)].sort((left, right) => left - right);
    expect(seen).toEqual([0.05, 0.06, 0.07, 0.08, 0.09, 0.1].map(units));
  });

  test('bids from its floor to twice it, whatever the floor', () => {
    const anyFloor = fc.integer({ min: 0, max: 1_000_000_000_000 }).map(toMicros);
    fc.assert(
      fc.property(anyFloor, fc.nat(), (bidFloorMicros, seed) => {
        for (const priceMicros of pricesOf(drawMany(seed, 10, { ...BIDDER, bidFloorMicros }))) {
          expect(priceMicros).toBeGreaterThanOrEqual(bidFloorMicros);
          expect(priceMicros).toBeLessThanOrEqual(2 * bidFloorMicros);
        }
      }),
    );
  });

  test('decides on each impression by itself, with one latency a call', () => {
    const demand = drawnDemand(2);
    const imps = Array.from({ length: 100 }, () => impOf());
    const deadline = createDeadline(createManualClock(), TMAX_MS);
    const counts = Array.from({ length: 50 }, () => {
      const answer = demand.call({ auctionId: 'auc_1', imps }, BIDDER, deadline) as BidderAnswer;
      return pricesOf([answer]).length;
    }).filter((count) => count > 0);
    for (const count of counts) expect(Math.abs(count - 70)).toBeLessThan(25);
    expect(new Set(counts).size).toBeGreaterThan(3);
  });

  test('runs the same for the same seed and differently for another', () => {
    expect(drawMany(5, 100)).toEqual(drawMany(5, 100));
    expect(drawMany(5, 100)).not.toEqual(drawMany(6, 100));
  });
});

describe('real latency', () => {
  const offer = { auctionId: 'auc_1', imps: [impOf()] };
  const tmaxUs = TMAX_MS * US_PER_MS;

  /** Calls of one bidder, each begun and looked at by hand. */
  function createStage(seed: number) {
    const { clock, timers, advance } = createManualTime();
    const demand = createSimulatedDemand({ random: createRandom(seed), latency: 'real', timers });
    const call = (deadline: Deadline) => {
      const answers: BidderAnswer[] = [];
      void Promise.resolve(demand.call(offer, BIDDER, deadline)).then((answer) =>
        answers.push(answer),
      );
      return answers;
    };
    return { clock, call, pass: (us: number) => advance(us / US_PER_MS) };
  }

  test('is slept before the answer, which is then as it was drawn', async () => {
    const { clock, call, pass } = createStage(4);
    for (const drawn of drawMany(4, 60)) {
      const answers = call(createDeadline(clock, TMAX_MS));
      const expected: BidderAnswer =
        drawn.kind === 'timeout' ? { kind: 'timeout', latencyUs: tmaxUs } : drawn;
      pass(expected.latencyUs - 1);
      await Promise.resolve();
      expect(answers).toEqual([]);
      pass(2);
      await Promise.resolve();
      expect(answers).toMatchObject([{ kind: expected.kind }]);
      if (drawn.kind !== 'timeout') expect(answers).toEqual([drawn]);
    }
  });

  test('that the deadline cuts is a timeout, also when tmax alone would have allowed it', async () => {
    const { clock, call, pass } = createStage(4);
    const deadline = createDeadline(clock, 3_600_000);
    const calls = Array.from({ length: 20 }, () => call({ ...deadline, remainingMs: () => 1 }));
    pass(US_PER_MS);
    await Promise.resolve();
    for (const answers of calls) expect(answers).toEqual([{ kind: 'timeout', latencyUs: 1_000 }]);
  });

  test('that a hang-up cuts is an error', async () => {
    const { clock, call, pass } = createStage(4);
    const client = new AbortController();
    const deadline = createDeadline(clock, 3_600_000, () => client.signal);
    const calls = Array.from({ length: 20 }, () => call(deadline));
    pass(US_PER_MS);
    client.abort();
    await Promise.resolve();
    for (const answers of calls) expect(answers).toEqual([{ kind: 'error', latencyUs: 1_000 }]);
  });
});
