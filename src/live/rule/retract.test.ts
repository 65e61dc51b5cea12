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
import { type Micros, ZERO_MICROS } from '../../core/money.ts';
import { closeItem } from './close.ts';
import type { BidRecord, ItemState } from './item.ts';
import { placeBid } from './place.ts';
import { takeBackFrom } from './retract.ts';

function historyOf(steps: readonly Step[]): BidRecord[] {
  return steps.flatMap(({ decision }) => (decision.accepted ? [decision.record] : []));
}

function offered(record: BidRecord): Micros {
  return record.maxMicros ?? record.amountMicros ?? ZERO_MICROS;
}

function bestOffer(history: readonly BidRecord[]): BidRecord | undefined {
  const most = Math.max(...history.map(offered));
  return history.find((record) => offered(record) === most);
}

/** Plays the wishes, then takes back the bid of the given number. */
function retracted(item: ItemState, list: readonly Wish[], number: number) {
  const steps = play(item, list);
  const options = { unwanted: { bidId: `bid${number}` }, eventId: 'back', nowMs: 90 };
  return takeBackFrom(historyOf(steps), lastState(item, steps), options);
}

const DUEL: Wish[] = [
  { userId: 'ann', max: 100 },
  { userId: 'ben', amount: 150 },
  { userId: 'cid', amount: 180 },
];

describe('a retraction', () => {
  test('gives the lead back to who would have had it, in one event', () => {
    const result = retracted(itemOf(), DUEL, 3);
    expect(result?.event).toEqual({
      type: 'retract',
      eventId: 'back',
      itemId: 'L1',
      epoch: 'epoch1',
      seq: 4,
      atMs: 90,
      retractedBidId: 'bid3',
      priceMicros: units(150),
      leaderId: 'ben',
      reserveMet: true,
    });
    expect(result?.state).toMatchObject({
      seq: 4,
      priceMicros: units(150),
      leaderId: 'ben',
      leaderMaxMicros: units(150),
      bidCount: 2,
    });
  });

  test('gives an outbid maximum its strength back', () => {
    const result = retracted(itemOf(), DUEL.slice(0, 2), 2);
    expect(result?.state).toMatchObject({
      priceMicros: units(50),
      leaderId: 'ann',
      leaderMaxMicros: units(100),
    });
    const next = result && placeBid(result.state, bidOf({ userId: 'cid', amount: 60 }), 91);
    expect(next).toMatchObject({ outbidByProxy: true, state: { seq: 4, priceMicros: units(70) } });
  });

  test('takes back a raised maximum too', () => {
    const raise = [
      { userId: 'ann', max: 100 },
      { userId: 'ann', max: 300 },
    ];
    expect(retracted(itemOf(), raise, 2)?.state).toMatchObject({ leaderMaxMicros: units(100) });
  });

  test('that unties two maxima may cost the leader one increment', () => {
    const tie = [
      { userId: 'ann', max: 190 },
      { userId: 'ben', max: 190 },
      { userId: 'ann', max: 205 },
    ];
    expect(retracted(itemOf(), tie, 1)?.state).toMatchObject({
      priceMicros: units(200),
      leaderId: 'ann',
    });
  });

  test('lets every other accepted bid count, though the price before it is another now', () => {
    const list = [
      { userId: 'ann', max: 190 },
      { userId: 'ben', max: 190 },
      { userId: 'ann', max: 200 },
      { userId: 'cid', amount: 202 },
    ];
    expect(retracted(itemOf(), list, 1)?.state).toMatchObject({
      priceMicros: units(202),
      leaderId: 'cid',
    });
  });

  test('may unmeet the reserve', () => {
    const result = retracted(itemOf({ reserveMicros: units(160) }), DUEL, 3);
    expect(result?.event).toMatchObject({ reserveMet: false, priceMicros: units(150) });
  });

  test('keeps the end that a soft close moved', () => {
    const softClose = { windowMs: 50, extendMs: 100, absoluteEndMs: null };
    const item = itemOf({ softClose }, { closesAtMs: 52 });
    expect(retracted(item, DUEL.slice(0, 2), 2)?.state.endsAtMs).toBe(102);
  });

  test('of an unknown bid is none', () => {
    expect(retracted(itemOf(), DUEL, 4)).toBeNull();
  });

  test('of a refused bid is none', () => {
    expect(retracted(itemOf(), [...DUEL, { userId: 'ann', amount: 1 }], 4)).toBeNull();
  });

  test('is none when the item has ended or is due', () => {
    const steps = play(itemOf(), DUEL);
    const history = historyOf(steps);
    const options = { unwanted: { bidId: 'bid3' }, eventId: 'back', nowMs: 90 };
    const state = lastState(itemOf(), steps);
    const closed = closeItem(state, { eventId: 'closing', force: true }, 80);
    expect(closed && takeBackFrom(history, closed.state, options)).toBeNull();
    expect(takeBackFrom(history, { ...state, endsAtMs: 90 }, options)).toBeNull();
  });
});

describe('whatever is bid, a retraction', () => {
  const someOfThem = fc.nat({ max: 24 });

  test('of the last accepted bid leaves what was before it, except seq', () => {
    fc.assert(
      fc.property(policies, wishes, (policy, list) => {
        const last = play(itemOf(policy), list).findLast((step) => step.decision.accepted);
        if (last === undefined) return;
        const number = Number(last.bid.bidId.slice(3));
        const result = retracted(itemOf(policy), list, number);
        const { decision, before } = last;
        const seq = decision.accepted ? decision.state.seq + 1 : 0;
        expect(result?.state).toEqual({ ...before, seq });
      }),
      { numRuns: 500 },
    );
  });

  test('leaves the lead to the earliest of those who offered most', () => {
    fc.assert(
      fc.property(policies, wishes, someOfThem, (policy, list, number) => {
        const item = itemOf(policy);
        const result = retracted(item, list, number);
        if (result === null) return;
        const others = historyOf(play(item, list)).filter(({ bidId }) => bidId !== `bid${number}`);
        const best = bestOffer(others);
        expect(result.state.leaderId).toBe(best?.userId ?? null);
        expect(result.state.leaderMaxMicros).toBe(best ? offered(best) : ZERO_MICROS);
        expect(result.state.priceMicros).toBeLessThanOrEqual(result.state.leaderMaxMicros);
      }),
      { numRuns: 500 },
    );
  });

  test('of every bid leaves the item as if nobody had bid, except seq', () => {
    fc.assert(
      fc.property(policies, wishes, (policy, list) => {
        const item = itemOf(policy);
        const steps = play(item, list);
        let history = historyOf(steps);
        let state = lastState(item, steps);
        while (history[0] !== undefined) {
          const { bidId } = history[0];
          const result = takeBackFrom(history, state, {
            unwanted: { bidId },
            eventId: 'back',
            nowMs: 90,
          });
          state = result?.state ?? state;
          history = history.filter((record) => record.bidId !== bidId);
        }
        expect(state).toEqual({ ...item, seq: state.seq });
      }),
    );
  });

  test('tells no maximum above the price', () => {
    fc.assert(
      fc.property(wishes, someOfThem, (list, number) => {
        const result = retracted(itemOf(), list, number);
        if (result === null || result.state.leaderMaxMicros === result.state.priceMicros) return;
        expect(Object.values(result.event)).not.toContain(result.state.leaderMaxMicros);
      }),
    );
  });
});
