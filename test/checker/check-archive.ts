/** The archive's rows equal the log: none missing, duplicate, foreign or altered. */
import type { ItemEvent } from '../../src/live/rule/item.ts';
import type { Evidence } from './evidence.ts';
import type { Violation, ViolationKind } from './violation.ts';
import { createViolation } from './violation.ts';

function checkRow(row: ItemEvent, logged: ItemEvent | undefined): Violation[] {
  const report = (kind: ViolationKind, sentence: string) => [createViolation(kind, sentence)];
  if (logged === undefined) {
    return report('archive-foreign', `the archive's event ${row.eventId} is not in the log`);
  }
  if (Bun.deepEquals(row, logged, true)) return [];
  return report('archive-altered', `the archive's event ${row.eventId} differs from the log's`);
}

export function checkArchive({ history, log }: Evidence): Violation[] {
  if (history.archive === null) return [];
  const violations: Violation[] = [];
  const archived = new Set<string>();
  for (const row of history.archive) {
    if (archived.has(row.eventId)) {
      violations.push(createViolation('archive-twice', `event ${row.eventId} is archived twice`));
    }
    archived.add(row.eventId);
    violations.push(...checkRow(row, log.byEventId.get(row.eventId)));
  }
  for (const { eventId, seq } of history.log) {
    if (archived.has(eventId)) continue;
    const sentence = `event ${eventId}, seq ${seq}, is not in the archive`;
    violations.push(createViolation('archive-missing', sentence));
  }
  return violations;
}
