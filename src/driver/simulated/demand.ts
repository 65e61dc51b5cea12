/**
 * Random bidders, as seeds 001 and 003 describe them: for trials, tests and benchmarks.
 *
 * Per call one latency, uniform in 0 to 1.5 x tmax, and a timeout when it is over tmax. Per
 * impression a no-bid in 30 of 100 cases, else a price uniform in 0.01 to 1.00, in whole cents.
 *
 * A bidder that a request brings along (seed 000), with a `bidFloorMicros`, draws its price from that
 * floor to twice it, and its latency from 0 to 1.05 x tmax: the seed says nothing of timeouts, and one
 * in twenty shows that they exist. `drawn` latency is reported but not slept; `real` latency is slept, so
 * the deadline cuts it as it cuts a real bidder.
 */
import type { Deadline } from '../../core/deadline.ts';
import { MICROS_PER_CENT, type Micros, toMicros } from '../../core/money.ts';
import type { Random } from '../../core/random.ts';
import type { Timers } from '../../core/timer.ts';
import type {
  BidderAnswer,
  CalledBidder,
  Demand,
  ImpBid,
  Offer,
} from '../../exchange/port/demand.ts';

export type SimulatedLatency = 'drawn' | 'real';

export type SimulatedDemandParts = {
  readonly random: Random;
  readonly latency: SimulatedLatency;
  readonly timers: Timers;
};

const LATENCY_SHARE_OF_TMAX = { ofCatalog: 1.5, ofRequest: 1.05 };
const NO_BID_SHARE = 0.3;
const US_PER_MS = 1000;
const HIGHEST_CENTS = 100;

export function createSimulatedDemand(parts: SimulatedDemandParts): Demand {
  const { random, latency, timers } = parts;

  function draw(offer: Offer, bidder: CalledBidder, tmaxMs: number): BidderAnswer {
    const tmaxUs = tmaxMs * US_PER_MS;
    const { ofCatalog, ofRequest } = LATENCY_SHARE_OF_TMAX;
    const share = bidder.bidFloorMicros === undefined ? ofCatalog : ofRequest;
    const latencyUs = Math.floor(random.next() * share * tmaxUs);
    if (latencyUs > tmaxUs) return { kind: 'timeout', latencyUs };
    const bids: ImpBid[] = [];
    for (let impIndex = 0; impIndex < offer.imps.length; impIndex++) {
      if (random.next() < NO_BID_SHARE) continue;
      bids.push({ impIndex, priceMicros: drawPrice(random, bidder.bidFloorMicros) });
    }
    return bids.length === 0 ? { kind: 'no-bid', latencyUs } : { kind: 'bids', bids, latencyUs };
  }

  return {
    call: (offer, bidder, deadline) => {
      const answer = draw(offer, bidder, deadline.tmaxMs);
      return latency === 'drawn' ? answer : slept(answer, deadline, timers);
    },
  };
}

function drawPrice(random: Random, bidFloorMicros: Micros | undefined): Micros {
  if (bidFloorMicros === undefined) {
    return toMicros(random.integer(1, HIGHEST_CENTS) * MICROS_PER_CENT);
  }
  // For a floor in whole cents the bid is in whole cents; for a finer one in micros.
  const step = bidFloorMicros % MICROS_PER_CENT === 0 ? MICROS_PER_CENT : 1;
  return toMicros(bidFloorMicros + random.integer(0, bidFloorMicros / step) * step);
}

/** Sleeps what was drawn; what the deadline cuts is a timeout, what a hang-up cuts an error. */
function slept(answer: BidderAnswer, deadline: Deadline, timers: Timers): Promise<BidderAnswer> {
  const hangUp = deadline.hangUp();
  const drawnMs = answer.latencyUs / US_PER_MS;
  const leftMs = Math.max(0, deadline.remainingMs());
  return new Promise((resolve) => {
    const end = (ended: BidderAnswer) => {
      callOff();
      hangUp?.removeEventListener('abort', onHangUp);
      resolve(ended);
    };
    const cut = (kind: 'timeout' | 'error') =>
      end({ kind, latencyUs: Math.round(deadline.elapsedMs() * US_PER_MS) });
    const onHangUp = () => cut('error');
    const wake = () => (drawnMs > leftMs ? cut('timeout') : end(answer));
    const callOff = timers.after(Math.min(drawnMs, leftMs), wake);
    if (hangUp?.aborted) onHangUp();
    else hangUp?.addEventListener('abort', onHangUp);
  });
}
