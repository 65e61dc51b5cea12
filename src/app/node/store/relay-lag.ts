/** Whether the relay, which may be another process, carries what the book has decided. */
import type { Clock } from '../../../core/clock.ts';
import type { Outbox } from '../../../live/port/outbox.ts';

/** Another relay takes over within five seconds. */
const LATE_MS = 10_000;

/** An outbox that cannot be asked is another part's fault. */
export async function isCarriedInTime(
  outboxes: readonly Pick<Outbox, 'backlog'>[],
  clock: Clock,
): Promise<boolean> {
  const ages = outboxes.map(async (outbox) => {
    const oldestAtMs = await oldestOf(outbox);
    return oldestAtMs === null ? 0 : clock.nowMs() - oldestAtMs;
  });
  return Math.max(0, ...(await Promise.all(ages))) < LATE_MS;
}

async function oldestOf(outbox: Pick<Outbox, 'backlog'>): Promise<number | null> {
  try {
    return (await outbox.backlog()).oldestAtMs;
  } catch {
    return null;
  }
}
