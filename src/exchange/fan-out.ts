/**
 * Calling every bidder of an auction at once, under one deadline.
 *
 * Gives one answer a bidder, in the order of the bidders. It ends as soon as all have answered, at
 * the deadline at the latest, and at once when the client hangs up; whoever has not answered by then
 * is a timeout (after a hang-up: an error), and what it answers later is dropped. When every driver
 * answers at once there is no promise and no timer: that is the fast path of simulated bidders.
 */
import type { Deadline } from '../core/deadline.ts';
import type { Bidder, BidderAnswer, BidRequest, CalledBidder } from '../port/bidder.ts';

const US_PER_MS = 1000;

export type FanOut = {
  readonly bidder: Bidder;
  readonly request: BidRequest;
  readonly called: readonly CalledBidder[];
  readonly deadline: Deadline;
};

export function callBidders(fanOut: FanOut): BidderAnswer[] | Promise<BidderAnswer[]> {
  const answers: (BidderAnswer | undefined)[] = [];
  const waiting: Promise<void>[] = [];
  const { bidder, request, called, deadline } = fanOut;
  for (const [index, one] of called.entries()) {
    const answer = bidder.call(request, one, deadline);
    if (!(answer instanceof Promise)) answers[index] = answer;
    else {
      waiting.push(
        answer.then((arrived) => {
          answers[index] = arrived;
        }),
      );
    }
  }
  if (waiting.length === 0) return answers as BidderAnswer[];
  return settle(waiting, deadline).then((missing) => called.map((_, i) => answers[i] ?? missing));
}

/** Waits for all or for the end of the deadline; gives the answer of those who are missing then. */
async function settle(waiting: Promise<void>[], deadline: Deadline): Promise<BidderAnswer> {
  const tmaxUs = deadline.tmaxMs * US_PER_MS;
  const hangUp = deadline.hangUp();
  return new Promise((resolve) => {
    const end = (kind: 'timeout' | 'error') => {
      clearTimeout(timer);
      hangUp?.removeEventListener('abort', onHangUp);
      resolve({ kind, latencyUs: Math.min(Math.round(deadline.elapsedMs() * US_PER_MS), tmaxUs) });
    };
    const onHangUp = () => end('error');
    const timer = setTimeout(() => end('timeout'), Math.max(0, deadline.remainingMs()));
    hangUp?.addEventListener('abort', onHangUp);
    Promise.all(waiting).then(
      () => end('timeout'),
      () => end('error'),
    );
  });
}
