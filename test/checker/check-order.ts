/**
 * Real-time order: a call meets a state no older than any answer from before it began.
 *
 * Two accepted bids are compared with each other; a refusal, a raise and a read, which take no seq
 * themselves, must have met one that was current at some time during their call.
 */
import type { Evidence } from './evidence.ts';
import type { Violation } from './violation.ts';
import { createViolation } from './violation.ts';
import type { Sighting, Windows } from './window.ts';

function checkBid(sighting: Sighting, windows: Windows): Violation[] {
  const shown = windows.shownBefore(sighting.invokedMs, true);
  if (shown === undefined || shown.seq < sighting.seq) return [];
  const sentence = `seq ${sighting.seq} was asked for after seq ${shown.seq} had been answered`;
  return [createViolation('real-time-order', sentence, [shown.operation, sighting.operation])];
}

function observerOf({ operation }: Sighting): 'refusal' | 'raise' | 'read' {
  if (operation.kind === 'read') return 'read';
  return operation.answer.kind === 'accepted' ? 'raise' : 'refusal';
}

function checkObserver(sighting: Sighting, windows: Windows): Violation[] {
  const { seq, operation } = sighting;
  const observer = observerOf(sighting);
  const shown = windows.shownBefore(sighting.invokedMs, false);
  if (shown !== undefined && shown.seq > seq && !sighting.mayBeOld) {
    const sentence = `the ${observer} shows seq ${seq}, but seq ${shown.seq} was shown before`;
    return [createViolation(`stale-${observer}`, sentence, [shown.operation, operation])];
  }
  const taken = windows.takenBy(sighting.respondedMs);
  if (seq <= taken) return [];
  const sentence = `the ${observer} shows seq ${seq}, the newest by then was ${taken}`;
  return [createViolation(`early-${observer}`, sentence, [operation])];
}

export function checkOrder({ windows }: Evidence): Violation[] {
  return windows.sightings.flatMap((sighting) =>
    sighting.accepted ? checkBid(sighting, windows) : checkObserver(sighting, windows),
  );
}
