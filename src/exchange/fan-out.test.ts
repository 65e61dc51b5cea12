import { describe, expect, test } from 'bun:test';
import { impOf, units } from '../../test/support/auction.ts';
import { createManualClock } from '../../test/support/manual-clock.ts';
import { systemClock } from '../core/clock.ts';
import { createDeadline, type Deadline } from '../core/deadline.ts';
import { callBidders } from './fan-out.ts';
import type { BidderAnswer, CalledBidder } from './port/demand.ts';

type Reply = BidderAnswer | Promise<BidderAnswer>;

const TMAX_MS = 40;
/** An hour: what ends before it was ended by something else. */
const FAR_MS = 3_600_000;
const NO_BID: BidderAnswer = { kind: 'no-bid', latencyUs: 5_000 };
const BID: BidderAnswer = {
  kind: 'bids',
  bids: [{ impIndex: 0, priceMicros: units(0.83) }],
  latencyUs: 7_000,
};

/** Calls one bidder a reply; each behaves as its reply says. */
function callEach(replies: readonly (() => Reply)[], deadline: Deadline) {
  const called = replies.map((_, index): CalledBidder => ({ id: String(index), country: null }));
  return callBidders({
    demand: { call: (_, { id }) => replies[Number(id)]?.() ?? NO_BID },
    offer: { auctionId: 'auc_1', imps: [impOf()] },
    called,
    deadline,
  });
}

function deadlineOf(tmaxMs: number, hangUp?: AbortSignal): Deadline {
  return createDeadline(systemClock, tmaxMs, () => hangUp);
}

function silent(): Promise<BidderAnswer> {
  return new Promise(() => {});
}

function thrower(): never {
  throw new Error('a fault of the driver');
}

function rejecter(): Promise<BidderAnswer> {
  return Promise.reject(new Error('a fault of the driver'));
}

describe('a call of all bidders', () => {
  test('is there at once, without a promise, when all answer at once', () => {
    expect(callEach([() => BID, () => NO_BID], deadlineOf(FAR_MS))).toEqual([BID, NO_BID]);
    expect(callEach([], deadlineOf(FAR_MS))).toEqual([]);
  });

  test('ends as soon as the last has answered, in the order of the bidders', async () => {
    const last = Promise.withResolvers<BidderAnswer>();
    const answers = callEach(
      [() => last.promise, () => BID, async () => NO_BID],
      deadlineOf(FAR_MS),
    );
    last.resolve(NO_BID);
    expect(await answers).toEqual([NO_BID, BID, NO_BID]);
  });

  test('ends at the deadline: who has not answered is a timeout and the others stand', async () => {
    const deadline = deadlineOf(TMAX_MS);
    const answers = await callEach([silent, () => BID, async () => NO_BID], deadline);
    expect(answers.slice(1)).toEqual([BID, NO_BID]);
    expect(answers[0]?.kind).toBe('timeout');
    // A timer may fire within the last millisecond.
    expect(deadline.remainingMs()).toBeLessThan(1);
  });

  test('says of a timeout that it took no longer than tmax', async () => {
    const [answer] = await callEach([silent], deadlineOf(TMAX_MS));
    expect(answer?.latencyUs).toBeLessThanOrEqual(TMAX_MS * 1000);
    expect(answer?.latencyUs).toBeGreaterThan((TMAX_MS - 1) * 1000);
  });

  test('counts what was spent of the deadline before it', async () => {
    const spent = { ...deadlineOf(FAR_MS), remainingMs: () => -5, elapsedMs: () => FAR_MS + 5 };
    expect(await callEach([silent], spent)).toEqual([
      { kind: 'timeout', latencyUs: FAR_MS * 1000 },
    ]);
  });

  test('drops an answer that comes after the deadline', async () => {
    const late = Promise.withResolvers<BidderAnswer>();
    const answers = await callEach([() => late.promise], deadlineOf(1));
    late.resolve(BID);
    await late.promise;
    expect(answers[0]?.kind).toBe('timeout');
  });
});

describe('a client that hangs up', () => {
  test('ends the call: who has not answered is an error', async () => {
    const client = new AbortController();
    const answers = callEach([silent, () => BID], deadlineOf(FAR_MS, client.signal));
    client.abort();
    const [missing, there] = await answers;
    expect(missing?.kind).toBe('error');
    expect(there).toEqual(BID);
  });

  test('may have done so before', async () => {
    const [answer] = await callEach([silent], deadlineOf(FAR_MS, AbortSignal.abort()));
    expect(answer?.kind).toBe('error');
  });

  test('is not listened to any more when the auction is over', async () => {
    const client = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = client.signal;
    client.signal.addEventListener = (...call: Parameters<typeof addEventListener>) => {
      listeners++;
      addEventListener.apply(client.signal, call);
    };
    client.signal.removeEventListener = (...call: Parameters<typeof removeEventListener>) => {
      listeners--;
      removeEventListener.apply(client.signal, call);
    };
    await callEach([async () => BID], deadlineOf(FAR_MS, client.signal));
    expect(listeners).toBe(0);
  });
});

describe('a driver that breaks its promise', () => {
  test('and throws makes an error of this bidder alone', () => {
    const clock = createManualClock();
    const deadline = createDeadline(clock, FAR_MS);
    clock.advance(3);
    expect(callEach([() => BID, thrower, () => NO_BID], deadline)).toEqual([
      BID,
      { kind: 'error', latencyUs: 3_000 },
      NO_BID,
    ]);
  });

  test('and rejects makes an error of this bidder alone, and the others are waited for', async () => {
    const last = Promise.withResolvers<BidderAnswer>();
    const answers = callEach([rejecter, () => last.promise, thrower], deadlineOf(FAR_MS));
    await Bun.sleep(0);
    last.resolve(BID);
    const [rejected, answered, thrown] = await answers;
    expect([rejected?.kind, answered, thrown?.kind]).toEqual(['error', BID, 'error']);
  });

  test('and rejects after the deadline changes nothing and is no unhandled rejection', async () => {
    const late = Promise.withResolvers<BidderAnswer>();
    const answers = await callEach([() => late.promise], deadlineOf(1));
    late.reject(new Error('too late'));
    await Bun.sleep(0);
    expect(answers[0]?.kind).toBe('timeout');
  });
});
