import { describe, expect, test } from 'bun:test';
import { toMicros } from '../../src/core/money.ts';
import type { BidAnswer, BidParameters } from './history.ts';
import { createRecorder } from './recorder.ts';

const BID: BidParameters = {
  userId: 'u1',
  amountMicros: toMicros(10),
  maxMicros: null,
  buyNow: false,
  idempotencyKey: null,
};
const REFUSED: BidAnswer = {
  kind: 'refused',
  code: 'bid_too_low',
  seq: 1,
  priceMicros: toMicros(10),
  nextMicros: toMicros(20),
};

function createSteppingClock() {
  let elapsedMs = 0;
  return { elapsedMs: () => ++elapsedMs };
}

describe('a recorder', () => {
  test('passes the answer on and keeps it with its window', async () => {
    const recorder = createRecorder(createSteppingClock());
    expect(await recorder.bid(BID, async () => REFUSED)).toBe(REFUSED);
    const window = { invokedMs: 1, respondedMs: 2 };
    expect(recorder.operations()).toEqual([{ ...BID, kind: 'bid', ...window, answer: REFUSED }]);
  });

  test('keeps overlapping calls in the order they began', async () => {
    const recorder = createRecorder(createSteppingClock());
    const slow = Promise.withResolvers<BidAnswer>();
    const pending = recorder.bid(BID, () => slow.promise);
    const state = { seq: 1, priceMicros: toMicros(10), status: 'active' } as const;
    await recorder.read(async () => state);
    slow.resolve(REFUSED);
    await pending;
    const kept = recorder.operations().map((call) => [call.kind, call.invokedMs, call.respondedMs]);
    expect(kept).toEqual([
      ['bid', 1, 4],
      ['read', 2, 3],
    ]);
  });

  test('counts a call under way, a failed one and an undecided one as unknown', async () => {
    const recorder = createRecorder(createSteppingClock());
    const failing = recorder.bid(BID, () => Promise.reject(new Error('connection reset')));
    expect(failing).rejects.toThrow('connection reset');
    await recorder.bid(BID, async () => ({ kind: 'unknown' }));
    void recorder.bid(BID, () => Promise.withResolvers<BidAnswer>().promise);
    const outcome = { respondedMs: null, answer: { kind: 'unknown' } };
    const expected = [1, 2, 3].map((invokedMs) => ({ ...BID, kind: 'bid', invokedMs, ...outcome }));
    expect(recorder.operations()).toEqual(expected as never);
  });
});
