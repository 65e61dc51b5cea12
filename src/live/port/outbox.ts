/**
 * The events of the book that nobody has carried away yet.
 *
 * The book appends to it in the same step as it decides; there is no other writer. `read` gives the
 * oldest entries that this reader has not been given, and waits up to `waitMs` when there are none.
 * The events of one item come in the order of their seq. A book may have several outboxes, each item
 * always in the same one. One reader at a time is given entries: another waits until it is gone. `ack` says that all up to a position are safe elsewhere: only then may they be trimmed.
 * After a crash what was not acked is given again. Not promised: a bound on the backlog. The book
 * refuses to decide before a backlog costs it the machine (`LIMIT.outboxEvents`).
 */
import type { ItemEvent } from '../rule/item.ts';

/** An event with its place in the outbox: positions rise, with gaps allowed. */
export type OutboxEntry = { readonly position: number; readonly event: ItemEvent };

export type OutboxRead = { readonly limit: number; readonly waitMs: number };

export type Outbox = {
  read(wanted: OutboxRead): Promise<readonly OutboxEntry[]>;
  ack(position: number): Promise<void>;
  /** Events not acked yet, and the age of the oldest. */
  backlog(): Promise<{ readonly events: number; readonly oldestAtMs: number | null }>;
};
