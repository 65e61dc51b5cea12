/**
 * Decides one impression: checks every answer, ranks the bids, clears the winner's price.
 *
 * Pure: the same impression, answers and terms give the same result, in any order of the answers.
 */
import type {
  Answer,
  AuctionEvent,
  AuctionTerms,
  Entry,
  Imp,
  ImpResult,
  Reason,
} from './auction.ts';
import { check } from './check.ts';
import { clear } from './clear.ts';
import { beats } from './rank.ts';

export function decide(imp: Imp, answers: readonly Answer[], terms: AuctionTerms): ImpResult {
  let winner: Answer | undefined;
  let runnerUp: Answer | undefined;
  const refused: (Reason | undefined)[] = [];
  for (const answer of answers) {
    const reason = check(imp, answer, terms);
    refused.push(reason);
    if (reason !== undefined) continue;
    if (winner === undefined || beats(answer, winner, terms.seed)) {
      runnerUp = winner;
      winner = answer;
    } else if (runnerUp === undefined || beats(answer, runnerUp, terms.seed)) {
      runnerUp = answer;
    }
  }
  return {
    imp,
    entries: answers.map((answer, index) => end(answer, refused[index], answer === winner)),
    winnerId: winner?.bidderId ?? null,
    clearingMicros: winner === undefined ? null : clear(imp, winner, runnerUp),
  };
}

function end(answer: Answer, refused: Reason | undefined, won: boolean): Entry {
  return {
    bidderId: answer.bidderId,
    outcome: answer.outcome,
    priceMicros: answer.priceMicros,
    latencyUs: answer.latencyUs,
    reason: refused ?? (won ? 'highest_bid' : 'outbid'),
  };
}

/** Decides a recorded auction again, from its inputs alone. */
export function replay(event: AuctionEvent): readonly ImpResult[] {
  return event.results.map((result) => decide(result.imp, result.entries, event));
}
