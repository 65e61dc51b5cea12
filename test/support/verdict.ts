/** The checker's verdict over a history, under the increments of its own item. */
import { leastNext } from '../../src/live/rule/increment.ts';
import { NO_BID } from '../../src/live/rule/standing.ts';
import { checkHistory } from '../checker/checker.ts';
import type { History, Operation } from '../checker/history.ts';
import type { Violation } from '../checker/violation.ts';

export function judge(history: History): Violation[] {
  const { policy } = history.definition;
  return checkHistory(history, (priceMicros, bidCount) =>
    leastNext({ ...NO_BID, priceMicros, leaderId: bidCount === 0 ? null : 'somebody' }, policy),
  );
}

/** The bids that were answered as accepted, each by its id. */
export function acceptedBidIds(operations: readonly Operation[]): Set<string> {
  const ids = operations.flatMap((operation) =>
    operation.kind === 'bid' && operation.answer.kind === 'accepted' ? operation.answer.bidId : [],
  );
  return new Set(ids);
}
