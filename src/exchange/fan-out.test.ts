import { beforeEach, describe, expect, test } from 'bun:test';
import { impOf, units } from '../../test/support/auction.ts';
import { createManualTime } from '../../test/support/manual-timers.ts';
import { createDeadline, type Deadline } from '../core/deadline.ts';
import type { Timers } from '../core/timer.ts';
import { callBidders } from './fan-out.ts';
import type { BidderAnswer, CalledBidder } from './port/demand.ts';

type Reply = BidderAnswer | Promise<BidderAnswer>;

const TMAX_MS = 40;
const NO_BID: BidderAnswer = { kind: 'no-bid', latencyUs: 5_000 };
const TIMEOUT: BidderAnswer = { kind: 'timeout', latencyUs: TMAX_MS * 1000 };
const BID: BidderAnswer = {
  kind: 'bids',
  bids: [{ impIndex: 0, priceMicros: units(0.83) }],
  latencyUs: 7_000,
};

/** Moves only by `time.advance`: a call that ends by itself was not ended by the deadline. */
let time = createManualTime();
beforeEach(() => {
  time = createManualTime();
});

/** Calls one bidder per reply; each behaves as its reply says. */
function callEach(replies: readonly (() => Reply)[], deadline: Deadline, timers = time.timers) {
  const called = replies.map((_, index): CalledBidder => ({ id: String(index), country: null }));
  return callBidders({
    demand: { call: (_, { id }) => replies[Number(id)]?.() ?? NO_BID },
    offer: { auctionId: 'auc_1', imps: [impOf()] },
    called,
    deadline,
    timers,
  });
}

function deadlineOf(hangUp?: AbortSignal): Deadline {
  return createDeadline(time.clock, TMAX_MS, () => hangUp);
}

/** Lets all pending promises settle. */
async function turns(): Promise<void> {
  await new Promise(setImmediate);
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
  test('returns at once, without a promise, when all answer at once', () => {
    expect(callEach([() => BID, () => NO_BID], deadlineOf())).toEqual([BID, NO_BID]);
    expect(callEach([], deadlineOf())).toEqual([]);
  });

  test('ends as soon as the last has answered, in the order of the bidders', async () => {
    const last = Promise.withResolvers<BidderAnswer>();
    const answers = callEach([() => last.promise, () => BID, async () => NO_BID], deadlineOf());
    last.resolve(NO_BID);
    expect(await answers).toEqual([NO_BID, BID, NO_BID]);
  });

  test('ends at the deadline: missing answers are timeouts and the others stand', async () => {
    let isOver = false;
    const answers = callEach([silent, () => BID, async () => NO_BID], deadlineOf());
    const over = Promise.resolve(answers).then(() => {
      isOver = true;
    });
    time.advance(TMAX_MS - 1);
    await turns();
    expect(isOver).toBe(false);
    time.advance(1);
    await over;
    expect(await answers).toEqual([TIMEOUT, BID, NO_BID]);
  });

  test('reports that a timeout took tmax and no longer', async () => {
    const deadline = deadlineOf();
    const answers = callEach([silent], { ...deadline, remainingMs: () => TMAX_MS + 5 });
    time.advance(TMAX_MS + 5);
    expect(await answers).toEqual([TIMEOUT]);
  });

  test('counts the time that was spent before it', async () => {
    const deadline = deadlineOf();
    time.advance(TMAX_MS + 5);
    const waits: number[] = [];
    const timers: Timers = {
      after: (ms, run) => {
        waits.push(ms);
        return time.timers.after(ms, run);
      },
    };
    const answers = callEach([silent], deadline, timers);
    time.advance(0);
    expect(await answers).toEqual([TIMEOUT]);
    expect(waits).toEqual([0]);
  });

  test('drops an answer that arrives after the deadline', async () => {
    const late = Promise.withResolvers<BidderAnswer>();
    const answers = callEach([() => late.promise], deadlineOf());
    time.advance(TMAX_MS);
    const before = await answers;
    late.resolve(BID);
    await turns();
    expect(before).toEqual([TIMEOUT]);
  });

  test('leaves no timer behind when all have answered before the deadline', async () => {
    let waiting = 0;
    const timers: Timers = {
      after: (ms, run) => {
        waiting++;
        const callOff = time.timers.after(ms, run);
        return () => {
          waiting--;
          callOff();
        };
      },
    };
    await callEach([async () => BID], deadlineOf(), timers);
    expect(waiting).toBe(0);
  });
});

describe('a client that hangs up', () => {
  test('ends the call: missing answers are errors', async () => {
    const client = new AbortController();
    const answers = callEach([silent, () => BID], deadlineOf(client.signal));
    client.abort();
    const [missing, there] = await answers;
    expect(missing?.kind).toBe('error');
    expect(there).toEqual(BID);
  });

  test('may have hung up before the call', async () => {
    const [answer] = await callEach([silent], deadlineOf(AbortSignal.abort()));
    expect(answer?.kind).toBe('error');
  });

  test('is no longer watched when the auction is over', async () => {
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
    await callEach([async () => BID], deadlineOf(client.signal));
    expect(listeners).toBe(0);
  });
});

describe('a driver that breaks its promise', () => {
  test('and throws makes an error of this bidder alone', () => {
    const deadline = deadlineOf();
    time.advance(3);
    expect(callEach([() => BID, thrower, () => NO_BID], deadline)).toEqual([
      BID,
      { kind: 'error', latencyUs: 3_000 },
      NO_BID,
    ]);
  });

  test('and rejects makes an error of this bidder alone, and the others are waited for', async () => {
    const last = Promise.withResolvers<BidderAnswer>();
    const answers = callEach([rejecter, () => last.promise, thrower], deadlineOf());
    await turns();
    last.resolve(BID);
    const [rejected, answered, thrown] = await answers;
    expect([rejected?.kind, answered, thrown?.kind]).toEqual(['error', BID, 'error']);
  });

  test('and rejects after the deadline changes nothing and is no unhandled rejection', async () => {
    const late = Promise.withResolvers<BidderAnswer>();
    const answers = callEach([() => late.promise], deadlineOf());
    time.advance(TMAX_MS);
    expect(await answers).toEqual([TIMEOUT]);
    late.reject(new Error('too late'));
    await turns();
    expect(await answers).toEqual([TIMEOUT]);
  });
});
