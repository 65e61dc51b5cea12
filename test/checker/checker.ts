/**
 * The linearizability checker of one live item: are all answers consistent with one order of
 * events?
 *
 * Accepted bids carry a gapless seq and refusals the seq they were judged at, so the order is known
 * and only has to be checked: no search, n log n over all calls, no recursion. Promised: a history
 * that a correct book can produce has no violation. Not promised: one violation per fault; a lost
 * bid shows in the log, in its answer and in later answers. Secret maxima are not tracked, so a
 * proxy that answers too little or too late is left to the rule's own tests.
 */
import { checkAccepted } from './check-accepted.ts';
import { checkArchive } from './check-archive.ts';
import { checkCause } from './check-cause.ts';
import { checkKey } from './check-key.ts';
import { checkOrder } from './check-order.ts';
import { checkPrice } from './check-price.ts';
import { checkRead } from './check-read.ts';
import { checkRefusal } from './check-refusal.ts';
import { checkSequence } from './check-sequence.ts';
import { checkViewer } from './check-viewer.ts';
import type { Check, NextMicrosAt } from './evidence.ts';
import { createEvidence } from './evidence.ts';
import type { History } from './history.ts';
import type { Violation } from './violation.ts';

const CHECKS: readonly Check[] = [
  checkSequence,
  checkPrice,
  checkAccepted,
  checkCause,
  checkOrder,
  checkRefusal,
  checkKey,
  checkRead,
  checkArchive,
  checkViewer,
];

/** @returns nothing when the history is linearizable; else every violation, check by check. */
export function checkHistory(history: History, nextMicrosAt: NextMicrosAt): Violation[] {
  const evidence = createEvidence(history, nextMicrosAt);
  return CHECKS.flatMap((check) => check(evidence));
}
