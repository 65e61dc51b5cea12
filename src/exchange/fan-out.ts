/**
 * Calls every bidder of an auction at once, under one deadline.
 *
 * Returns one answer per bidder, in the order of the bidders. It ends as soon as all have answered,
 * at the deadline at the latest, and at once when the client hangs up; a bidder that has not
 * answered by then is a timeout (after a hang-up: an error), and its later answer is dropped. A
 * call that throws or rejects is that bidder's error alone. When every driver answers at once there
 * is no promise and no timer: that is the fast path of simulated bidders.
 */
import type { Deadline } from '../core/deadline.ts';
import type { Timers } from '../core/timer.ts';
import type { BidderAnswer, CalledBidder, Demand, Offer } from './port/demand.ts';

const US_PER_MS = 1000;

export type FanOut = {
  readonly demand: Demand;
  readonly offer: Offer;
  readonly called: readonly CalledBidder[];
  readonly deadline: Deadline;
  readonly timers: Timers;
};

export function callBidders(fanOut: FanOut): BidderAnswer[] | Promise<BidderAnswer[]> {
  const answers: (BidderAnswer | undefined)[] = [];
  const waiting: Promise<void>[] = [];
  const { called, deadline } = fanOut;
  for (const [index, bidder] of called.entries()) {
    const answer = call(fanOut, bidder);
    if (!(answer instanceof Promise)) answers[index] = answer;
    else {
      waiting.push(
        answer.then(
          (arrived) => {
            answers[index] = arrived;
          },
          () => {
            answers[index] = unanswered('error', deadline);
          },
        ),
      );
    }
  }
  if (waiting.length === 0) return answers as BidderAnswer[];
  return settle(waiting, fanOut).then((missing) => called.map((_, i) => answers[i] ?? missing));
}

function call(
  { demand, offer, deadline }: FanOut,
  bidder: CalledBidder,
): ReturnType<Demand['call']> {
  try {
    return demand.call(offer, bidder, deadline);
  } catch {
    return unanswered('error', deadline);
  }
}

function unanswered(kind: 'timeout' | 'error', deadline: Deadline): BidderAnswer {
  const elapsedMs = Math.min(deadline.elapsedMs(), deadline.tmaxMs);
  return { kind, latencyUs: Math.round(elapsedMs * US_PER_MS) };
}

/** Waits for all or for the deadline. @returns the kind of answer that a missing bidder gets. */
function settle(
  waiting: readonly Promise<void>[],
  { deadline, timers }: FanOut,
): Promise<BidderAnswer> {
  const hangUp = deadline.hangUp();
  return new Promise((resolve) => {
    const end = (kind: 'timeout' | 'error') => {
      callOff();
      hangUp?.removeEventListener('abort', onHangUp);
      resolve(unanswered(kind, deadline));
    };
    const onHangUp = () => end('error');
    const leftMs = Math.max(0, deadline.remainingMs());
    const callOff = timers.after(leftMs, () => end('timeout'));
    if (hangUp?.aborted) onHangUp();
    hangUp?.addEventListener('abort', onHangUp);
    // No answer is missing, so the kind does not matter.
    void Promise.all(waiting).then(() => end('timeout'));
  });
}
