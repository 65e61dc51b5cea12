/** The log itself: one item, one epoch, seq from 1 without gap or duplicate, each event once. */
import type { Evidence } from './evidence.ts';
import type { Violation, ViolationKind } from './violation.ts';
import { createViolation } from './violation.ts';

export function checkSequence({ history }: Evidence): Violation[] {
  const violations: Violation[] = [];
  const report = (kind: ViolationKind, sentence: string) =>
    violations.push(createViolation(kind, sentence));
  const seqs = new Set<number>();
  const eventIds = new Set<string>();
  const epoch = history.log[0]?.epoch;
  let highest = 0;
  for (const { seq, eventId, itemId, ...event } of history.log) {
    if (itemId !== history.definition.itemId || event.epoch !== epoch) {
      report('foreign-event', `event ${eventId} is of item ${itemId}, epoch ${event.epoch}`);
    }
    if (seqs.has(seq)) report('seq-duplicate', `seq ${seq} is in the log more than once`);
    else if (seq < highest) report('seq-order', `seq ${seq} comes after seq ${highest}`);
    else if (seq !== highest + 1) report('seq-gap', `seq ${seq} follows seq ${highest}`);
    if (eventIds.has(eventId)) report('event-twice', `event ${eventId} is in the log twice`);
    highest = Math.max(highest, seq);
    seqs.add(seq);
    eventIds.add(eventId);
  }
  return violations;
}
